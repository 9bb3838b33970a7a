import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { PROJECT_ROOT } from '../../infra/aws/constructs/bundling.ts';
import { readContext } from '../../infra/aws/context.ts';
import { at, environmentOf, readable, type SynthesisedStack, synthesise } from './synthesised-stack.ts';

const STREAM = 'arn:aws:dynamodb:eu-west-1:123456789012:table/frabit-issues/stream/2026-01-01T00:00:00.000';
const OWN_TABLE = { issueTableName: 'frabit-issues', issueTableStreamArn: STREAM };

const plain = synthesise();
const named = (stack: SynthesisedStack) =>
  Object.fromEntries(
    stack
      .ofType('AWS::Lambda::Function')
      .map(environmentOf)
      .map((environment) => [environment.POWERTOOLS_SERVICE_NAME ?? '', environment]),
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

  it.each(['DEBUG', 'INFO', 'WARN', 'ERROR'])('%s: for the logger and for Lambda', (logLevel) => {
    expect([...levels(synthesise({ logLevel }))]).toEqual([logLevel]);
  });
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
