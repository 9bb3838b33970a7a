import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { type Issue, issueSchema } from '../../../infra/local/frabit/frabit.ts';
import { type FrabitTable, openFrabitTable } from '../../../infra/local/frabit/frabit-table.ts';
import {
  openSimulator,
  type SimulatorClient,
} from '../../../infra/local/simulators/feishu/control-client.ts';
import { stepSchema } from '../../../shared/issue/record.ts';
import { freePort } from '../../support/free-port.ts';
import { aPlace, type StartedStack, startStackProcess } from '../../support/running-stack.ts';
import { aSigningSecret } from '../../support/secrets.ts';
import { type CliRun, cli } from '../../unit/cli/support.ts';
import { blocksOf, type ExampleOa, OA_SOURCE, startExampleOa } from './example-oa.ts';

/** Runs the example OA of docs/external-approvals.md with a local stack. */

describe('the examples of docs/external-approvals.md', () => {
  it('include an OA of at most 30 lines in plain Node.js', () => {
    const lines = OA_SOURCE.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.length).toBeLessThanOrEqual(30);
    const imported = [...OA_SOURCE.matchAll(/from '([^']+)'/g)].map(([, name]) => name);
    expect(imported.every((name) => name?.startsWith('node:'))).toBe(true);
    expect(imported).toHaveLength(3);
  });

  it('include a flow that the record schema accepts', () => {
    const [block = ''] = blocksOf('json');
    const { approvalFlow } = z
      .object({ approvalFlow: z.object({ steps: z.array(stepSchema) }) })
      .parse(JSON.parse(block));
    expect(approvalFlow.steps.map(({ kind }) => kind)).toEqual(['FRABIT', 'EXTERNAL']);
  });

  it('use existing options and variables of the command line', async () => {
    const commands = blocksOf('sh').join('\n');
    const { out } = await cli(['external', 'set', '--help']);
    const options = [...commands.matchAll(/frabit-im external set [^\n]*/g)].flatMap(
      ([line]) => line.match(/--[a-z-]+/g) ?? [],
    );
    expect(options.length).toBeGreaterThan(3);
    for (const option of options) expect(out).toContain(option);
    expect(out).toContain('EXTERNAL_SIGNING_SECRET');
  });
});

