import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { demoIssue } from '../../../infra/local/frabit/frabit.ts';
import { isSigningSecret } from '../../../shared/external/signatures.ts';
import { aBareStack, type BareStack } from '../../support/command-line.ts';
import { aSigningSecret, declareSecret } from '../../support/secrets.ts';
import { cli } from '../../unit/cli/support.ts';

/** `frabit-im external` against the real settings API. */
describe('external, on a local stack', () => {
  let stack: BareStack;
  let front: string;
  beforeAll(async () => {
    stack = await aBareStack();
    front = new URL(stack.webhookUrl).origin;
  });
  afterAll(() => stack?.stop());

  const external = (...argv: string[]) => cli(['external', ...argv, '--json', '--local', front]);
  const ENDPOINT = 'http://127.0.0.1:1/oa';
  const savedSchema = z.object({
    endpoint: z.string(),
    eventsUrl: z.string(),
    signingSecret: z.string().optional(),
  });
  const linesSchema = z.object({ lines: z.array(z.looseObject({ service: z.string() })) });
  /** Returns the answer and declares its secret, which only this command may print. */
  async function set(...argv: string[]) {
    const run = await external('set', ...argv);
    expect(run.err).toBe('');
    const saved = savedSchema.parse(run.json());
    if (saved.signingSecret) declareSecret('signing secret', saved.signingSecret);
    return saved;
  }

  it('generates a secret for a new node and shows it once', async () => {
    const saved = await set('board', '--title', 'Board', '--endpoint', `${ENDPOINT}/`);
    expect(isSigningSecret(saved.signingSecret ?? '')).toBe(true);
    expect(saved.endpoint).toBe(ENDPOINT);
    expect(saved.eventsUrl).toBe(`${front}/external-approvals/board/events`);
    const shown = await external('show', 'board');
    expect(shown.json()).toEqual({
      nodeId: 'board',
      title: 'Board',
      endpoint: ENDPOINT,
      eventsPath: '/external-approvals/board/events',
      eventsUrl: saved.eventsUrl,
      live: 0,
    });
  });

  it('keeps the secret when a node changes, and generates another one with --rotate', async () => {
    expect(await set('board', '--title', 'The board')).not.toHaveProperty('signingSecret');
    const [one, two] = [await set('board', '--rotate'), await set('board', '--rotate')];
    expect(isSigningSecret(one.signingSecret ?? '')).toBe(true);
    expect(one.signingSecret === two.signingSecret).toBe(false);
    expect((await external('list')).json()).toMatchObject({
      nodes: [{ nodeId: 'board', title: 'The board', live: 0 }],
    });
  });

  it('stores a given secret and does not print it', async () => {
    const run = await cli(['external', 'set', 'board', '--json', '--local', front], {
      env: { EXTERNAL_SIGNING_SECRET: aSigningSecret() },
    });
    expect(run.exit).toBe(0);
    expect(run.json()).not.toHaveProperty('signingSecret');
  });

  it.each([
    ['a private address', 'https://10.0.0.1/oa', 'ENDPOINT_REFUSED'],
    ['the metadata of the cloud', 'http://169.254.169.254/', 'ENDPOINT_REFUSED'],
    ['an endpoint with a query', 'https://oa.example.com/?tenant=1', 'BAD_REQUEST'],
  ])('%s is bad input, and nothing is stored', async (_what, endpoint, code) => {
    const run = await external('set', 'refused', '--title', 'Refused', '--endpoint', endpoint);
    expect(run.exit).toBe(2);
    expect(run.json()).toMatchObject({ error: { code } });
    expect(await external('show', 'refused')).toMatchObject({ exit: 1 });
  });

  it('does not remove a node that an open approval uses', async () => {
    const step = {
      stepId: 'b',
      title: 'Board',
      kind: 'EXTERNAL',
      externalNodeId: 'board',
      status: 'PENDING',
    };
    const issue = demoIssue('uses-the-board', front, new Date());
    await stack.table.put({ ...issue, approvalFlow: { steps: [step] } });
    // Nothing answers at its endpoint, so the approval stays REQUESTED.
    await stack.until('the request', async () => {
      const live = z.object({ live: z.number() }).parse((await external('show', 'board')).json()).live;
      return live === 1 || undefined;
    });
    const refused = await external('remove', 'board', '--yes');
    expect(refused.exit).toBe(1);
    expect(refused.json()).toMatchObject({ live: 1, error: { code: 'NODE_IN_USE' } });
    const { out } = await cli(['show', 'uses-the-board', '--no-sql', '--local', front]);
    expect(out).toContain('to the external node board');
  });

  it('logs finds what the functions of the stack logged about an issue', async () => {
    await stack.table.put(demoIssue('has-logs', front, new Date()));
    const lines = await stack.until('its log lines', async () => {
      const run = await cli(['logs', 'has-logs', '--json', '--local', front], { now: () => new Date() });
      expect(run).toMatchObject({ exit: 0, err: '' });
      const found = linesSchema.parse(run.json()).lines;
      return found.length > 0 ? found : undefined;
    });
    expect(lines).toContainEqual(
      expect.objectContaining({ service: 'watch-issues', issueId: 'has-logs', message: 'issue written' }),
    );
  });

  it('reports an unknown node', async () => {
    const run = await external('remove', 'nobody', '--yes');
    expect([run.exit, run.json()]).toEqual([
      1,
      { nodeId: 'nobody', error: { code: 'NO_NODE', message: expect.stringContaining('nobody') } },
    ]);
  });

  it('removes a node that nothing uses', async () => {
    await set('spare', '--title', 'Spare', '--endpoint', ENDPOINT);
    expect(await external('remove', 'spare', '--yes')).toMatchObject({ exit: 0 });
    expect(await external('show', 'spare')).toMatchObject({ exit: 1 });
  });
});
