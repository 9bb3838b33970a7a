import type { Hint, WorkQueue } from '../../shared/approval/plan/hint.ts';
import {
  type OpenedRequest,
  openRequest,
  type WebhookKeys,
  type WebhookRequest,
} from '../../shared/feishu/webhook.ts';
import type { ApprovalEvent } from '../../shared/feishu/webhook-events.ts';
import { describeError, type Logger } from '../../shared/runtime/logger.ts';
import type { Counter } from '../../shared/runtime/metrics.ts';
import type { FeishuSecretReader } from '../../shared/runtime/secret-reader.ts';
import { within } from '../../shared/runtime/within.ts';
import type { WebhookNotes } from '../../shared/settings/webhook-log.ts';

/** CONTRACT section 2: decoded bytes. */
export const MAX_BODY_BYTES = 256 * 1024;

/** Feishu waits three seconds for an answer (FEISHU section 5): by then it must have ours. */
const ANSWER_WITHIN_MS = 2_500;

const TOO_SLOW = 'Storing the event took too long.';

export interface ReceiveDependencies {
  secrets: Pick<FeishuSecretReader, 'candidates' | 'refresh'>;
  /** The hint that an event becomes; undefined when it is none of ours. */
  findIssue: (event: ApprovalEvent) => Promise<Hint | undefined>;
  queue: WorkQueue;
  /** Which save of the settings stands; after another one fresh keys are worth a look at once. */
  readRevision: () => Promise<number | undefined>;
  /** What the doctor tells. */
  notes: WebhookNotes;
  answerWithinMs?: number;
  counter: Counter;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** What Feishu is told; `answerOf` has the words. */
export type ReceiveResult =
  | { kind: 'CHALLENGE'; challenge: string }
  | { kind: 'STORED' | 'IGNORED' | 'UNAUTHORIZED' | 'BAD_REQUEST' | 'TOO_LARGE' | 'UNAVAILABLE' };

/**
 * Verifies a request and stores it as a hint on the work queue (CONTRACT section 2). Never rejects: what could
 * not be stored is UNAVAILABLE, so that Feishu sends it again (LESSONS row 16).
 */
export async function receiveFeishuEvent(
  request: WebhookRequest,
  dependencies: ReceiveDependencies,
): Promise<ReceiveResult> {
  const { counter, logger } = dependencies;
  if (request.body.byteLength > MAX_BODY_BYTES) {
    counter.count('WebhookRefused');
    logger.warn('webhook refused', { reason: 'TOO_LARGE' });
    return { kind: 'TOO_LARGE' };
  }
  try {
    return await within(
      dependencies.answerWithinMs ?? ANSWER_WITHIN_MS,
      open(request, dependencies).then(async (opened) => {
        const recorded = recordSender(opened, dependencies);
        const outcome = await handleOpened(opened.opened, dependencies);
        await recorded;
        return outcome;
      }),
      TOO_SLOW,
    );
  } catch (error) {
    counter.count('WebhookUnavailable');
    logger.error('webhook could not store', { error: describeError(error) });
    return { kind: 'UNAVAILABLE' };
  }
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
async function open(request: WebhookRequest, dependencies: ReceiveDependencies): Promise<Opened> {
  const { secrets } = dependencies;
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
  await secrets.refresh({ revision: await revisionOf(dependencies) });
  const fresh = await secrets.candidates();
  const isNew = fresh.some(({ secret }) => tried.every((candidate) => candidate.secret !== secret));
  return isNew ? tryKeys(fresh) : first;
}

/** What is only an addition must not use up the second in which the console waits for a challenge. */
const ADDED_WITHIN_MS = 400;

/** undefined: not known now, so that a forger is answered as ever. */
async function revisionOf({ readRevision, logger }: ReceiveDependencies): Promise<number | undefined> {
  try {
    return await within(ADDED_WITHIN_MS, readRevision(), TOO_SLOW);
  } catch (error) {
    logger.warn('webhook could not read which settings stand', { error: describeError(error) });
    return undefined;
  }
}

/** Never rejects: the event matters, not what the doctor says of it. */
async function recordForDoctor(note: () => Promise<void>, { logger }: ReceiveDependencies): Promise<void> {
  try {
    await within(ADDED_WITHIN_MS, note(), TOO_SLOW);
  } catch (error) {
    logger.warn('webhook could not note what the doctor tells', { error: describeError(error) });
  }
}

async function recordSender({ opened, sender }: Opened, dependencies: ReceiveDependencies): Promise<void> {
  const { kind } = opened;
  if (!sender || kind === 'REFUSED' || kind === 'MALFORMED') return;
  await recordForDoctor(() => dependencies.notes.note(sender, kind), dependencies);
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

async function handleOpened(
  opened: OpenedRequest,
  dependencies: ReceiveDependencies,
): Promise<ReceiveResult> {
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

async function storeEvent(event: ApprovalEvent, dependencies: ReceiveDependencies): Promise<ReceiveResult> {
  const { findIssue, queue, counter, logger } = dependencies;
  const { eventId, instanceCode, status } = event;
  const hint = await findIssue(event);
  if (!hint) {
    counter.count('WebhookIgnored');
    logger.info('webhook event of an approval that is not ours', { eventId, instanceCode, status });
    return { kind: 'IGNORED' };
  }
  const { instanceUuid } = event;
  const isOver = hint.kind === 'UNKNOWN_INSTANCE' && instanceUuid !== undefined && status !== 'PENDING';
  await Promise.all([
    queue.send(hint, eventId),
    isOver && recordForDoctor(() => dependencies.notes.noteTest(instanceUuid), dependencies),
  ]);
  counter.count('WebhookStored');
  logger.info('webhook event stored', { eventId, instanceCode, status });
  return { kind: 'STORED' };
}
