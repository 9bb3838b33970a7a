import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { PROJECT_ROOT } from '../../infra/aws/constructs/bundling.ts';
import { readContext } from '../../infra/aws/context.ts';
import {
  at,
  environmentOf,
  functionNameOf,
  readable,
  type SynthesisedStack,
  synthesise,
} from './synthesised-stack.ts';

const STREAM = 'arn:aws:dynamodb:eu-west-1:123456789012:table/frabit-issues/stream/2026-01-01T00:00:00.000';
const OWN_TABLE = { issueTableName: 'frabit-issues', issueTableStreamArn: STREAM };

const plain = synthesise();
const named = (stack: SynthesisedStack) =>
  Object.fromEntries(
    stack
      .ofType('AWS::Lambda::Function')
      .map((resource) => [functionNameOf(resource), environmentOf(resource)]),
  );
const problemsOf = (context: Record<string, unknown>) => {
  const read = readContext((key) => context[key]);
  return read.ok ? [] : read.problems;
};

describe('issueTableName with issueTableStreamArn', () => {
  it('unset: a new Issues table', () => {
    expect(plain.ofType('AWS::DynamoDB::GlobalTable')).toHaveLength(2);
  });

  it("set: the stack uses Frabit's own table and makes none", () => {
    const own = synthesise(OWN_TABLE);
    expect(own.only('AWS::DynamoDB::GlobalTable').logicalId).toMatch(/^TablesApprovals/);
    expect(own.outputs).toMatchObject({ IssueTableName: 'frabit-issues', IssueTableStreamArn: STREAM });
    expect(named(own)).toMatchObject({
      'reconcile-issues': { ISSUE_TABLE_NAME: 'frabit-issues' },
      'sweep-approvals': { ISSUE_TABLE_NAME: 'frabit-issues' },
    });
    const sources = own.ofType('AWS::Lambda::EventSourceMapping').map((one) => one.Properties.EventSourceArn);
    expect(sources).toContain(STREAM);
  });
});

describe('retain', () => {
  const kept = (stack: SynthesisedStack) =>
    [...stack.ofType('AWS::DynamoDB::GlobalTable'), ...stack.ofType('AWS::SecretsManager::Secret')].map(
      (resource) => resource.DeletionPolicy,
    );
  const guarded = (stack: SynthesisedStack) =>
    JSON.stringify(stack.ofType('AWS::DynamoDB::GlobalTable')).match(/"DeletionProtectionEnabled":\w+/g);

  it.each([
    ['unset', {}],
    ['true', { retain: 'true' }],
    ['true in cdk.json', { retain: true }],
  ])('%s: tables and secrets outlive the stack, and tables refuse to be deleted', (_, context) => {
    const stack = synthesise(context);
    expect(kept(stack)).toEqual(['Retain', 'Retain', 'Retain', 'Retain']);
    expect(guarded(stack)).toEqual(['"DeletionProtectionEnabled":true', '"DeletionProtectionEnabled":true']);
  });

  it('false: everything is deleted with the stack', () => {
    const stack = synthesise({ retain: 'false', alarmEmail: 'oncall@example.com' });
    expect(kept(stack)).toEqual(['Delete', 'Delete', 'Delete', 'Delete']);
    expect(guarded(stack)).toEqual([
      '"DeletionProtectionEnabled":false',
      '"DeletionProtectionEnabled":false',
    ]);
    expect(stack.resources.filter((resource) => /^Retain/.test(resource.DeletionPolicy ?? ''))).toEqual([]);
  });
});

