import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { FUNCTION_NAMES, type FunctionName } from '../../infra/aws/constructs/bundling.ts';
import {
  approvalPointerKey,
  externalNodeKey,
  formMemoryKey,
  instancePointerKey,
  memoryKey,
  paceKey,
  requestKey,
  roundKey,
  settingsKey,
  sweepKey,
  testKey,
  webhookKey,
} from '../../shared/tables/approval-keys.ts';
import { readable, synthesise } from './synthesised-stack.ts';

const stack = synthesise();

const logs = (name: string) =>
  ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => `${action} on Functions${name}Log.Arn`);
const stream = (table: string) =>
  ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(
    (action) => `dynamodb:${action} on ${table}.StreamArn`,
  );
const failedRecords = [
  's3:PutObject on FailedRecordsBucket.Arn/aws/lambda/*',
  's3:ListBucket on FailedRecordsBucket.Arn',
];
const sendHints = 'sqs:SendMessage on WorkQueueHints.Arn';
const readSecret = 'secretsmanager:GetSecretValue on FeishuSecret';
const readExternalSecret = 'secretsmanager:GetSecretValue on ExternalNodesSecret';
const readSource = (logicalId: string) =>
  `lambda:GetEventSourceMapping on arn:AWS::Partition:lambda:AWS::Region:AWS::AccountId:event-source-mapping:${readable({ Ref: logicalId })}`;
const approvals = (...actions: string[]) =>
  actions.map((action) => `dynamodb:${action} on TablesApprovals.Arn`);
const issues = (...actions: string[]) => actions.map((action) => `dynamodb:${action} on TablesIssues.Arn`);

const RIGHTS: Record<FunctionName, string[]> = {
  'watch-issues': [...logs('WatchIssues'), ...stream('TablesIssues'), ...failedRecords, sendHints],
  'receive-feishu-events': [
    ...logs('ReceiveFeishuEvents'),
    'dynamodb:GetItem on TablesApprovals.Arn if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["APPROVAL#*","INSTANCE#*","SETTINGS"]}}',
    'dynamodb:UpdateItem on TablesApprovals.Arn if {"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":"WEBHOOK"}}',
    readSecret,
    sendHints,
  ],
  'receive-external-events': [
    ...logs('ReceiveExternalEvents'),
    'dynamodb:GetItem on TablesApprovals.Arn if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["APPROVAL#*","NODES"]}}',
    readExternalSecret,
    sendHints,
  ],
  'reconcile-issues': [
    ...logs('ReconcileIssues'),
    ...issues('GetItem', 'UpdateItem'),
    ...approvals('GetItem', 'PutItem', 'Query', 'UpdateItem'),
    readSecret,
    readExternalSecret,
    sendHints,
    'sqs:SendMessage on WorkQueueDeadLetters.Arn',
    ...[
      'ChangeMessageVisibility',
      'DeleteMessage',
      'GetQueueAttributes',
      'GetQueueUrl',
      'ReceiveMessage',
    ].map((action) => `sqs:${action} on WorkQueueHints.Arn`),
  ],
  'sweep-approvals': [
    ...logs('SweepApprovals'),
    ...issues('Scan'),
    ...approvals('GetItem', 'Query', 'UpdateItem'),
    'dynamodb:Query on TablesApprovals.Arn/index/due',
    ...stack.ofType('AWS::Lambda::EventSourceMapping').map(({ logicalId }) => readSource(logicalId)),
    sendHints,
  ],
  'manage-settings': [
    ...logs('ManageSettings'),
    ...approvals('GetItem'),
    ...approvals('PutItem', 'Query', 'UpdateItem').map(
      (right) =>
        `${right} if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["SETTINGS","SWEEP","TEST","PACE#*","FORMS#*","NODES"]}}`,
    ),
    'dynamodb:DeleteItem on TablesApprovals.Arn if {"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":"NODES"}}',
    'dynamodb:Query on TablesApprovals.Arn/index/due',
    readSecret,
    'secretsmanager:PutSecretValue on FeishuSecret',
    'secretsmanager:UpdateSecretVersionStage on FeishuSecret',
    readExternalSecret,
    'secretsmanager:PutSecretValue on ExternalNodesSecret',
    sendHints,
  ],
  'publish-approval-events': [
    ...logs('PublishApprovalEvents'),
    ...stream('TablesApprovals'),
    ...failedRecords,
    'events:PutEvents on arn:AWS::Partition:events:AWS::Region:AWS::AccountId:event-bus/default if {"StringEquals":{"events:source":"frabit.im-approval"}}',
  ],
};

