import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { APPROVAL_TABLE, ISSUE_TABLE, type TableDefinition } from '../../shared/tables/table-definitions.ts';
import {
  at,
  environmentOf,
  FUNCTION_IDS,
  functionNameOf,
  readable,
  synthesise,
} from './synthesised-stack.ts';

const stack = synthesise();

const keySchema = (definition: { partitionKey: string; sortKey?: string }) => [
  { AttributeName: definition.partitionKey, KeyType: 'HASH' },
  ...(definition.sortKey ? [{ AttributeName: definition.sortKey, KeyType: 'RANGE' }] : []),
];

describe.each<[string, TableDefinition]>([
  ['TablesIssues', ISSUE_TABLE],
  ['TablesApprovals', APPROVAL_TABLE],
])('%s', (prefix, definition) => {
  const table = stack.only('AWS::DynamoDB::GlobalTable', prefix);

  it('has the keys, indexes and stream of the table definition', () => {
    expect(table.Properties.KeySchema).toEqual(keySchema(definition));
    expect(table.Properties.GlobalSecondaryIndexes ?? []).toEqual(
      definition.indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index),
        Projection: { ProjectionType: index.projection },
      })),
    );
    expect(table.Properties.StreamSpecification).toEqual({ StreamViewType: definition.stream });
  });

  it('deletes an item when the time of the table definition has come', () => {
    expect(table.Properties.TimeToLiveSpecification).toEqual(
      definition.timeToLive && { AttributeName: definition.timeToLive, Enabled: true },
    );
  });

  it('is encrypted, recoverable to any point in time, and billed by request', () => {
    expect(table.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      Replicas: [{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
    });
  });
});

const sourceOf = (target: string) => {
  const [source] = stack
    .ofType('AWS::Lambda::EventSourceMapping')
    .filter(({ Properties }) => readable(Properties.FunctionName) === target);
  return readable({ Ref: source?.logicalId });
};
const ISSUE_STREAM = sourceOf('FunctionsWatchIssuesFunction');
const APPROVAL_STREAM = sourceOf('FunctionsPublishApprovalEventsFunction');
const HINTS = sourceOf('FunctionsReconcileIssuesFunction');

const rulesFor = (target: string) =>
  stack
    .ofType('AWS::Events::Rule')
    .filter((rule) => JSON.stringify(rule.Properties.Targets).includes(target));

describe('work queue', () => {
  const [deadLetters, hints] = [
    stack.only('AWS::SQS::Queue', 'WorkQueueDeadLetters'),
    stack.only('AWS::SQS::Queue', 'WorkQueueHints'),
  ];

  it('is FIFO, hides a message for six times the time of the worker, and gives up after 400 receives', () => {
    expect(hints.Properties).toMatchObject({
      FifoQueue: true,
      VisibilityTimeout: 180,
      MessageRetentionPeriod: 345_600,
      RedrivePolicy: { maxReceiveCount: 400 },
    });
    expect(at(hints.Properties, 'RedrivePolicy', 'deadLetterTargetArn')).toBe('WorkQueueDeadLetters.Arn');
    expect(deadLetters.Properties).toMatchObject({ FifoQueue: true, MessageRetentionPeriod: 1_209_600 });
  });

  it('does not deduplicate by content: two changes that look the same are two hints', () => {
    for (const queue of [hints, deadLetters]) {
      expect(queue.Properties.ContentBasedDeduplication ?? false).toBe(false);
    }
  });

  it('is encrypted and refuses plain HTTP', () => {
    for (const queue of [hints, deadLetters]) expect(queue.Properties.SqsManagedSseEnabled).toBe(true);
    const denials = stack
      .ofType('AWS::SQS::QueuePolicy')
      .filter((policy) => /"aws:SecureTransport":"false"/.test(JSON.stringify(policy.Properties)));
    expect(denials.map((policy) => policy.logicalId.replace(/Policy\w{8}$/, '')).sort()).toEqual([
      'WorkQueueDeadLetters',
      'WorkQueueHints',
    ]);
  });
});

