import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { handleHint } from '../../shared/approval/handle-hint.ts';
import { parseHint } from '../../shared/approval/work-queue.ts';
import { processQueue } from '../../shared/runtime/batch.ts';
import { describeError } from '../../shared/runtime/logger.ts';
import { hideMessage, isHidden, pauseAfterFailure } from '../../shared/runtime/message-visibility.ts';
import { dependencies } from './dependencies.ts';

/** Handles the hints of the work queue: makes the rounds of an issue match its record. */
export const handler = middy<SQSEvent, SQSBatchResponse>().handler(async (event) => {
  const { sqs, queueUrl, work, logger, counter } = dependencies();
  const queue = { sqs, queueUrl };
  try {
    return await processQueue(
      event.Records,
      async (message) => {
        const { waitSeconds } = await handleHint(parseHint(message.body), work);
        if (waitSeconds !== undefined) await hideMessage(queue, message, waitSeconds);
      },
      async (error, message) => {
        if (isHidden(error)) return;
        counter.count('RecordFailed');
        logger.error('hint processing failed', {
          messageId: message.messageId,
          error: describeError(error),
        });
        await pauseAfterFailure(queue, message);
      },
    );
  } finally {
    counter.flush();
  }
});
