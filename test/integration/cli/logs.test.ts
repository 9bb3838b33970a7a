import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  type QueryStatus,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { searchLogFile } from '../../../infra/cli/logs/log-file.ts';
import { readLines } from '../../../infra/cli/logs/read-lines.ts';
import { aLogLine, aMetricLine, LOGGED_AT } from '../../unit/cli/log-lines.ts';
import { aLocalStack, cli, type LocalFake } from '../../unit/cli/support.ts';

const OWN = aLogLine({ issueId: 'issue-1', instanceCode: 'I-1', second: 1 }).raw;
const WEBHOOK = aLogLine({ message: 'webhook event stored', instanceCode: 'I-1', second: 2 }).raw;
const OF_ANOTHER = aLogLine({ issueId: 'issue-2', instanceCode: 'I-1', second: 3 }).raw;
const METRICS = aMetricLine({ function_request_id: 'request-1' });

describe('logs of a local stack', () => {
  let directory: string;
  let stack: LocalFake;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'frabit-im-logs-'));
    stack = await aLocalStack(() => undefined, {}, {}, { logFile: join(directory, 'functions.log') });
  });
  afterEach(() => Promise.all([stack.close(), rm(directory, { recursive: true })]));

  const write = (...lines: (string | object)[]) =>
    writeFile(
      join(directory, 'functions.log'),
      lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
    );
  const logs = (...argv: string[]) => cli(['logs', 'issue-1', ...argv, '--local', stack.url]);

  it('prints the story of the issue and skips what is not JSON', async () => {
    await write('Error: not JSON', WEBHOOK, METRICS, OWN, OF_ANOTHER, '{"half":');
    const { exit, out, err } = await logs();
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out.split('\n').map((line) => line.slice(0, 24))).toEqual([
      '2026-03-01T07:00:01.000Z',
      '2026-03-01T07:00:02.000Z',
      '',
    ]);
  });

  it('prints one document with --json, with the lines as they were logged', async () => {
    await write(OWN, WEBHOOK);
    expect((await logs('--json')).json()).toEqual({ issueId: 'issue-1', lines: [OWN, WEBHOOK], cut: false });
  });

  it('prints metrics if asked for', async () => {
    await write(OWN, METRICS);
    expect((await logs()).out).not.toContain('METRIC');
    expect((await logs('--metrics')).out).toContain(`${LOGGED_AT}  reconcile-issues  METRIC`);
  });

  it.each([
    ['59m', false],
    ['60m', true],
    ['1h', true],
    ['1d', true],
  ])('covers --since %s', async (since, covers) => {
    await write(aLogLine({ issueId: 'issue-1' }).raw);
    const { exit, out } = await logs('--since', since);
    expect([exit, out.includes('issue written')]).toEqual([0, covers]);
    if (!covers) expect(out).toMatch(/^No such line was logged in the last 59m at the local stack/);
  });

  it('ends with 3 when the log file is not there, or is no file', async () => {
    expect(await logs()).toMatchObject({ exit: 3, err: expect.stringMatching(/functions\.log/) });
    await stack.close();
    stack = await aLocalStack(() => undefined, {}, {}, { logFile: '/dev/null' });
    expect((await logs('--json')).json()).toMatchObject({ error: { code: 'NO_LOG_FILE' } });
  });

  it('ends with 3 when an earlier version does not name its log file', async () => {
    await stack.close();
    stack = await aLocalStack(() => undefined);
    expect(await logs()).toMatchObject({ exit: 3, err: expect.stringMatching(/^The local stack/) });
  });

  it('keeps the newest lines of a file with too many', async () => {
    await write(...[1, 2, 3, 4, 5, 6, 7].map((second) => aLogLine({ issueId: 'issue-1', second }).raw));
    const to = Date.parse(LOGGED_AT) + 60_000;
    const file = join(directory, 'functions.log');
    const seconds = async (most: number) => {
      const search = { from: 0, to };
      const { lines, cut } = await searchLogFile(file, search, { readLines }, most).ofIssue('issue-1');
      return { seconds: lines.map(({ at }) => (at - Date.parse(LOGGED_AT)) / 1000), cut };
    };
    expect(await seconds(2)).toEqual({ seconds: [6, 7], cut: true });
    expect(await seconds(7)).toEqual({ seconds: [1, 2, 3, 4, 5, 6, 7], cut: false });
  });
});