describe('event sources', () => {
  const source = (target: string) => {
    const found = stack
      .ofType('AWS::Lambda::EventSourceMapping')
      .find((mapping) => readable(mapping.Properties.FunctionName) === target);
    if (!found) throw new Error(`no source for ${target}`);
    return found.Properties;
  };
  const stream = {
    StartingPosition: 'TRIM_HORIZON',
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: -1,
    MaximumRecordAgeInSeconds: 21_600,
    MetricsConfig: { Metrics: ['EventCount'] },
  };
  const failedRecords = (properties: Record<string, unknown>) =>
    at(properties, 'DestinationConfig', 'OnFailure', 'Destination');

  it('docs/lessons.md 13: a bad record of the Issues stream goes to the bucket and blocks no other record', () => {
    const mapping = source('FunctionsWatchIssuesFunction');
    expect(mapping).toMatchObject(stream);
    expect(mapping.FilterCriteria).toBeUndefined();
    expect(readable(mapping.EventSourceArn)).toBe('TablesIssues.StreamArn');
    expect(failedRecords(mapping)).toBe('FailedRecordsBucket.Arn');
  });

  it('docs/lessons.md 13: the Approvals stream does the same', () => {
    const mapping = source('FunctionsPublishApprovalEventsFunction');
    expect(mapping).toMatchObject(stream);
    expect(readable(mapping.EventSourceArn)).toBe('TablesApprovals.StreamArn');
    expect(failedRecords(mapping)).toBe('FailedRecordsBucket.Arn');
  });

  it('publishes new and changed rounds, and nothing else of the Approvals table', () => {
    const { Filters } = z
      .object({ Filters: z.array(z.object({ Pattern: z.string() })).length(1) })
      .parse(source('FunctionsPublishApprovalEventsFunction').FilterCriteria);
    expect(Filters.map(({ Pattern }) => JSON.parse(Pattern))).toEqual([
      { dynamodb: { Keys: { sk: { S: [{ prefix: 'STAGE#' }, { prefix: 'STEP#' }] } } } },
    ]);
  });

  it('gives the worker one hint per invocation, five at a time, and supports partial failures', () => {
    const mapping = source('FunctionsReconcileIssuesFunction');
    expect(mapping).toMatchObject({
      BatchSize: 1,
      ScalingConfig: { MaximumConcurrency: 5 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(readable(mapping.EventSourceArn)).toBe('WorkQueueHints.Arn');
  });

  it('starts the sweep every minute and does not retry a failed run', () => {
    const [rule] = rulesFor('FunctionsSweepApprovalsFunction');
    expect(rule?.Properties).toMatchObject({ ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' });
    expect(rule?.Properties.Targets).toMatchObject([{ RetryPolicy: { MaximumRetryAttempts: 0 } }]);
    for (const config of stack.ofType('AWS::Lambda::EventInvokeConfig')) {
      expect(config.Properties.MaximumRetryAttempts).toBe(0);
    }
  });

  it('starts manage-settings once an hour, to remove the keys of former apps', () => {
    expect(rulesFor('FunctionsManageSettingsFunction')).toMatchObject([
      { Properties: { ScheduleExpression: 'rate(1 hour)', State: 'ENABLED' } },
    ]);
  });
});

describe('functions', () => {
  it('are seven, on arm64 and Node 24, with JSON logs', () => {
    const functions = stack.ofType('AWS::Lambda::Function');
    expect(functions.map(functionNameOf).sort()).toEqual([
      'manage-settings',
      'publish-approval-events',
      'receive-external-events',
      'receive-feishu-events',
      'reconcile-issues',
      'sweep-approvals',
      'watch-issues',
    ]);
    for (const one of functions) {
      expect(one.Properties).toMatchObject({
        Architectures: ['arm64'],
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        LoggingConfig: { LogFormat: 'JSON' },
      });
    }
  });

  it('have 60 seconds, the worker 30, the sweep 90, the webhooks 5 and a whole processor', () => {
    const own: Record<string, number> = { 'reconcile-issues': 30, 'sweep-approvals': 90 };
    for (const one of stack.ofType('AWS::Lambda::Function')) {
      const name = functionNameOf(one);
      const webhook = name.startsWith('receive-');
      expect(one.Properties.Timeout).toBe(webhook ? 5 : (own[name] ?? 60));
      if (webhook) expect(one.Properties.MemorySize).toBe(1769);
    }
  });

  it('keep their logs for three months, each in its own log group', () => {
    const groups = stack.ofType('AWS::Logs::LogGroup');
    expect(groups.map((group) => group.Properties.RetentionInDays)).toEqual(groups.map(() => 90));
    const used = stack
      .ofType('AWS::Lambda::Function')
      .map((one) => at(one.Properties, 'LoggingConfig', 'LogGroup'));
    expect(new Set(used).size).toBe(7);
  });

  it.each([
    ['watch-issues', { WORK_QUEUE_URL: 'WorkQueueHints', FAILED_RECORDS_BUCKET: 'FailedRecordsBucket' }],
    [
      'reconcile-issues',
      {
        ISSUE_TABLE_NAME: 'TablesIssues',
        APPROVAL_TABLE_NAME: 'TablesApprovals',
        WORK_QUEUE_URL: 'WorkQueueHints',
        DEAD_LETTER_QUEUE_URL: 'WorkQueueDeadLetters',
        FEISHU_SECRET_ARN: 'FeishuSecret',
        EXTERNAL_SECRET_ARN: 'ExternalNodesSecret',
      },
    ],
    [
      'sweep-approvals',
      {
        ISSUE_TABLE_NAME: 'TablesIssues',
        APPROVAL_TABLE_NAME: 'TablesApprovals',
        WORK_QUEUE_URL: 'WorkQueueHints',
        EVENT_SOURCE_MAPPINGS: [ISSUE_STREAM, APPROVAL_STREAM, HINTS].join(','),
      },
    ],
    [
      'receive-feishu-events',
      {
        APPROVAL_TABLE_NAME: 'TablesApprovals',
        WORK_QUEUE_URL: 'WorkQueueHints',
        FEISHU_SECRET_ARN: 'FeishuSecret',
      },
    ],
    [
      'receive-external-events',
      {
        APPROVAL_TABLE_NAME: 'TablesApprovals',
        WORK_QUEUE_URL: 'WorkQueueHints',
        EXTERNAL_SECRET_ARN: 'ExternalNodesSecret',
      },
    ],
    [
      'manage-settings',
      {
        APPROVAL_TABLE_NAME: 'TablesApprovals',
        WORK_QUEUE_URL: 'WorkQueueHints',
        FEISHU_SECRET_ARN: 'FeishuSecret',
        EXTERNAL_SECRET_ARN: 'ExternalNodesSecret',
      },
    ],
    ['publish-approval-events', { EVENT_BUS_NAME: 'default', FAILED_RECORDS_BUCKET: 'FailedRecordsBucket' }],
  ] as const)('%s knows its own surroundings and no others', (name, expected) => {
    const { POWERTOOLS_LOG_LEVEL, POWERTOOLS_SERVICE_NAME, POWERTOOLS_METRICS_NAMESPACE, ...own } =
      environmentOf(stack.function(name));
    expect(own).toEqual(expected);
    expect([POWERTOOLS_LOG_LEVEL, POWERTOOLS_SERVICE_NAME, POWERTOOLS_METRICS_NAMESPACE]).toEqual([
      'INFO',
      'FrabitImApproval',
      'FrabitImApproval',
    ]);
  });
});

it('tells the metrics of two stacks in one account apart by the name of the stack', () => {
  for (const one of synthesise({ stackName: 'Other' }).ofType('AWS::Lambda::Function'))
    expect(environmentOf(one).POWERTOOLS_SERVICE_NAME).toBe('Other');
});

it('allows no function to call OAs on its own machine', () => {
  for (const one of stack.ofType('AWS::Lambda::Function')) {
    expect(environmentOf(one)).not.toHaveProperty('EXTERNAL_LOCAL_ENDPOINTS');
  }
});

describe('HTTP front', () => {
  it('leaves the webhooks to their own verification and puts every settings route behind IAM', () => {
    const routes = stack
      .ofType('AWS::ApiGatewayV2::Route')
      .map((route) => [route.Properties.RouteKey, route.Properties.AuthorizationType]);
    expect(Object.fromEntries(routes)).toEqual({
      'POST /feishu/events': 'NONE',
      'POST /external-approvals/{nodeId}/events': 'NONE',
      'PUT /settings/feishu': 'AWS_IAM',
      'GET /settings/feishu': 'AWS_IAM',
      'DELETE /settings/feishu': 'AWS_IAM',
      'POST /settings/feishu/check': 'AWS_IAM',
      'GET /settings/feishu/check/{testId}': 'AWS_IAM',
      'GET /settings/external-approvals': 'AWS_IAM',
      'PUT /settings/external-approvals/{nodeId}': 'AWS_IAM',
      'GET /settings/external-approvals/{nodeId}': 'AWS_IAM',
      'DELETE /settings/external-approvals/{nodeId}': 'AWS_IAM',
    });
    for (const integration of stack.ofType('AWS::ApiGatewayV2::Integration')) {
      expect(integration.Properties.PayloadFormatVersion).toBe('2.0');
    }
  });

  it('is throttled', () => {
    expect(stack.only('AWS::ApiGatewayV2::Stage').Properties.DefaultRouteSettings).toEqual({
      ThrottlingRateLimit: 100,
      ThrottlingBurstLimit: 200,
    });
  });

  it('logs accesses without headers, queries, bodies or paths', () => {
    const format = at(stack.only('AWS::ApiGatewayV2::Stage').Properties, 'AccessLogSettings', 'Format');
    const fields = Object.values(z.record(z.string(), z.string()).parse(JSON.parse(format)));
    expect(fields.filter((field) => !/^\$context\.[A-Za-z.]+$/.test(field))).toEqual([]);
    expect(fields).toContain('$context.status');
    expect(fields.filter((field) => /header|query|body|path|authorizer/i.test(field))).toEqual([]);
  });
});

describe('stored data', () => {
  it('starts with secrets without an app or a node', () => {
    const begins = (id: string) => stack.only('AWS::SecretsManager::Secret', id).Properties.SecretString;
    expect(begins('FeishuSecret')).toBe('{"apps":{}}');
    expect(begins('ExternalNodesSecret')).toBe('{"nodes":{}}');
  });

  it('keeps failed records private, encrypted, and for thirty days', () => {
    const bucket = stack.only('AWS::S3::Bucket');
    expect(bucket.Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 30, Status: 'Enabled' }] },
    });
    expect(JSON.stringify(bucket.Properties.BucketEncryption)).toContain('AES256');
    expect(JSON.stringify(stack.only('AWS::S3::BucketPolicy').Properties)).toContain(
      '"aws:SecureTransport":"false"',
    );
  });
});

it('has the outputs of the contract under exactly these names', () => {
  expect(stack.outputs).toEqual({
    IssueTableName: 'TablesIssues',
    IssueTableStreamArn: 'TablesIssues.StreamArn',
    ApprovalTableName: 'TablesApprovals',
    FeishuWebhookUrl: 'HttpFrontApi.ApiEndpoint/feishu/events',
    SettingsUrl: 'HttpFrontApi.ApiEndpoint/settings',
    FeishuSecretArn: 'FeishuSecret',
    ExternalNodesSecretArn: 'ExternalNodesSecret',
    WorkQueueUrl: 'WorkQueueHints',
    DeadLetterQueueUrl: 'WorkQueueDeadLetters',
    FailedRecordsBucketName: 'FailedRecordsBucket',
    DashboardName: 'AlarmsDashboard',
    LogGroupNames: FUNCTION_IDS.map((name) => `Functions${name}Log`).join(','),
  });
});
