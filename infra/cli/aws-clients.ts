import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { marshallOptions } from '../../shared/runtime/dynamodb-writes.ts';
import type { Deployment } from './deployment.ts';

/** Options of the SDK's clients; absent ones come from the user's AWS configuration. */
export interface ClientOptions {
  region?: string;
  profile?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

export interface Endpoints {
  dynamodb: string;
  sqs: string;
  s3: string;
  lambda: string;
}

type Clients = Pick<Deployment, 'dynamodb' | 'documents' | 'sqs' | 's3' | 'lambda' | 'close'>;

/** Makes the clients of a deployment; `endpoints`: those of a local stack. */
export function createClients(options: ClientOptions, endpoints?: Endpoints): Clients {
  const at = (service: keyof Endpoints) => ({
    ...options,
    ...(endpoints && { endpoint: endpoints[service] }),
  });
  const dynamodb = new DynamoDBClient(at('dynamodb'));
  // The host name in the URL of a local queue does not resolve everywhere.
  const sqs = new SQSClient({ ...at('sqs'), useQueueUrlAsEndpoint: endpoints === undefined });
  const s3 = new S3Client({ ...at('s3'), ...(endpoints && { forcePathStyle: true }) });
  const lambda = new LambdaClient(at('lambda'));
  return {
    dynamodb,
    documents: DynamoDBDocumentClient.from(dynamodb, { marshallOptions: marshallOptions() }),
    sqs,
    s3,
    lambda,
    close: () => [dynamodb, sqs, s3, lambda].forEach((client) => void client.destroy()),
  };
}
