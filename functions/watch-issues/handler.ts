import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { createWorkQueue } from '../../shared/approval/work-queue.ts';
import { processStream } from '../../shared/runtime/batch.ts';
import { once } from '../../shared/runtime/env.ts';
import { createLogger, describeError } from '../../shared/runtime/logger.ts';
import { createCounter } from '../../shared/runtime/metrics.ts';
import { watchIssuesEnv } from './env.ts';
import { watchRecord } from './watch-record.ts';

const start = once(() => ({
  queue: createWorkQueue({ sqs: new SQSClient({}), queueUrl: watchIssuesEnv().WORK_QUEUE_URL }),
  counter: createCounter('watch-issues'),
  logger: createLogger('watch-issues'),
}));

/** Turns the stream of the Issues table into hints on the work queue. */
export const handler = middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(async (event) => {
  const dependencies = start();
  const { counter, logger } = dependencies;
  try {
    return await processStream(
      event.Records,
      (record) => watchRecord(record, dependencies),
      (error, record) => {
        counter.count('RecordFailed');
        logger.error('sending a hint for a change failed', {
          eventId: record.eventID,
          error: describeError(error),
        });
      },
    );
  } finally {
    counter.flush();
  }
});
