import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { awsCallError } from '../runtime/aws-errors.ts';
import { AppError } from '../runtime/errors.ts';
import { note } from '../runtime/invocation.ts';
import { originAttributes } from '../runtime/message-origin.ts';
import { sha256 } from '../runtime/sha256.ts';
import { type Hint, hintSchema, type WorkQueue } from './plan/hint.ts';

/**
 * Creates the work queue on SQS FIFO. The message group is the issue, so an issue is never handled twice at once and
 * issues never wait for each other. An instance whose issue is unknown is a group of its own (docs/design.md 4.9).
 * What set the present work off goes with the message, as attributes, so that logs and metrics of the worker know it.
 * Failures are retryable: `QUEUE_UNAVAILABLE`, `RIGHT_MISSING` or `QUEUE_REFUSED`.
 * @param options.timeoutMilliseconds the limit for one send with all its retries
 */
export function createWorkQueue(options: {
  sqs: SQSClient;
  queueUrl: string;
  timeoutMilliseconds?: number;
}): WorkQueue {
  const { sqs, queueUrl, timeoutMilliseconds = 5_000 } = options;
  return {
    async send(hint, deduplicationId) {
      const command = new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: asciiJson(hint),
        MessageGroupId: sha256(hint.kind === 'UNKNOWN_INSTANCE' ? hint.instanceCode : hint.issueId),
        MessageDeduplicationId: isAcceptable(deduplicationId) ? deduplicationId : sha256(deduplicationId),
        ...originAttributes(),
      });
      try {
        await sqs.send(command, { abortSignal: AbortSignal.timeout(timeoutMilliseconds) });
      } catch (cause) {
        throw queueError(cause);
      }
    },
  };
}

const queueError = (cause: unknown): AppError =>
  awsCallError(cause, {
    missingRight: 'The right to send to the work queue is missing.',
    refused: ['QUEUE_REFUSED', 'The work queue refused a message, or does not exist.'],
    busy: ['QUEUE_UNAVAILABLE', 'The work queue could not be reached.'],
  });

/** Errors of SendMessage about the message itself, not about the queue (SQS API Reference, SendMessage). */
const MESSAGE_REFUSED: ReadonlySet<string> = new Set([
  'InvalidMessageContents',
  'InvalidParameterValue',
  'InvalidParameterValueException',
]);

/** Whether the queue refused a hint for what it is: the same hint is refused again. */
export const isHintRefused = (error: unknown): boolean =>
  error instanceof AppError &&
  error.code === 'QUEUE_REFUSED' &&
  error.cause instanceof Error &&
  MESSAGE_REFUSED.has(error.cause.name);

/** Tells the logs what a hint is about. */
export function noteHint(hint: Hint): void {
  note({
    issueId: 'issueId' in hint ? hint.issueId : undefined,
    approvalId: 'approvalId' in hint ? hint.approvalId : undefined,
    instanceCode: 'instanceCode' in hint ? hint.instanceCode : undefined,
    eventId: 'eventId' in hint ? hint.eventId : undefined,
    nodeId: 'nodeId' in hint ? hint.nodeId : undefined,
  });
}

/**
 * Returns JSON in ASCII only. SQS refuses bodies with some characters that an id may have (U+FFFF; fauxqs refuses
 * even an emoji). A hint that is always refused would block its shard of the stream. JSON can write every character
 * in ASCII.
 */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/**
 * Whether SQS accepts a deduplication id: 1–128 letters, digits and ASCII punctuation (SendMessage,
 * MessageDeduplicationId).
 */
const isAcceptable = (id: string): boolean => /^[!-~]{1,128}$/.test(id);

/** Returns the hint in the body of a message. Throws `BAD_HINT`, not retryable, if the body is not a hint. */
export function parseHint(body: string): Hint {
  try {
    return hintSchema.parse(JSON.parse(body));
  } catch (cause) {
    throw new AppError('BAD_HINT', 'A message on the work queue is not a hint.', { cause });
  }
}
