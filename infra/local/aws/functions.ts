import { randomUUID } from 'node:crypto';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyResultV2,
  Context,
  DynamoDBBatchResponse,
  DynamoDBStreamEvent,
  ScheduledEvent,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda';
import { APPROVAL_TABLE_NAME, functionArn, ISSUE_TABLE_NAME, LOCAL_CREDENTIALS, REGION } from '../names.ts';
import { FAILED_RECORDS_BUCKET } from './failed-records.ts';

/** The seven functions. Each takes the raw event of AWS. */
export interface Functions {
  watchIssues(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse | undefined>;
  reconcileIssues(event: SQSEvent): Promise<SQSBatchResponse | undefined>;
  sweepApprovals(event: ScheduledEvent): Promise<unknown>;
  publishApprovalEvents(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse | undefined>;
  receiveFeishuEvents(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyResultV2>;
  receiveExternalEvents(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyResultV2>;
  /** Over HTTP, and once an hour. */
  manageSettings(event: APIGatewayProxyEventV2 | ScheduledEvent): Promise<APIGatewayProxyResultV2>;
}

export interface Endpoints {
  dynamoDb: string;
  sqs: string;
  /** Secrets Manager and EventBridge. */
  aws: string;
  lambda: string;
  /** The event source mappings that the sweep watches. */
  mappingIds: readonly string[];
  workQueueUrl: string;
  deadLetterUrl: string;
  secretName: string;
  externalSecretName: string;
  feishuBaseUrl: string;
  /** The base URL for Lark apps, if it is a different one. */
  larkBaseUrl: string | undefined;
  logLevel: string;
  callsPerMinute: number;
}

/** Returns the variables of the functions, with the same names as on AWS. */
export function functionEnvironment(endpoints: Endpoints): Record<string, string> {
  return {
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamoDb,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    // fauxqs simulates S3, too. The SDK puts the bucket into the path, because the host is an IP address.
    AWS_ENDPOINT_URL_S3: endpoints.sqs,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.aws,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.aws,
    AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
    EVENT_SOURCE_MAPPINGS: endpoints.mappingIds.join(','),
    ISSUE_TABLE_NAME,
    APPROVAL_TABLE_NAME,
    WORK_QUEUE_URL: endpoints.workQueueUrl,
    DEAD_LETTER_QUEUE_URL: endpoints.deadLetterUrl,
    FAILED_RECORDS_BUCKET,
    FEISHU_SECRET_ARN: endpoints.secretName,
    EXTERNAL_SECRET_ARN: endpoints.externalSecretName,
    // The OA simulator is on this machine and uses http.
    EXTERNAL_LOCAL_ENDPOINTS: 'true',
    FEISHU_BASE_URL: endpoints.feishuBaseUrl,
    ...(endpoints.larkBaseUrl !== undefined && { LARK_BASE_URL: endpoints.larkBaseUrl }),
    FEISHU_CALLS_PER_MINUTE: String(endpoints.callsPerMinute),
    EVENT_BUS_NAME: 'default',
    POWERTOOLS_LOG_LEVEL: endpoints.logLevel,
    POWERTOOLS_SERVICE_NAME: 'frabit-im-approval',
    POWERTOOLS_METRICS_NAMESPACE: 'FrabitImApproval',
  };
}

/** Variables of the developer's own set-up that would override the ones above, or send calls elsewhere. */
const FOREIGN_VARIABLES = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SESSION_TOKEN',
  'AWS_ENDPOINT_URL',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  'LARK_BASE_URL',
];

/** Sets the variables of the functions in `process.env`, then loads the handlers. */
export async function loadFunctions(environment: Record<string, string>): Promise<Functions> {
  for (const name of FOREIGN_VARIABLES) delete process.env[name];
  Object.assign(process.env, environment);
  const [watch, reconcile, sweep, publish, receive, receiveExternal, settings] = await Promise.all([
    import('../../../functions/watch-issues/handler.ts'),
    import('../../../functions/reconcile-issues/handler.ts'),
    import('../../../functions/sweep-approvals/handler.ts'),
    import('../../../functions/publish-approval-events/handler.ts'),
    import('../../../functions/receive-feishu-events/handler.ts'),
    import('../../../functions/receive-external-events/handler.ts'),
    import('../../../functions/manage-settings/handler.ts'),
  ]);
  return {
    watchIssues: async (event) => watch.handler(event, lambdaContext('watch-issues', 30)),
    reconcileIssues: async (event) => reconcile.handler(event, lambdaContext('reconcile-issues', 30)),
    sweepApprovals: async (event) => sweep.handler(event, lambdaContext('sweep-approvals', 90)),
    publishApprovalEvents: async (event) =>
      publish.handler(event, lambdaContext('publish-approval-events', 30)),
    receiveFeishuEvents: async (event) => receive.handler(event, lambdaContext('receive-feishu-events', 10)),
    receiveExternalEvents: async (event) =>
      receiveExternal.handler(event, lambdaContext('receive-external-events', 10)),
    manageSettings: async (event) => settings.handler(event, lambdaContext('manage-settings', 30)),
  };
}

function lambdaContext(functionName: string, timeoutSeconds: number): Context {
  const deadline = Date.now() + timeoutSeconds * 1000;
  return {
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn(functionName),
    memoryLimitInMB: '512',
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
