import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBRecord } from 'aws-lambda';
import { functionArn, LOCAL_CREDENTIALS, REGION } from '../names.ts';

export const FAILED_RECORDS_BUCKET = 'frabit-failed-records';

/** A batch of stream records that a function failed on until its retries were used up. */
export interface FailedBatch {
  functionName: string;
  /** The event source mapping's id. */
  mappingId: string;
  streamArn: string;
  shardId: string;
  /** How many times the function was invoked with this batch. */
  attempts: number;
  records: readonly DynamoDBRecord[];
}

export interface FailedRecords {
  /** Stores a batch as an object. Rejects if the bucket cannot be reached. */
  store(batch: FailedBatch): Promise<void>;
  close(): void;
}

/** Creates the bucket for given-up batches, at an S3 on this machine. */
export async function openFailedRecords(endpoint: string, now = () => new Date()): Promise<FailedRecords> {
  const client = new S3Client({
    endpoint,
    region: REGION,
    credentials: LOCAL_CREDENTIALS,
    // This machine cannot resolve the name of the bucket as a host name.
    forcePathStyle: true,
  });
  await client.send(new CreateBucketCommand({ Bucket: FAILED_RECORDS_BUCKET }));
  return {
    async store(batch) {
      const { key, body } = failedRecord(batch, now(), randomUUID);
      await client.send(
        new PutObjectCommand({
          Bucket: FAILED_RECORDS_BUCKET,
          Key: key,
          Body: JSON.stringify(body),
          ContentType: 'application/json',
        }),
      );
    },
    close: () => client.destroy(),
  };
}

/**
 * Returns the key and the body that Lambda uses for an S3 on-failure destination of a DynamoDB stream (AWS Lambda
 * Developer Guide, "Retain discarded records for a DynamoDB event source"). `payload` is the whole event as text.
 */
export function failedRecord(batch: FailedBatch, now: Date, newId: () => string) {
  const { functionName, mappingId, streamArn, shardId, attempts, records } = batch;
  const [first, last] = [records[0], records.at(-1)];
  const second = now.toISOString().slice(0, 19);
  const day = second.slice(0, 10).replaceAll('-', '/');
  return {
    key: `aws/lambda/${mappingId}/${shardId}/${day}/${second.replaceAll(':', '.')}-${newId()}`,
    body: {
      requestContext: {
        requestId: newId(),
        functionArn: `${functionArn(functionName)}:$LATEST`,
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: attempts,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: now.toISOString(),
      DDBStreamBatchInfo: {
        shardId,
        startSequenceNumber: first?.dynamodb?.SequenceNumber ?? '',
        endSequenceNumber: last?.dynamodb?.SequenceNumber ?? '',
        approximateArrivalOfFirstRecord: arrivalOf(first, now),
        approximateArrivalOfLastRecord: arrivalOf(last, now),
        batchSize: records.length,
        streamArn,
      },
      payload: JSON.stringify({ Records: records }),
    },
  };
}

function arrivalOf(record: DynamoDBRecord | undefined, now: Date): string {
  const seconds = record?.dynamodb?.ApproximateCreationDateTime;
  return (seconds === undefined ? now : new Date(seconds * 1000)).toISOString();
}