describe('each function has exactly the permissions that it needs', () => {
  it.each(FUNCTION_NAMES)('%s', (name) => {
    expect(stack.rightsOf(name)).toEqual(RIGHTS[name].toSorted());
  });

  it('no role has a managed policy', () => {
    for (const role of stack.ofType('AWS::IAM::Role')) {
      expect(role.Properties.ManagedPolicyArns).toBeUndefined();
    }
  });

  it("limits the permissions to Frabit's own table", () => {
    const own = synthesise({
      issueTableName: 'frabit-issues',
      issueTableStreamArn:
        'arn:aws:dynamodb:eu-west-1:123456789012:table/frabit-issues/stream/2026-01-01T00:00:00.000',
    });
    const arn = 'arn:AWS::Partition:dynamodb:AWS::Region:AWS::AccountId:table/frabit-issues';
    expect(own.rightsOf('reconcile-issues')).toEqual(
      RIGHTS['reconcile-issues'].map((right) => right.replace('TablesIssues.Arn', arn)).toSorted(),
    );
    expect(own.rightsOf('sweep-approvals')).toEqual(
      RIGHTS['sweep-approvals'].map((right) => right.replace('TablesIssues.Arn', arn)).toSorted(),
    );
    expect(own.rightsOf('watch-issues').filter((right) => right.startsWith('dynamodb:'))).toEqual(
      ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(
        (action) =>
          `dynamodb:${action} on arn:aws:dynamodb:eu-west-1:123456789012:table/frabit-issues/stream/2026-01-01T00:00:00.000`,
      ),
    );
  });
});

describe('a receiver, which anybody can call,', () => {
  const KEYS = {
    'the pointer of an approvalId': approvalPointerKey('0C5B6E0E-0000-4000-8000-000000000001'),
    'the pointer of an instance': instancePointerKey('81D31358-93AF-92D6-7425-01A5D67C4E71'),
    'the settings': settingsKey,
    'a node': externalNodeKey('oa'),
    'the memory of an issue': memoryKey('issue-1'),
    'a round': roundKey({ issueId: 'issue-1', subject: { kind: 'STAGE', id: 'prod' }, generation: 1 }),
    'what a request showed': requestKey('0c5b6e0e-0000-4000-8000-000000000001'),
    'a test approval': testKey('test-1'),
    'when a request was verified': webhookKey('cli_1', 'fingerprint'),
    'the slots of an app': paceKey('cli_1', 'create'),
    'which forms an app accepts': formMemoryKey('cli_1'),
    'the position of the sweep': sweepKey,
  };

  /** The items that a function may read or write, as IAM decides: some allowing statement matches the partition key. */
  const reach = (name: FunctionName, action: string): string[] => {
    const conditions = stack.rightsOf(name).flatMap((right) => {
      const [what, condition] = right.split(' if ');
      return what === `dynamodb:${action} on TablesApprovals.Arn` ? [condition] : [];
    });
    return Object.entries(KEYS).flatMap(([item, { pk }]) =>
      conditions.some((condition) => condition === undefined || allows(condition, pk)) ? [item] : [],
    );
  };
  const allows = (condition: string, pk: string) =>
    Object.entries(z.record(z.string(), leadingKeys).parse(JSON.parse(condition))).every(
      ([operator, { 'dynamodb:LeadingKeys': patterns }]) =>
        [patterns]
          .flat()
          .some((pattern) =>
            operator === 'ForAllValues:StringLike' ? matches(pattern, pk) : pattern === pk,
          ),
    );
  const leadingKeys = z.strictObject({
    'dynamodb:LeadingKeys': z.union([z.string(), z.array(z.string())]),
  });
  const matches = (pattern: string, text: string) =>
    pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;

  it('of Feishu events reads pointers and settings only', () => {
    expect(reach('receive-feishu-events', 'GetItem')).toEqual([
      'the pointer of an approvalId',
      'the pointer of an instance',
      'the settings',
    ]);
    expect(reach('receive-feishu-events', 'UpdateItem')).toEqual(['when a request was verified']);
  });

  it('of OA events reads pointers and nodes only, and writes nothing', () => {
    expect(reach('receive-external-events', 'GetItem')).toEqual(['the pointer of an approvalId', 'a node']);
    expect(reach('receive-external-events', 'UpdateItem')).toEqual([]);
  });

  it.each(['receive-feishu-events', 'receive-external-events'] as const)(
    '%s has no other right on the table',
    (name) => {
      const others = stack
        .rightsOf(name)
        .filter((right) => /^dynamodb:(?!GetItem|UpdateItem)/.test(right) || / on TablesIssues/.test(right));
      expect(others).toEqual([]);
    },
  );
});
