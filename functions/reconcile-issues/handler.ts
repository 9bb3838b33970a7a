import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { processQueue } from '../../shared/runtime/batch.ts';
import { observed } from '../../shared/runtime/observed.ts';
import { dependencies } from './dependencies.ts';
import { afterFailure, handleMessage } from './handle-message.ts';

/** Handles the hints of the work queue: makes the rounds of an issue match its record. */
export const handler = middy<SQSEvent, SQSBatchResponse>().handler(
  observed(dependencies, (event: SQSEvent, parts) =>
    processQueue(
      event.Records,
      (message) => handleMessage(message, parts),
      (error, message) => afterFailure(error, message, parts),
    ),
  ),
);