describe('feishuBaseUrl', () => {
  const toldWhere = (stack: SynthesisedStack) =>
    Object.entries(named(stack))
      .flatMap(([name, { FEISHU_BASE_URL }]) =>
        FEISHU_BASE_URL === undefined ? [] : [[name, FEISHU_BASE_URL]],
      )
      .sort();

  it('unset: no function gets another host', () => {
    expect(toldWhere(plain)).toEqual([]);
  });

  it('set: every function that calls Feishu gets it, and no other', () => {
    expect(toldWhere(synthesise({ feishuBaseUrl: 'https://feishu.example.com' }))).toEqual([
      ['manage-settings', 'https://feishu.example.com'],
      ['reconcile-issues', 'https://feishu.example.com'],
    ]);
  });

  it('set with a trailing slash: the same', () => {
    expect(toldWhere(synthesise({ feishuBaseUrl: 'http://10.0.0.1:8080/' }))).toEqual([
      ['manage-settings', 'http://10.0.0.1:8080'],
      ['reconcile-issues', 'http://10.0.0.1:8080'],
    ]);
  });
});

describe('logLevel', () => {
  const levels = (stack: SynthesisedStack) =>
    new Set(
      stack
        .ofType('AWS::Lambda::Function')
        .flatMap((one) => [
          environmentOf(one).POWERTOOLS_LOG_LEVEL,
          JSON.stringify(one.Properties.LoggingConfig).match(/"ApplicationLogLevel":"(\w+)"/)?.[1],
        ]),
    );

  it('unset: INFO everywhere', () => {
    expect([...levels(plain)]).toEqual(['INFO']);
  });

  it.each(['DEBUG', 'INFO'])('%s: for the logger and for Lambda', (logLevel) => {
    expect([...levels(synthesise({ logLevel }))]).toEqual([logLevel]);
  });

  it.each(['WARN', 'ERROR'])(
    '%s: for the logger alone, because Lambda would drop the metrics',
    (logLevel) => {
      expect([...levels(synthesise({ logLevel }))]).toEqual([logLevel, 'INFO']);
    },
  );
});