describe('the example OA', () => {
  const NODE_ID = 'finance-oa';
  const APPROVER = 'chen.hao@example.com';
  /** Too short for the log scan, because this OA must print the SQL. */
  const SQL = 'SELECT 4711';
  const signingSecret = aSigningSecret();
  let place: Awaited<ReturnType<typeof aPlace>>;
  let stack: StartedStack;
  let front: string;
  let table: FrabitTable;
  let feishu: SimulatorClient;
  let oa: ExampleOa;
  let endpoint: string;
  let setUp: CliRun;

  beforeAll(async () => {
    place = await aPlace();
    stack = startStackProcess({ ...place.env, SEED: '0' });
    await stack.waitFor(/Ready after/);
    const printed = (name: string) => new RegExp(`${name} +(\\S+)`).exec(stack.output())?.[1] ?? '';
    front = printed('Console');
    table = openFrabitTable(printed('DynamoDB Local'));
    feishu = openSimulator(printed('Feishu simulator'));
    const port = String(await freePort());
    endpoint = `http://127.0.0.1:${port}`;
    const argv = ['external', 'set', NODE_ID, '--title', 'Finance', '--endpoint', endpoint];
    setUp = await cli([...argv, '--local', front, '--json'], {
      env: { EXTERNAL_SIGNING_SECRET: signingSecret },
    });
    const { eventsUrl } = z.object({ eventsUrl: z.string() }).parse(setUp.json());
    oa = await startExampleOa({ SIGNING_SECRET: signingSecret, EVENTS_URL: eventsUrl, PORT: port });
    await answers();
  });
  afterAll(async () => {
    table?.close();
    await oa?.stop();
    await stack?.stop('SIGKILL');
    await place?.remove();
  });

  const answers = () => until(() => fetch(endpoint).then(({ status }) => expect(status).toBe(401)));
  /** Waits less than a minute, after which the core looks anyway, so that a lost event fails the test. */
  const until = (look: () => Promise<void>) => vi.waitFor(look, { timeout: 40_000, interval: 50 });

  /** Writes the example issue of docs/, without BELL_ONLY. */
  async function write(issueId: string): Promise<string> {
    const { approvalMode: _, ...example } = issueSchema.parse(
      JSON.parse(
        readFileSync(new URL('../../../docs/examples/issue-approval-flow.json', import.meta.url), 'utf8'),
      ),
    );
    await table.put(withSql({ ...example, issueId }, SQL));
    return issueId;
  }
  const withSql = (issue: Issue, statement: string): Issue => ({
    ...issue,
    stages: issue.stages.map((stage) => ({
      ...stage,
      tasks: stage.tasks.map((task) => ({ ...task, statement, status: 'PENDING_APPROVAL' })),
    })),
  });
  const stepOf = (issue: Issue | undefined) => ({
    status: issue?.approvalFlow?.steps.find(({ stepId }) => stepId === 'finance')?.status,
    approval: issue?.stepApprovals?.finance,
    hold: issue?.approvalHold,
    stage: issue?.stageApprovals?.prod?.state,
  });
  const isAsked = (issueId: string) =>
    vi.waitUntil(
      async () => {
        const { approval } = stepOf(await table.read(issueId));
        const isThere = approval?.state === 'PENDING' && oa.asked().includes(approval.approvalId);
        return isThere && approval.approvalId;
      },
      { timeout: 40_000, interval: 50 },
    );
  const cardOf = async (issueId: string) => {
    const { stageApprovals } = (await table.read(issueId)) ?? {};
    const { pending } = await feishu.inbox(APPROVER);
    return pending.find(({ uuid }) => uuid === stageApprovals?.prod?.approvalId);
  };

  it('is set up by the command line, which does not print the secret', () => {
    expect(setUp.exit).toBe(0);
    expect(setUp.json()).toEqual({
      nodeId: NODE_ID,
      title: 'Finance',
      endpoint,
      eventsPath: `/external-approvals/${NODE_ID}/events`,
      eventsUrl: `${front}/external-approvals/${NODE_ID}/events`,
    });
  });

  it('approves a step, and then the stage is sent to Feishu and a tap approves its tasks', async () => {
    const issueId = await write('example-approved');
    const approvalId = await isAsked(issueId);
    expect(stepOf(await table.read(issueId))).toMatchObject({ status: 'PENDING', hold: 'FLOW_PENDING' });
    expect(await cardOf(issueId)).toBeUndefined();

    oa.type(`APPROVED ${approvalId} Within budget`);
    await until(async () => {
      expect(stepOf(await table.read(issueId))).toMatchObject({
        status: 'APPROVED',
        stage: 'PENDING',
        approval: {
          state: 'APPROVED',
          decisions: [{ by: { email: 'me@example.com' }, comment: 'Within budget', applied: true }],
        },
      });
    });
    const card = await cardOf(issueId);
    await feishu.approve(card?.instanceCode ?? '', APPROVER);
    await until(async () => {
      const issue = await table.read(issueId);
      expect(issue?.stages[0]?.tasks.map(({ status }) => status)).toEqual(['PENDING']);
    });
    const { exit, out } = await cli(['show', issueId, '--no-sql', '--local', front]);
    expect(exit).toBe(0);
    expect(out).toContain(`to the external node ${NODE_ID}`);
    expect(out).toContain('APPROVED by me@example.com: Within budget');
  });

  it('is asked again when the SQL changes, and holds the flow when it rejects', async () => {
    const issueId = await write('example-refused');
    const first = await isAsked(issueId);
    await table.change(issueId, (issue) => withSql(issue, 'SELECT 4712'));
    await until(async () => {
      const { approval } = stepOf(await table.read(issueId));
      expect(approval).toMatchObject({ generation: 2, state: 'PENDING' });
    });
    // A canceled approval can no longer be decided.
    oa.type(`APPROVED ${first}`);
    expect(await atOa(first)).toMatchObject({ status: 200, body: { id: first, status: 'CANCELED' } });
    oa.type(`REJECTED ${await isAsked(issueId)} Not before the audit`);
    await until(async () => {
      expect(stepOf(await table.read(issueId))).toMatchObject({
        status: 'REJECTED',
        hold: 'FLOW_REJECTED',
        approval: { generation: 2, state: 'REJECTED', decisions: [{ comment: 'Not before the audit' }] },
      });
    });
    expect(await atOa(first)).toMatchObject({ body: { status: 'CANCELED' } });
  });

  it('is asked again with the same approvalId when it has forgotten an approval', async () => {
    const issueId = await write('example-forgotten');
    const approvalId = await isAsked(issueId);
    await oa.restart();
    await answers();
    expect(oa.asked()).toEqual([]);
    expect((await sendEvent(approvalId)).status).toBe(200);
    expect(await isAsked(issueId)).toBe(approvalId);
  });

  it('refuses requests without a valid signature, or with an old one', async () => {
    const statusOf = async (headers: Record<string, string>) => (await atOa('x', headers)).status;
    expect(await statusOf({})).toBe(401);
    expect(await statusOf({ ...signed('', minutesAgo(0)), 'webhook-signature': 'v1,AAAA' })).toBe(401);
    expect(await statusOf(signed('', minutesAgo(6)))).toBe(401);
    expect(await statusOf(signed('', minutesAgo(0)))).toBe(404);
  });

  async function atOa(id: string, headers = signed('', minutesAgo(0))) {
    const response = await fetch(`${endpoint}/approval/${id}`, { headers });
    return { status: response.status, body: await response.json() };
  }

  const minutesAgo = (minutes: number) => Math.floor(Date.now() / 1_000) - minutes * 60;

  function signed(body: string, at: number): Record<string, string> {
    const key = Buffer.from(signingSecret.replace('whsec_', ''), 'base64');
    const signature = createHmac('sha256', key).update(`msg_1.${at}.${body}`).digest('base64');
    return {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(at),
      'webhook-signature': `v1,bm9uZSBvZiBvdXJz v1,${signature}`,
    };
  }

  function sendEvent(approvalId: string): Promise<Response> {
    const body = JSON.stringify({ approvalId });
    return fetch(`${front}/external-approvals/${NODE_ID}/events`, {
      method: 'POST',
      headers: signed(body, minutesAgo(0)),
      body,
    });
  }
});
