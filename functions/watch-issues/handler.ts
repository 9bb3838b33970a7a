import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { createWorkQueue } from '../../shared/approval/work-queue.ts';
import { processStream } from '../../shared/runtime/batch.ts';
import { once } from '../../shared/runtime/env.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createCounter } from '../../shared/runtime/metrics.ts';
import { observed, reportFailure } from '../../shared/runtime/observed.ts';
import { watchIssuesEnv } from './env.ts';
import { watchRecord } from './watch-record.ts';

const start = once(() => ({
  queue: createWorkQueue({ sqs: new SQSClient({}), queueUrl: watchIssuesEnv().WORK_QUEUE_URL }),
  counter: createCounter('watch-issues'),
  logger: createLogger('watch-issues'),
}));

/** Turns the stream of the Issues table into hints on the work queue. */
export const handler = middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(
  observed(start, (event: DynamoDBStreamEvent, dependencies) =>
    processStream(
      event.Records,
      (record) => watchRecord(record, dependencies),
      (error) => {
        dependencies.counter.count('RecordFailed');
        reportFailure('sending a hint for a change failed', error, dependencies);
      },
    ),
  ),
);
