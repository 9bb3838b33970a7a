import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { DynamoDBBatchResponse } from 'aws-lambda';
import { createWorkQueue, isHintRefused } from '../../shared/approval/work-queue.ts';
import { processStream } from '../../shared/runtime/batch.ts';
import { once } from '../../shared/runtime/env.ts';
import { createRecordShelf, type StreamEvent } from '../../shared/runtime/failed-records.ts';
import { isLasting } from '../../shared/runtime/lasting-errors.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createCounter } from '../../shared/runtime/metrics.ts';
import { observed, reportFailure } from '../../shared/runtime/observed.ts';
import { watchIssuesEnv } from './env.ts';
import { isUnusable, watchRecord } from './watch-record.ts';

const start = once(() => {
  const env = watchIssuesEnv();
  const counter = createCounter('watch-issues');
  const logger = createLogger('watch-issues');
  return {
    queue: createWorkQueue({ sqs: new SQSClient({}), queueUrl: env.WORK_QUEUE_URL }),
    shelf: createRecordShelf(env.FAILED_RECORDS_BUCKET, { counter, logger }),
    counter,
    logger,
  };
});

/** Turns the stream of the Issues table into hints on the work queue. */
export const handler = middy<StreamEvent, DynamoDBBatchResponse>().handler(
  observed(start, (event: StreamEvent, { shelf, ...dependencies }) => {
    const setAside = shelf.of(event);
    return processStream(
      event.Records,
      (record) => watchRecord(record, dependencies),
      async (error, record) => {
        dependencies.counter.count('RecordFailed');
        reportFailure('sending a hint for a change failed', error, dependencies);
        if (!isLasting(error) && !isHintRefused(error)) return undefined;
        // Without a bucket, a record that names no issue is skipped: it would block the issues behind it.
        const isDone = setAside ? await setAside(record) : isUnusable(error);
        return isDone ? 'DONE' : undefined;
      },
    );
  }),
);
