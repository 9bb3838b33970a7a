import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Outputs } from './outputs.ts';

/**
 * Calls a route below SettingsUrl, signed where it has to be. `body` is the JSON of the answer, undefined when it
 * is none. Rejects when no answer comes.
 */
export type SettingsCaller = (
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: `/${string}`,
  body?: unknown,
) => Promise<{ status: number; body: unknown }>;

/** One place where the product runs: a stack on AWS, or the one of `npm start`. */
export interface Deployment {
  /** For sentences: "stack FrabitImApproval in eu-west-1". */
  where: string;
  outputs: Outputs;
  /** One that the command cannot do without: a CommandProblem when the stack has none. */
  output(name: keyof Outputs): string;
  settings: SettingsCaller;
  dynamodb: DynamoDBClient;
  documents: DynamoDBDocumentClient;
  sqs: SQSClient;
  s3: S3Client;
  lambda: LambdaClient;
  close(): void;
}
