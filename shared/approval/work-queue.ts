import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { AppError } from '../runtime/errors.ts';
import { sha256 } from '../runtime/sha256.ts';
import { type Hint, hintSchema, type WorkQueue } from './plan/hint.ts';

/**
 * The work queue on SQS FIFO. The group is the issue, so an issue is never worked on twice at once and issues
 * never wait for each other; an instance whose issue is unknown is a group of its own (docs/design.md 4.9).
 * `timeoutMilliseconds` bounds one send with all its retries. Failures are `QUEUE_UNAVAILABLE`, retryable.
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
        MessageDeduplicationId: acceptable(deduplicationId) ? deduplicationId : sha256(deduplicationId),
      });
      try {
        await sqs.send(command, { abortSignal: AbortSignal.timeout(timeoutMilliseconds) });
      } catch (cause) {
        throw new AppError('QUEUE_UNAVAILABLE', 'The work queue could not be reached.', {
          retryable: true,
          cause,
        });
      }
    },
  };
}

/**
 * SQS refuses bodies with characters that an id may hold (U+FFFF; fauxqs even an emoji), and a hint that is refused
 * for ever would hold up its shard of the stream: in JSON every character has a spelling in ASCII.
 */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** SQS takes 1–128 letters, digits and ASCII punctuation (SendMessage, MessageDeduplicationId). */
const acceptable = (id: string): boolean => /^[!-~]{1,128}$/.test(id);

/** Reads the body of a message; `BAD_HINT`, not retryable, when it is none of ours. */
export function parseHint(body: string): Hint {
  try {
    return hintSchema.parse(JSON.parse(body));
  } catch (cause) {
    throw new AppError('BAD_HINT', 'A message on the work queue is not a hint.', { cause });
  }
}
