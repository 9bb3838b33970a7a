import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { AppError } from './errors.ts';

export interface QueuePlace {
  sqs: SQSClient;
  queueUrl: string;
}

/** Longer waits use `checkAfter` (docs/design.md 4.9). */
const MAX_WAIT_SECONDS = 15 * 60;

/**
 * Hides a message, then rejects with `HIDDEN`, so that the batch reports it as failed. The message stays on the queue,
 * and its message group waits with it.
 */
export async function hideMessage(place: QueuePlace, message: SQSRecord, seconds: number): Promise<never> {
  await changeVisibility(place, message, Math.min(Math.ceil(seconds), MAX_WAIT_SECONDS));
  throw new AppError('HIDDEN', 'The message is hidden until its time.', { retryable: true });
}

export const isHidden = (error: unknown): boolean => error instanceof AppError && error.code === 'HIDDEN';

/** Hides a failed message for 1 second, then 2, 4 and so on, up to the 90 seconds of the queue. */
export async function pauseAfterFailure(place: QueuePlace, message: SQSRecord): Promise<void> {
  const received = Number(message.attributes.ApproximateReceiveCount) || 1;
  await changeVisibility(place, message, Math.min(2 ** (received - 1), 90)).catch(() => {
    // Without it the message returns after the visibility timeout of the queue.
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
