import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { handleHint } from '../../shared/approval/handle-hint.ts';
import { noteHint, parseHint } from '../../shared/approval/work-queue.ts';
import { processQueue } from '../../shared/runtime/batch.ts';
import { hideMessage, isHidden, pauseAfterFailure } from '../../shared/runtime/message-visibility.ts';
import { observed, reportFailure } from '../../shared/runtime/observed.ts';
import { dependencies } from './dependencies.ts';

/** Handles the hints of the work queue: makes the rounds of an issue match its record. */
export const handler = middy<SQSEvent, SQSBatchResponse>().handler(
  observed(dependencies, (event: SQSEvent, { sqs, queueUrl, work, logger, counter }) => {
    const queue = { sqs, queueUrl };
    return processQueue(
      event.Records,
      async (message) => {
        const hint = parseHint(message.body);
        noteHint(hint);
        const { waitSeconds } = await handleHint(hint, work);
        if (waitSeconds !== undefined) await hideMessage(queue, message, waitSeconds);
      },
      async (error, message) => {
        if (isHidden(error)) return;
        counter.count('HintFailed');
        reportFailure('hint processing failed', error, { logger, counter });
        await pauseAfterFailure(queue, message);
      },
    );
  }),
);
