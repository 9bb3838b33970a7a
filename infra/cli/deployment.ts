import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Outputs } from './outputs.ts';

/**
 * Calls a route below SettingsUrl, signed if the deployment needs that. `body` is the JSON of the answer, or undefined if
 * the answer is not JSON. Rejects if no answer comes.
 */
export type SettingsCaller = (
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: `/${string}`,
  body?: unknown,
) => Promise<{ status: number; body: unknown }>;

/** Where the log lines of the functions are. `path`: absent for local stacks of earlier versions. */
export type LogPlace =
  | { kind: 'LOG_GROUPS'; client: CloudWatchLogsClient }
  | { kind: 'FILE'; path: string | undefined };

/** A place where the product runs: a stack on AWS, or the local stack of `npm start`. */
export interface Deployment {
  /** Names it in sentences: "stack FrabitImApproval in eu-west-1". */
  where: string;
  outputs: Outputs;
  /** Returns an output that the command needs, or throws a CommandProblem. */
  output(name: keyof Outputs): string;
  settings: SettingsCaller;
  dynamodb: DynamoDBClient;
  documents: DynamoDBDocumentClient;
  sqs: SQSClient;
  s3: S3Client;
  lambda: LambdaClient;
  logs: LogPlace;
  close(): void;
}
