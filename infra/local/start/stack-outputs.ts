import { FAILED_RECORDS_BUCKET } from '../aws/failed-records.ts';
import { APPROVAL_TABLE_NAME, ISSUE_TABLE_NAME, REGION } from '../names.ts';

/** `GET /stack`: the outputs of a deployed stack (docs/contract.md 6), the local endpoints of its services, and its log file. */
interface StackDescription {
  outputs: Record<
    | 'IssueTableName'
    | 'IssueTableStreamArn'
    | 'ApprovalTableName'
    | 'FeishuWebhookUrl'
    | 'SettingsUrl'
    | 'FeishuSecretArn'
    | 'ExternalNodesSecretArn'
    | 'WorkQueueUrl'
    | 'DeadLetterQueueUrl'
    | 'FailedRecordsBucketName',
    string
  >;
  endpoints: Record<'dynamodb' | 'sqs' | 's3' | 'lambda', string>;
  region: string;
  /** The log file of the functions, as an absolute path. */
  logFile: string;
}

export function describeStack(parts: {
  frontUrl: string;
  database: { endpoint: string; issueStreamArn: string };
  queue: { endpoint: string; queueUrl: string; deadLetterUrl: string };
  secretArn: string;
  externalSecretArn: string;
  lambdaUrl: string;
  logFile: string;
}): StackDescription {
  const { frontUrl, database, queue } = parts;
  return {
    outputs: {
      IssueTableName: ISSUE_TABLE_NAME,
      IssueTableStreamArn: database.issueStreamArn,
      ApprovalTableName: APPROVAL_TABLE_NAME,
      FeishuWebhookUrl: requestUrl(frontUrl),
      SettingsUrl: `${frontUrl}/settings`,
      FeishuSecretArn: parts.secretArn,
      ExternalNodesSecretArn: parts.externalSecretArn,
      WorkQueueUrl: queue.queueUrl,
      DeadLetterQueueUrl: queue.deadLetterUrl,
      FailedRecordsBucketName: FAILED_RECORDS_BUCKET,
    },
    // fauxqs simulates both SQS and S3.
    endpoints: {
      dynamodb: database.endpoint,
      sqs: queue.endpoint,
      s3: queue.endpoint,
      lambda: parts.lambdaUrl,
    },
    region: REGION,
    logFile: parts.logFile,
  };
}

/** The request URL to enter in Feishu's console. */
export const requestUrl = (frontUrl: string): string => `${frontUrl}/feishu/events`;

/** The URL to enter in an OA, to which it sends its events. */
export const externalEventsUrl = (frontUrl: string, nodeId: string): string =>
  `${frontUrl}/external-approvals/${nodeId}/events`;
