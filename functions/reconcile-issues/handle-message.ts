import type { SQSRecord } from 'aws-lambda';
import { handleHint } from '../../shared/approval/handle-hint.ts';
import { noteHint, parseHint } from '../../shared/approval/work-queue.ts';
import { isGivenUp, sendToDeadLetters } from '../../shared/runtime/dead-letters.ts';
import { hideMessage, isHidden, pauseAfterFailure } from '../../shared/runtime/message-visibility.ts';
import { reportFailure } from '../../shared/runtime/observed.ts';
import type { dependencies } from './dependencies.ts';

type Dependencies = ReturnType<typeof dependencies>;

/** Handles the hint of a message. Rejects with `HIDDEN` if the message is to come back after its wait. */
export async function handleMessage(
  message: SQSRecord,
  { sqs, queueUrl, work }: Dependencies,
): Promise<void> {
  const hint = parseHint(message.body);
  noteHint(hint);
  const { waitSeconds } = await handleHint(hint, work);
  if (waitSeconds !== undefined) await hideMessage({ sqs, queueUrl }, message, waitSeconds);
}

/** Sets the message aside if it is given up, which ends it, or else hides it until the next try. */
export async function afterFailure(
  error: unknown,
  message: SQSRecord,
  parts: Dependencies,
): Promise<'DONE' | undefined> {
  if (isHidden(error)) return undefined;
  parts.counter.count('HintFailed');
  reportFailure('hint processing failed', error, parts);
  if (isGivenUp(error, message, Date.now()) && (await setAside(message, parts))) return 'DONE';
  await pauseAfterFailure(parts, message, error);
  return undefined;
}

async function setAside(
  message: SQSRecord,
  { sqs, deadLetterUrl, logger, counter }: Dependencies,
): Promise<boolean> {
  if (deadLetterUrl === undefined) return false;
  try {
    await sendToDeadLetters({ sqs, queueUrl: deadLetterUrl }, message);
  } catch (error) {
    reportFailure('setting a hint aside failed', error, { logger, counter });
    return false;
  }
  counter.count('HintSetAside');
  logger.warn('hint set aside');
  return true;
}
