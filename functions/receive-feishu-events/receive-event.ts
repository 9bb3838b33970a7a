import type { Hint, WorkQueue } from '../../shared/approval/hint.ts';
import {
  type OpenedRequest,
  openRequest,
  type WebhookKeys,
  type WebhookRequest,
} from '../../shared/feishu/webhook.ts';
import type { ApprovalEvent } from '../../shared/feishu/webhook-events.ts';
import { AppError } from '../../shared/runtime/errors.ts';
import { describeError, type Logger } from '../../shared/runtime/logger.ts';
import type { Counter } from '../../shared/runtime/metrics.ts';
import type { FeishuSecretReader } from '../../shared/runtime/secrets.ts';

/** CONTRACT section 2: decoded bytes. */
export const MAX_BODY_BYTES = 256 * 1024;

/** Feishu waits three seconds for an answer (FEISHU section 5): by then it must have ours. */
const ANSWER_WITHIN_MS = 2_500;

export interface ReceiveDependencies {
  secrets: Pick<FeishuSecretReader, 'candidates' | 'refresh'>;
  /** The hint that an event becomes; undefined when it is none of ours. */
  findIssue: (event: ApprovalEvent) => Promise<Hint | undefined>;
  queue: WorkQueue;
  /** Whether the settings were saved since this was last asked: then fresh keys are worth a look at once. */
  wereSettingsSaved?: () => Promise<boolean>;
  /** Remembers that a request was verified with these keys: what the doctor tells. */
  noteVerified?: (keys: WebhookKeys, what: 'CHALLENGE' | 'APPROVAL' | 'OTHER') => Promise<void>;
  answerWithinMs?: number;
  counter: Counter;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** What Feishu is told; `answerOf` has the words. */
export type Outcome =
  | { kind: 'CHALLENGE'; challenge: string }
  | { kind: 'STORED' | 'IGNORED' | 'UNAUTHORIZED' | 'BAD_REQUEST' | 'TOO_LARGE' | 'UNAVAILABLE' };

/**
 * Verifies a request and stores it as a hint on the work queue (CONTRACT section 2). Never rejects: what could
 * not be stored is UNAVAILABLE, so that Feishu sends it again (LESSONS row 16).
 */
export async function receiveEvent(
  request: WebhookRequest,
  dependencies: ReceiveDependencies,
): Promise<Outcome> {
  const { counter, logger } = dependencies;
  if (request.body.byteLength > MAX_BODY_BYTES) {
    counter.count('WebhookRefused');
    logger.warn('webhook refused', { reason: 'TOO_LARGE' });
    return { kind: 'TOO_LARGE' };
  }
  try {
    return await within(
      dependencies.answerWithinMs ?? ANSWER_WITHIN_MS,
      open(request, dependencies).then(async ({ opened, sender }) => {
        const noted = noteSender(opened, sender, dependencies);
        const outcome = await settle(opened, dependencies);
        await noted;
        return outcome;
      }),
    );
  } catch (error) {
    counter.count('WebhookUnavailable');
    logger.error('webhook could not store', { error: describeError(error) });
    return { kind: 'UNAVAILABLE' };
  }
}

function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new AppError('TOO_SLOW', 'Storing the event took too long.', { retryable: true })),
    milliseconds,
  );
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

interface Opened {
  opened: OpenedRequest;
  /** Whose keys it was verified with. */
  sender: WebhookKeys | undefined;
}

/**
 * A failed verification may mean new keys: they are read afresh, at most once a minute (LESSONS row 17), and at once
 * after a save. Forged requests cost no more than a read of the settings.
 */
async function open(
  request: WebhookRequest,
  { secrets, wereSettingsSaved }: ReceiveDependencies,
): Promise<Opened> {
  const tryKeys = (candidates: Candidates): Opened => {
    let sender: WebhookKeys | undefined;
    const opened = openRequest(request, keysOf(candidates), (keys) => {
      sender = keys;
    });
    return { opened, sender };
  };
  const tried = await secrets.candidates();
  const first = tryKeys(tried);
  // What has nothing of Feishu's in it cannot be made right by other keys: the one read is kept for what can.
  if (first.opened.kind !== 'REFUSED' || first.opened.reason === 'FOREIGN') return first;
  const saved = (await wereSettingsSaved?.()) ?? false;
  await secrets.refresh({ saved });
  const fresh = await secrets.candidates();
  const isNew = fresh.some(({ secret }) => tried.every((candidate) => candidate.secret !== secret));
  return isNew ? tryKeys(fresh) : first;
}

/** The console waits a second for a challenge: what is only told by the doctor must not use it up. */
const NOTE_WITHIN_MS = 400;

/** Never rejects: the event matters, not what the doctor says of it. */
async function noteSender(
  { kind }: OpenedRequest,
  sender: WebhookKeys | undefined,
  { noteVerified, logger }: ReceiveDependencies,
): Promise<void> {
  if (!sender || !noteVerified || kind === 'REFUSED' || kind === 'MALFORMED') return;
  try {
    await within(NOTE_WITHIN_MS, noteVerified(sender, kind));
  } catch (error) {
    logger.warn('webhook could not note that its keys are right', { error: describeError(error) });
  }
}

type Candidates = Awaited<ReturnType<FeishuSecretReader['candidates']>>;

function keysOf(candidates: Candidates): WebhookKeys[] {
  return candidates.flatMap(({ secret }) =>
    Object.entries(secret.apps).map(([appId, { encryptKey, verificationToken }]) => ({
      appId,
      encryptKey,
      verificationToken,
    })),
  );
}

async function settle(opened: OpenedRequest, dependencies: ReceiveDependencies): Promise<Outcome> {
  const { counter, logger } = dependencies;
  switch (opened.kind) {
    case 'CHALLENGE':
      logger.info('webhook challenge answered');
      return opened;
    case 'APPROVAL':
      return storeEvent(opened.event, dependencies);
    case 'OTHER':
      counter.count('WebhookIgnored');
      logger.info('webhook event of no use');
      return { kind: 'IGNORED' };
    case 'REFUSED':
      counter.count('WebhookRefused');
      logger.warn('webhook refused', { reason: opened.reason });
      return { kind: 'UNAUTHORIZED' };
    case 'MALFORMED':
      counter.count('WebhookRefused');
      logger.warn('webhook refused', { reason: opened.reason });
      return { kind: 'BAD_REQUEST' };
  }
  opened satisfies never;
}

async function storeEvent(event: ApprovalEvent, dependencies: ReceiveDependencies): Promise<Outcome> {
  const { findIssue, queue, counter, logger } = dependencies;
  const { eventId, instanceCode, status } = event;
  const hint = await findIssue(event);
  if (!hint) {
    counter.count('WebhookIgnored');
    logger.info('webhook event of an approval that is not ours', { eventId, instanceCode, status });
    return { kind: 'IGNORED' };
  }
  await queue.send(hint, eventId);
  counter.count('WebhookStored');
  logger.info('webhook event stored', { eventId, instanceCode, status });
  return { kind: 'STORED' };
}
