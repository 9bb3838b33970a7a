import { randomUUID } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { currentFunctionArn, currentRequestId } from './invocation.ts';
import type { Logger } from './logger.ts';
import type { Counter } from './metrics.ts';
import { reportFailure } from './observed.ts';

/** `redriven`: `frabit-im dead-letters redrive` made this event of an object in the failed-records bucket. */
export type StreamEvent = DynamoDBStreamEvent & { redriven?: true };

/** The limit of one put with its retries. A record that cannot be stored in this time stays with the stream. */
const PUT_TIMEOUT_MS = 5_000;

/**
 * Stores a record that cannot succeed, so that the stream continues behind it. Resolves to false if it could not be
 * stored: it must stay with the stream then.
 */
export type SetAside = (record: DynamoDBRecord) => Promise<boolean>;

export interface RecordShelf {
  /**
   * Returns how records of this event are set aside: as objects in the failed-records bucket. Undefined without a
   * bucket. A record of a redriven event is an object already. It is reported as failed, so that the object stays.
   */
  of(event: StreamEvent): SetAside | undefined;
}

/** @param bucket FAILED_RECORDS_BUCKET; without it nothing is set aside */
export function createRecordShelf(
  bucket: string | undefined,
  reporting: {
    logger: Pick<Logger, 'warn' | 'error'>;
    counter: Pick<Counter, 'count'>;
    s3?: Pick<S3Client, 'send'>;
    now?: () => Date;
  },
): RecordShelf {
  const { logger, counter, now = () => new Date() } = reporting;
  let client = reporting.s3;
  const store = async (record: DynamoDBRecord): Promise<boolean> => {
    // Made at the first use: hardly any container needs it.
    client ??= new S3Client({});
    const { key, body } = setAsideRecord(record, now(), currentFunctionArn() ?? '', randomUUID);
    const put = { Bucket: bucket, Key: key, Body: JSON.stringify(body), ContentType: 'application/json' };
    try {
      await client.send(new PutObjectCommand(put), { abortSignal: AbortSignal.timeout(PUT_TIMEOUT_MS) });
    } catch (error) {
      reportFailure('setting a record aside failed', error, reporting);
      return false;
    }
    counter.count('RecordSetAside');
    logger.warn('record set aside');
    return true;
  };
  return {
    of({ redriven }) {
      if (redriven) return async () => false;
      return bucket === undefined ? undefined : store;
    },
  };
}

/**
 * Returns the key and the body of the object, in the form that Lambda itself uses for given-up records (AWS Lambda
 * Developer Guide, "Retain discarded records for a DynamoDB event source"). `payload` is the event as text.
 *
 * The key is new each time: a redrive deletes its object after the function took the record, which may just have been
 * set aside once more.
 */
function setAsideRecord(record: DynamoDBRecord, now: Date, functionArn: string, newId: () => string) {
  const at = now.toISOString();
  const name = functionArn.split(':')[6] ?? 'function';
  const { SequenceNumber = '', ApproximateCreationDateTime: seconds } = record.dynamodb ?? {};
  const arrival = seconds === undefined ? at : new Date(seconds * 1000).toISOString();
  const second = at.slice(0, 19).replaceAll(':', '.');
  return {
    key: `aws/lambda/${name}/set-aside/${at.slice(0, 10).replaceAll('-', '/')}/${second}-${newId()}`,
    body: {
      requestContext: {
        requestId: currentRequestId() ?? newId(),
        functionArn,
        condition: 'SetAside',
        approximateInvokeCount: 1,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST' },
      version: '1.0',
      timestamp: at,
      DDBStreamBatchInfo: {
        startSequenceNumber: SequenceNumber,
        endSequenceNumber: SequenceNumber,
        approximateArrivalOfFirstRecord: arrival,
        approximateArrivalOfLastRecord: arrival,
        batchSize: 1,
        streamArn: record.eventSourceARN ?? '',
      },
      payload: JSON.stringify({ Records: [record] }),
    },
  };
}
