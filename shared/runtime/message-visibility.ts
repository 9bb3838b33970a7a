import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { awsFaultOf } from './aws-errors.ts';
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

/** The longest pause after a failure that may pass by itself, in seconds. */
const LONGEST_PAUSE_SECONDS = 90;
/** The pause after AWS refused a call: a person must act first (ADR 21). */
const REFUSED_PAUSE_SECONDS = 10 * 60;

/**
 * Hides a failed message, and with it the later messages of its group: for 1 second, then 2, 4 and so on up to 90; for
 * 10 minutes if AWS refused a call.
 */
export async function pauseAfterFailure(
  place: QueuePlace,
  message: SQSRecord,
  error: unknown,
): Promise<void> {
  await changeVisibility(place, message, pauseSeconds(message, error)).catch(() => {
    // Without it the message returns after the visibility timeout of the queue.
  });
}

function pauseSeconds({ attributes }: SQSRecord, error: unknown): number {
  const fault = awsFaultOf(error);
  if (fault === 'RIGHT_MISSING' || fault === 'REFUSED') return REFUSED_PAUSE_SECONDS;
  const received = Number(attributes.ApproximateReceiveCount) || 1;
  return Math.min(2 ** (received - 1), LONGEST_PAUSE_SECONDS);
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
