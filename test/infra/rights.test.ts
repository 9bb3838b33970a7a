import { describe, expect, it } from 'vitest';
import { FUNCTION_NAMES, type FunctionName } from '../../infra/aws/constructs/bundling.ts';
import { synthesise } from './synthesised-stack.ts';

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
const approvals = (...actions: string[]) =>
  actions.map((action) => `dynamodb:${action} on TablesApprovals.Arn`);
const issues = (...actions: string[]) => actions.map((action) => `dynamodb:${action} on TablesIssues.Arn`);

const RIGHTS: Record<FunctionName, string[]> = {
  'watch-issues': [...logs('WatchIssues'), ...stream('TablesIssues'), ...failedRecords, sendHints],
  'receive-feishu-events': [
    ...logs('ReceiveFeishuEvents'),
    ...approvals('GetItem'),
    'dynamodb:UpdateItem on TablesApprovals.Arn if {"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":"WEBHOOK"}}',
    readSecret,
    sendHints,
  ],
  'receive-external-events': [
    ...logs('ReceiveExternalEvents'),
    ...approvals('GetItem'),
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