describe('logs of a stack on AWS', () => {
  const cloudFormation = mockClient(CloudFormationClient);
  const cloudWatch = mockClient(CloudWatchLogsClient);
  beforeEach(() => {
    cloudFormation.reset();
    cloudWatch.reset();
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    hasOutputs({ ApprovalTableName: 'approvals', LogGroupNames: 'group-a,group-b' });
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(() => {
    cloudFormation.restore();
    cloudWatch.restore();
  });

  const hasOutputs = (outputs: Record<string, string>) =>
    cloudFormation.on(DescribeStacksCommand).resolves({
      Stacks: [
        {
          StackName: 'FrabitImApproval',
          CreationTime: new Date(0),
          StackStatus: 'CREATE_COMPLETE',
          Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
        },
      ],
    });
  const rowOf = (raw: object, index: number) => [
    { field: '@timestamp', value: '2026-03-01 07:00:09.000' },
    { field: '@message', value: JSON.stringify(raw) },
    { field: '@ptr', value: `${JSON.stringify(raw).length}-${index}` },
  ];
  /** Answers the first query with `own` and all later ones with `others`, newest first as AWS does. */
  function finds(own: object[], others: object[] = []): void {
    let queries = 0;
    cloudWatch.on(StartQueryCommand).callsFake(() => ({ queryId: queries++ === 0 ? 'own' : 'others' }));
    for (const [queryId, rows] of [
      ['own', own],
      ['others', others],
    ] as const) {
      cloudWatch
        .on(GetQueryResultsCommand, { queryId })
        .resolvesOnce({ status: 'Running' })
        .resolves({ status: 'Complete', results: rows.map(rowOf) });
    }
  }
  const answers = (status: QueryStatus) => {
    cloudWatch.on(StartQueryCommand).resolves({ queryId: 'own' });
    cloudWatch.on(GetQueryResultsCommand).resolves({ status });
  };
  const logs = (...argv: string[]) => cli(['logs', 'issue-1', '--json', ...argv]);
  const refusal = (name: string) => Object.assign(new Error('not authorized: user x'), { name });

  it('are searched in its log groups, first by the issue and then by the ids on its lines', async () => {
    finds([OWN], [OF_ANOTHER, WEBHOOK, { ...METRICS, instanceCode: 'I-1' }]);
    const run = await logs('--since', '2h');
    expect(run).toMatchObject({ exit: 0, err: '' });
    expect(run.json()).toEqual({ issueId: 'issue-1', lines: [OWN, WEBHOOK], cut: false });
    const [first, second] = cloudWatch.commandCalls(StartQueryCommand).map(({ args: [{ input }] }) => input);
    expect(first).toMatchObject({
      logGroupNames: ['group-a', 'group-b'],
      startTime: Date.parse('2026-03-01T06:00:00Z') / 1000,
      endTime: Date.parse('2026-03-01T08:00:00Z') / 1000,
      queryString: expect.stringContaining('issueId in ["issue-1"]'),
    });
    expect(second?.queryString).toContain('instanceCode in ["I-1"]');
  });

  it('have the metrics of their invocations if asked for', async () => {
    finds([OWN], [WEBHOOK, METRICS]);
    expect((await logs('--metrics')).json()).toMatchObject({ lines: [METRICS, OWN, WEBHOOK] });
    const [, , third] = cloudWatch.commandCalls(StartQueryCommand).map(({ args: [{ input }] }) => input);
    expect(third?.queryString).toContain('function_request_id in ["request-1"]');
  });

  it('leave out what a query finds of an issue with a similar id', async () => {
    finds([aLogLine({ issueId: 'a2b' }).raw, aLogLine({ issueId: 'a"b' }).raw]);
    const run = await cli(['logs', 'a"b', '--json']);
    expect(run.json()).toMatchObject({ lines: [{ issueId: 'a"b' }] });
  });

  it('are cut when a query finds as much as it can', async () => {
    finds(Array.from({ length: 10_000 }, () => aLogLine({ issueId: 'issue-1' }).raw));
    const { out } = await cli(['logs', 'issue-1']);
    expect(out.endsWith('use a shorter --since, or --correlation.\n')).toBe(true);
  });

  it('are cut when too many ids are on its lines', async () => {
    const correlationIds = Array.from({ length: 500 }, (_, index) => `event-${index}-${'x'.repeat(100)}`);
    finds(correlationIds.map((correlationId) => aLogLine({ issueId: 'issue-1', correlationId }).raw));
    expect((await logs()).json()).toMatchObject({ cut: true });
    expect(cloudWatch.commandCalls(StartQueryCommand)).toHaveLength(6);
  });

  it.each([
    ['logs:StartQuery', StartQueryCommand],
    ['logs:GetQueryResults', GetQueryResultsCommand],
  ])('end with 3 and name the right %s if it is missing', async (right, command) => {
    finds([OWN]);
    cloudWatch.on(command as typeof StartQueryCommand).rejects(refusal('AccessDeniedException'));
    const { exit, json, err } = await logs();
    expect([exit, json()]).toEqual([3, { error: expect.objectContaining({ code: 'ACCESS_DENIED' }) }]);
    expect(err).toContain(`ask for the right ${right},`);
    expect(err).not.toContain('user x');
  });

  it('end with 3 when too many searches run', async () => {
    cloudWatch.on(StartQueryCommand).rejects(refusal('LimitExceededException'));
    expect((await logs()).json()).toMatchObject({ error: { code: 'LOGS_BUSY' } });
  });

  it.each([
    ['Running', 'LOGS_QUERY_SLOW', 60],
    ['Failed', 'LOGS_QUERY_FAILED', 1],
    ['Timeout', 'LOGS_QUERY_FAILED', 1],
  ] as const)('end with 3 when a search stays %s', async (status, code, asked) => {
    answers(status);
    const run = await logs();
    expect([run.exit, run.json()]).toEqual([3, { error: expect.objectContaining({ code }) }]);
    expect(cloudWatch.commandCalls(GetQueryResultsCommand)).toHaveLength(asked);
  });

  it('need the output of the current version', async () => {
    hasOutputs({ ApprovalTableName: 'approvals' });
    expect(await logs()).toMatchObject({ exit: 3, err: expect.stringMatching(/output LogGroupNames/) });
  });
});
