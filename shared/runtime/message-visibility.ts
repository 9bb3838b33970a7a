import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { AppError } from './errors.ts';

export interface QueuePlace {
  sqs: SQSClient;
  queueUrl: string;
}

/** Longer waits are the checkAfter's (docs/design.md 4.9). */
const MAX_WAIT_SECONDS = 15 * 60;

/**
 * Hides a message for so many seconds, then rejects with `HIDDEN` so that the batch reports it as not done: it
 * stays on the queue, and its group with it.
 */
export async function hideMessage(place: QueuePlace, message: SQSRecord, seconds: number): Promise<never> {
  await changeVisibility(place, message, Math.min(Math.ceil(seconds), MAX_WAIT_SECONDS));
  throw new AppError('HIDDEN', 'The message waits for its time.', { retryable: true });
}

export const isHidden = (error: unknown): boolean => error instanceof AppError && error.code === 'HIDDEN';

/** After a failure the message comes back soon, then later and later, up to the queue's own 90 seconds. */
export async function pauseAfterFailure(place: QueuePlace, message: SQSRecord): Promise<void> {
  const received = Number(message.attributes.ApproximateReceiveCount) || 1;
  await changeVisibility(place, message, Math.min(2 ** (received - 1), 90)).catch(() => {
    // Without it the message comes back when the queue's own visibility ends.
  });
}

async function changeVisibility({ sqs, queueUrl }: QueuePlace, message: SQSRecord, seconds: number) {
  await sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: queueUrl,
      ReceiptHandle: message.receiptHandle,
      VisibilityTimeout: seconds,
    }),
  );
}
