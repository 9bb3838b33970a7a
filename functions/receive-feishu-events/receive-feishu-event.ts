import type { Hint, WorkQueue } from '../../shared/approval/plan/hint.ts';
import { noteHint } from '../../shared/approval/work-queue.ts';
import {
  type OpenedRequest,
  openRequest,
  type WebhookKeys,
  type WebhookRequest,
} from '../../shared/feishu/webhook.ts';
import type { ApprovalEvent } from '../../shared/feishu/webhook-events.ts';
import { note, runAbout } from '../../shared/runtime/invocation.ts';
import { describeError, type Logger } from '../../shared/runtime/logger.ts';
import type { Counter } from '../../shared/runtime/metrics.ts';
import { reportFailure } from '../../shared/runtime/observed.ts';
import { within } from '../../shared/runtime/with-timeout.ts';
import type { FeishuSecretReader } from '../../shared/settings/feishu-secret.ts';
import type { WebhookLog } from '../../shared/settings/webhook-log.ts';

/** docs/contract.md 2: bytes after decoding. */
const MAX_BODY_BYTES = 256 * 1024;

/** Feishu waits three seconds for an answer (docs/feishu.md 5). */
const ANSWER_WITHIN_MS = 2_500;

const TOO_SLOW = 'Storing the event took too long.';

export interface ReceiveDependencies {
  secrets: Pick<FeishuSecretReader, 'candidates' | 'refresh'>;
  /** Turns an event into a hint; undefined if the event is not ours. */
  findIssue: (event: ApprovalEvent) => Promise<Hint | undefined>;
  queue: WorkQueue;
  /** The revision of the saved settings: a new one means that the keys may be new. */
  readRevision: () => Promise<number | undefined>;
  /** What the doctor tells. */
  webhookLog: WebhookLog;
  answerWithinMs?: number;
  now: () => Date;
  counter: Counter;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** What becomes of a request; `answerOf` maps it to an answer. */
export type ReceiveResult =
  | { kind: 'CHALLENGE'; challenge: string }
  | { kind: 'STORED' | 'IGNORED' | 'UNAUTHORIZED' | 'BAD_REQUEST' | 'TOO_LARGE' | 'UNAVAILABLE' };

/**
 * Verifies a request and stores it as a hint on the work queue (docs/contract.md 2). Never rejects: UNAVAILABLE makes
 * Feishu send the event again (docs/lessons.md 16).
 */
export async function receiveFeishuEvent(
  request: WebhookRequest,
  dependencies: ReceiveDependencies,
): Promise<ReceiveResult> {
  const { counter } = dependencies;
  const receivedAt = dependencies.now().getTime();
  if (request.body.byteLength > MAX_BODY_BYTES) {
    refuse('TOO_LARGE', dependencies);
    return { kind: 'TOO_LARGE' };
  }
  return runAbout(
    {},
    async () => {
      try {
        return await within(
          dependencies.answerWithinMs ?? ANSWER_WITHIN_MS,
          receive(request, dependencies),
          TOO_SLOW,
        );
      } catch (error) {
        counter.count('WebhookUnavailable');
        reportFailure('storing a Feishu event failed', error, dependencies);
        return { kind: 'UNAVAILABLE' };
      }
    },
    { kind: 'EVENT', at: receivedAt },
  );
}

async function receive(request: WebhookRequest, dependencies: ReceiveDependencies): Promise<ReceiveResult> {
  const opened = await open(request, dependencies);
  const recorded = recordSender(opened, dependencies);
  const outcome = await handleOpened(opened.opened, dependencies);
  await recorded;
  return outcome;
}

interface Opened {
  opened: OpenedRequest;
  /** The keys that verified the request. */
  sender: WebhookKeys | undefined;
}

/**
 * A failed verification may mean new keys: reads them again, at once after a save, else at most once a minute
 * (docs/lessons.md 17). A forged request costs at most one read of the settings.
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
  // Other keys cannot verify a request that is not from Feishu: do not use up the one read a minute.
  if (first.opened.kind !== 'REFUSED' || first.opened.reason === 'FOREIGN') return first;
  await secrets.refresh({ revision: await revisionOf(dependencies) });
  const fresh = await secrets.candidates();
  const isNew = fresh.some(({ secret }) => tried.every((candidate) => candidate.secret !== secret));
  return isNew ? tryKeys(fresh) : first;
}

/** Optional work must end well within the second that the console waits for a challenge. */
const OPTIONAL_WITHIN_MS = 400;

/** Returns undefined if the revision cannot be read. */
async function revisionOf({ readRevision, logger }: ReceiveDependencies): Promise<number | undefined> {
  try {
    return await within(OPTIONAL_WITHIN_MS, readRevision(), TOO_SLOW);
  } catch (error) {
    logger.warn('reading the settings revision failed', { error: describeError(error) });
    return undefined;
  }
}

/** Never rejects: this is only for `frabit-im check`. */
async function recordForDoctor(record: () => Promise<void>, { logger }: ReceiveDependencies): Promise<void> {
  try {
    await within(OPTIONAL_WITHIN_MS, record(), TOO_SLOW);
  } catch (error) {
    logger.warn('recording a request for frabit-im check failed', { error: describeError(error) });
  }
}

async function recordSender({ opened, sender }: Opened, dependencies: ReceiveDependencies): Promise<void> {
  const { kind } = opened;
  if (!sender || kind === 'REFUSED' || kind === 'MALFORMED') return;
  await recordForDoctor(() => dependencies.webhookLog.record(sender, kind), dependencies);
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
      return store(opened.event, dependencies);
    case 'OTHER':
      counter.count('WebhookIgnored');
      logger.info('webhook event not used');
      return { kind: 'IGNORED' };
    case 'REFUSED':
      refuse(opened.reason, dependencies);
      return { kind: 'UNAUTHORIZED' };
    case 'MALFORMED':
      refuse(opened.reason, dependencies);
      return { kind: 'BAD_REQUEST' };
  }
  opened satisfies never;
}

function refuse(reason: string, { counter, logger }: ReceiveDependencies): void {
  counter.countBy('WebhookRefused', `FEISHU_${reason}`);
  logger.warn('webhook refused', { reason });
}

async function store(event: ApprovalEvent, dependencies: ReceiveDependencies): Promise<ReceiveResult> {
  const { findIssue, queue, counter, logger } = dependencies;
  const { eventId, instanceCode, status } = event;
  note({ eventId, correlationId: eventId, instanceCode });
  const hint = await findIssue(event);
  if (!hint) {
    counter.count('WebhookIgnored');
    logger.info('webhook event of an approval that is not ours', { status });
    return { kind: 'IGNORED' };
  }
  noteHint(hint);
  const { instanceUuid } = event;
  const isOver = hint.kind === 'UNKNOWN_INSTANCE' && instanceUuid !== undefined && status !== 'PENDING';
  await Promise.all([
    queue.send(hint, eventId),
    isOver && recordForDoctor(() => dependencies.webhookLog.recordTestEvent(instanceUuid), dependencies),
  ]);
  counter.count('WebhookStored');
  logger.info('webhook event stored', { status });
  return { kind: 'STORED' };
}