describe('alarmEmail', () => {
  const actions = (stack: SynthesisedStack) =>
    stack
      .ofType('AWS::CloudWatch::Alarm')
      .map(({ Properties: { AlarmActions, OKActions } }) =>
        [AlarmActions, OKActions].map((one) => (one === undefined ? one : readable(one))),
      );
  const written = synthesise({ alarmEmail: 'oncall@example.com' });
  const topic = written.only('AWS::SNS::Topic');

  it('unset: no topic, no key, and alarms without actions', () => {
    for (const type of ['Topic', 'TopicPolicy', 'Subscription']) {
      expect(plain.ofType(`AWS::SNS::${type}`)).toEqual([]);
    }
    expect(plain.ofType('AWS::KMS::Key')).toEqual([]);
    expect(actions(plain)).toEqual(actions(plain).map(() => [undefined, undefined]));
  });

  it('set: every alarm notifies the topic when it starts and when it ends', () => {
    const told = JSON.stringify([{ Ref: topic.logicalId }]);
    expect(actions(written)).toEqual(actions(plain).map(() => [told, told]));
    expect(written.only('AWS::SNS::Subscription').Properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'oncall@example.com',
      TopicArn: { Ref: topic.logicalId },
    });
  });

  it('set: alarms of this account and Region may publish, and no others', () => {
    const policy = z
      .object({ Statement: z.array(z.looseObject({ Effect: z.string(), Condition: z.unknown() })) })
      .parse(written.only('AWS::SNS::TopicPolicy').Properties.PolicyDocument);
    const allowed = policy.Statement.filter(({ Effect }) => Effect === 'Allow');
    expect(allowed.map(({ Condition }) => at(Condition, 'ArnLike', 'aws:SourceArn'))).toEqual([
      'arn:AWS::Partition:cloudwatch:AWS::Region:AWS::AccountId:alarm:*',
    ]);
  });

  it('set: the topic is encrypted with a key that CloudWatch may use, and refuses plain HTTP', () => {
    const key = written.only('AWS::KMS::Key');
    expect(topic.Properties.KmsMasterKeyId).toEqual({ 'Fn::GetAtt': [key.logicalId, 'Arn'] });
    expect(key.Properties.EnableKeyRotation).toBe(true);
    const mayUse = { Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } };
    expect(key.Properties.KeyPolicy).toMatchObject({
      Statement: expect.arrayContaining([
        expect.objectContaining({ ...mayUse, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'] }),
      ]),
    });
    expect(written.only('AWS::SNS::TopicPolicy').Properties.PolicyDocument).toMatchObject({
      Statement: expect.arrayContaining([
        expect.objectContaining({ ...mayUse, Action: 'sns:Publish' }),
        expect.objectContaining({
          Effect: 'Deny',
          Action: 'sns:Publish',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      ]),
    });
  });
});

describe('alarmTopicArn', () => {
  const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:on-call';

  it('set: every alarm notifies this topic when it starts and when it ends, and no topic is made', () => {
    const stack = synthesise({ alarmTopicArn: TOPIC });
    expect(stack.ofType('AWS::SNS::Topic')).toEqual([]);
    for (const { Properties } of stack.ofType('AWS::CloudWatch::Alarm'))
      expect(Properties).toMatchObject({ AlarmActions: [TOPIC], OKActions: [TOPIC] });
  });

  it('set together with alarmEmail: both are notified', () => {
    const stack = synthesise({ alarmTopicArn: TOPIC, alarmEmail: 'oncall@example.com' });
    const both = [{ Ref: stack.only('AWS::SNS::Topic').logicalId }, TOPIC];
    for (const { Properties } of stack.ofType('AWS::CloudWatch::Alarm'))
      expect(Properties).toMatchObject({ AlarmActions: both, OKActions: both });
  });
});

describe('tracing', () => {
  const modes = (stack: SynthesisedStack) =>
    new Set(
      stack
        .ofType('AWS::Lambda::Function')
        .map(({ Properties }) => readable(Properties.TracingConfig ?? 'none')),
    );
  const traceRights = (stack: SynthesisedStack) =>
    stack.rightsOf('watch-issues').filter((right) => right.startsWith('xray:'));

  it('unset: no function is traced', () => {
    expect([...modes(plain)]).toEqual(['none']);
    expect(traceRights(plain)).toEqual([]);
  });

  it('true: every function writes traces', () => {
    const traced = synthesise({ tracing: 'true' });
    expect([...modes(traced)]).toEqual(['{"Mode":"Active"}']);
    expect(traceRights(traced)).toEqual(['xray:PutTelemetryRecords on *', 'xray:PutTraceSegments on *']);
  });
});

describe('logRetentionDays', () => {
  const kept = (stack: SynthesisedStack) =>
    stack.ofType('AWS::Logs::LogGroup').map(({ Properties }) => Properties.RetentionInDays);

  it.each([
    ['unset', {}, 90],
    ['set', { logRetentionDays: '365' }, 365],
    ['a number in cdk.json', { logRetentionDays: 7 }, 7],
  ])('%s: for the functions and for the access log', (_, context, days) => {
    expect(kept(synthesise(context))).toEqual(Array.from({ length: 8 }, () => days));
  });
});

describe('reserved concurrency', () => {
  const reserved = (stack: SynthesisedStack) =>
    Object.fromEntries(
      stack.ofType('AWS::Lambda::Function').flatMap((resource) => {
        const { ReservedConcurrentExecutions: reserved } = resource.Properties;
        return reserved === undefined ? [] : [[functionNameOf(resource), reserved]];
      }),
    );

  it('unset: none', () => {
    expect(reserved(plain)).toEqual({});
  });

  it('receiverConcurrency: for each of the two receivers', () => {
    expect(reserved(synthesise({ receiverConcurrency: '20' }))).toEqual({
      'receive-feishu-events': 20,
      'receive-external-events': 20,
    });
  });

  it('workerConcurrency: for the worker, whose source never starts more', () => {
    const stack = synthesise({ workerConcurrency: 5 });
    expect(reserved(stack)).toEqual({ 'reconcile-issues': 5 });
    const sources = stack.ofType('AWS::Lambda::EventSourceMapping');
    expect(sources.flatMap(({ Properties }) => Properties.ScalingConfig ?? [])).toEqual([
      { MaximumConcurrency: 5 },
    ]);
  });
});

describe('roundRetentionDays and shownRetentionDays', () => {
  const told = (stack: SynthesisedStack) =>
    Object.entries(named(stack)).flatMap(([name, { ROUND_RETENTION_DAYS, SHOWN_RETENTION_DAYS }]) =>
      ROUND_RETENTION_DAYS === undefined && SHOWN_RETENTION_DAYS === undefined
        ? []
        : [{ name, ROUND_RETENTION_DAYS, SHOWN_RETENTION_DAYS }],
    );

  it('unset: nothing is deleted', () => {
    expect(told(plain)).toEqual([]);
  });

  it('set: the worker gets them, and no other function', () => {
    expect(told(synthesise({ roundRetentionDays: '400', shownRetentionDays: 30 }))).toEqual([
      { name: 'reconcile-issues', ROUND_RETENTION_DAYS: '400', SHOWN_RETENTION_DAYS: '30' },
    ]);
  });
});

describe('stackName', () => {
  it.each([
    ['unset', {}, 'FrabitImApproval'],
    ['set', { stackName: 'Approvals-eu' }, 'Approvals-eu'],
  ])('%s', (_, context, stackName) => {
    expect(readContext((key) => Object.entries(context).find(([name]) => name === key)?.[1])).toMatchObject({
      ok: true,
      options: { stackName },
    });
  });
});

const NEEDS_STREAM =
  '-c issueTableName needs -c issueTableStreamArn: give both to use your own table, or neither for a new one.';
const NEEDS_NAME =
  '-c issueTableStreamArn needs -c issueTableName: give both to use your own table, or neither for a new one.';

describe('wrong context', () => {
  it.each<[Record<string, unknown>, string]>([
    [{ issueTableName: 'frabit-issues' }, NEEDS_STREAM],
    [{ issueTableStreamArn: STREAM }, NEEDS_NAME],
    [
      { issueTableName: 'a b', issueTableStreamArn: STREAM },
      '-c issueTableName: must be the name of a DynamoDB table.',
    ],
    [
      { issueTableName: 'frabit-issues', issueTableStreamArn: 'arn:aws:dynamodb:table/frabit-issues' },
      "-c issueTableStreamArn: must be the ARN of a DynamoDB table's stream.",
    ],
    [
      { issueTableName: 'other-issues', issueTableStreamArn: STREAM },
      '-c issueTableStreamArn: must be the stream of issueTableName (other-issues).',
    ],
    [{ retain: 'yes' }, '-c retain: must be true or false.'],
    [{ retain: '' }, '-c retain: must be true or false.'],
    [{ logLevel: 'info' }, '-c logLevel: must be one of DEBUG, INFO, WARN, ERROR.'],
    [
      { feishuBaseUrl: 'feishu.example.com' },
      '-c feishuBaseUrl: must be an http or https origin without a path.',
    ],
    [
      { feishuBaseUrl: 'https://feishu.example.com/open-apis' },
      '-c feishuBaseUrl: must be an http or https origin without a path.',
    ],
    [
      { feishuBaseUrl: 'ftp://feishu.example.com' },
      '-c feishuBaseUrl: must be an http or https origin without a path.',
    ],
    [
      { feishuBaseUrl: 'https://user:key@feishu.example.com' },
      '-c feishuBaseUrl: must be an http or https origin without a path.',
    ],
    ...['oncall', 'a b@example.com', 'a@b@example.com', '', `${'x'.repeat(250)}@example.com`].map(
      (alarmEmail): [Record<string, unknown>, string] => [
        { alarmEmail },
        '-c alarmEmail: must be an e-mail address.',
      ],
    ),
    [{ alarmEmail: true }, '-c alarmEmail: must be an e-mail address.'],
    ...[
      'on-call',
      'arn:aws:sns:eu-west-1:123456789012:on-call.fifo',
      'arn:aws:sqs:eu-west-1:123456789012:q',
    ].map((alarmTopicArn): [Record<string, unknown>, string] => [
      { alarmTopicArn },
      '-c alarmTopicArn: must be the ARN of a standard SNS topic.',
    ]),
    [{ alarms: 'some' }, '-c alarms: must be one of all, essential, none.'],
    [{ alarms: 'none', alarmEmail: 'oncall@example.com' }, '-c alarmEmail: has no use with alarms=none.'],
    [
      { alarms: 'none', alarmTopicArn: 'arn:aws:sns:eu-west-1:123456789012:on-call' },
      '-c alarmTopicArn: has no use with alarms=none.',
    ],
    ...['', 'a b', 'page#top'].map((runbookUrl): [Record<string, unknown>, string] => [
      { runbookUrl },
      '-c runbookUrl: must be a path or an address without spaces and without #.',
    ]),
    [{ tracing: 'on' }, '-c tracing: must be true or false.'],
    ...['91', '0', '9999', 'ninety'].map((logRetentionDays): [Record<string, unknown>, string] => [
      { logRetentionDays },
      '-c logRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653.',
    ]),
    ...['29', '45.5', '-60', 'a year', true].flatMap((value) =>
      ['roundRetentionDays', 'shownRetentionDays'].map((name): [Record<string, unknown>, string] => [
        { [name]: value },
        `-c ${name}: must be a whole number, at least 30.`,
      ]),
    ),
    ...[undefined, '401', '1000'].map((shownRetentionDays): [Record<string, unknown>, string] => [
      { roundRetentionDays: '400', shownRetentionDays },
      '-c shownRetentionDays: must be given, and at most roundRetentionDays (400): what was shown cannot outlive its round.',
    ]),
    [{ receiverConcurrency: '0' }, '-c receiverConcurrency: must be a whole number, at least 1.'],
    [{ workerConcurrency: '4' }, '-c workerConcurrency: must be a whole number, at least 5.'],
    [{ stackName: '1st' }, '-c stackName: must be letters, digits and hyphens, beginning with a letter.'],
  ])('%j: one line', (context, line) => {
    expect(problemsOf(context)).toEqual([line]);
  });

  it('reports all problems at once', () => {
    expect(problemsOf({ issueTableName: 'frabit-issues', retain: 'maybe', logLevel: 'loud' })).toEqual([
      '-c retain: must be true or false.',
      '-c logLevel: must be one of DEBUG, INFO, WARN, ERROR.',
      NEEDS_STREAM,
    ]);
  });
});

describe('the app started by the CDK', () => {
  const start = (context: Record<string, unknown>) => {
    const outdir = mkdtempSync(join(tmpdir(), 'frabit-synth-'));
    const { status, stdout, stderr } = spawnSync(process.execPath, ['infra/aws/app.ts'], {
      cwd: PROJECT_ROOT,
      encoding: 'utf8',
      env: { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) },
    });
    const written = readdirSync(outdir);
    rmSync(outdir, { recursive: true });
    return { status, stdout, stderr, written };
  };

  it('with half a pair: its line on stderr, exit code 1, nothing written', () => {
    expect(start({ issueTableName: 'frabit-issues' })).toEqual({
      status: 1,
      stdout: '',
      stderr: `${NEEDS_STREAM}\n`,
      written: [],
    });
    expect(start({ issueTableStreamArn: STREAM })).toMatchObject({ status: 1, stderr: `${NEEDS_NAME}\n` });
  });

  it('with an unknown value: its line on stderr, exit code 1, nothing written', () => {
    expect(start({ logLevel: 'TRACE' })).toEqual({
      status: 1,
      stdout: '',
      stderr: '-c logLevel: must be one of DEBUG, INFO, WARN, ERROR.\n',
      written: [],
    });
  });
});
