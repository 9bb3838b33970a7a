import { type FeishuError, isFeishuError } from '../../feishu/errors.ts';
import { buildInstanceForm } from '../../feishu/form/build-form.ts';
import type { FeishuInstance, InstanceRequest } from '../../feishu/gateway.ts';
import { errorSentence } from '../../feishu/messages.ts';
import { type Shown, shownOf } from '../../feishu/shown.ts';
import { canonicalContent, stageContent } from '../../issue/content.ts';
import { AppError } from '../../runtime/errors.ts';
import { type Round, type RoundErrorCode, sameSubject } from '../round.ts';
import type { Snapshot } from '../snapshot.ts';
import type { SentRequest } from '../store.ts';
import { recordAt } from './open.ts';
import {
  AGAIN,
  appOf,
  change,
  type Outcome,
  type Reconciling,
  roundOf,
  setBack,
  takeSlot,
  yieldToLimit,
} from './outcome.ts';

/** A create whose answer is lost is tried so often before the round waits for Feishu to come back. */
const CREATE_TRIES = 3;
/** Before the second try; twice as long before the third. */
const CREATE_PAUSE_MS = 250;

/**
 * Sends a REQUESTED round (DESIGN, "Send"). What is sent, and by whom, is stored before the first attempt; every
 * later attempt sends the same again under the same uuid, or adopts the instance that an earlier one made.
 */
export async function send(approvalId: string, snapshot: Snapshot, work: Reconciling): Promise<Outcome> {
  const round = roundOf(snapshot, approvalId);
  try {
    if (!round.attempted) return await sendFirst(round, snapshot, work);
    const found = await work.feishu.getInstance(appOf(round), round.approvalId);
    if (found) return await adopt(round, found, work);
    const request = await work.store.readRequest(round.approvalId);
    if (!request)
      throw new AppError('REQUEST_MISSING', 'A send was begun, but what was shown is not stored.');
    const slot = await takeSlot(round, 'create', work);
    return 'wait' in slot ? slot.wait : await create(slot.round, round, request, work);
  } catch (error) {
    return setBack(round, error, undefined, work);
  }
}

async function sendFirst(round: Round, snapshot: Snapshot, work: Reconciling): Promise<Outcome> {
  const people = await work.feishu.findPeople(appOf(round), [
    ...new Set([...round.approvers.map((approver) => approver.email), round.requester.email]),
  ]);
  const approvers = round.approvers.map(({ email }) => ({ email, userId: people.get(email.toLowerCase()) }));
  const missing = approvers.find((approver) => approver.userId === undefined);
  if (missing) {
    const sentence = errorSentence('ASSIGNEE_NOT_IN_FEISHU', { email: missing.email });
    return fail(round, round, 'ASSIGNEE_NOT_IN_FEISHU', sentence, work);
  }
  const slot = await takeSlot(round, 'create', work);
  if ('wait' in slot) return slot.wait;
  const creator = people.get(round.requester.email.toLowerCase());
  const bot = snapshot.settings?.bot.openId;
  const requester = { email: round.requester.email, userId: creator ?? bot, bot: creator === undefined };
  const request = await buildRequest(round, requester.bot, snapshot, work);
  const begun = await work.store.save(
    round,
    change(slot.round, { approvers, requester, attempted: true }, work.now()),
    request,
  );
  return create(begun, begun, request, work);
}

/** The form, built from the very record whose content the round holds. */
async function buildRequest(
  round: Round,
  requesterIsBot: boolean,
  snapshot: Snapshot,
  { store }: Reconciling,
): Promise<SentRequest> {
  const { record, stage } = recordAt(snapshot, round.subject.id);
  if (canonicalContent(stageContent(record, stage)) !== round.content) {
    throw new AppError('STALE', 'The record moved on before it was sent.', { retryable: true });
  }
  const previous = await findPrevious(round, snapshot, store);
  const { contentSha256, triggers } = round;
  const form = buildInstanceForm({
    issue: record,
    stage,
    contentSha256,
    triggers,
    requesterIsBot,
    ...(previous && { previous }),
  });
  return { ...form, shown: shownOf(record, stage) };
}

/** What the last request of this subject showed, if it showed other content. */
async function findPrevious(
  round: Round,
  { rounds }: Snapshot,
  store: Reconciling['store'],
): Promise<Shown | undefined> {
  const before = rounds
    .filter(
      (one) => sameSubject(one.subject, round.subject) && one.attempted && one.generation < round.generation,
    )
    .reduce<Round | undefined>(
      (last, one) => (!last || one.generation > last.generation ? one : last),
      undefined,
    );
  if (!before || before.content === round.content) return undefined;
  return (await store.readRequest(before.approvalId))?.shown;
}

/** `stored` is the round as the table has it: the base of the next compare-and-set. */
async function create(
  round: Round,
  stored: Round,
  request: SentRequest,
  work: Reconciling,
): Promise<Outcome> {
  const app = appOf(round);
  const body = requestBody(round, request);
  for (let attempt = 1; ; attempt++) {
    try {
      const { instanceCode } = await work.feishu.createInstance(app, body);
      return await markSent(round, stored, instanceCode, 'PENDING', work);
    } catch (error) {
      if (!isFeishuError(error)) throw error;
      if (error.code === 'RATE_LIMITED') return yieldToLimit(round, 'create', error, work);
      if (error.code === 'SETUP') return setBack(stored, error, 'create', work);
      if (error.code === 'REFUSED') return refuse(round, stored, error, attempt > 1, work);
      const found = await findByUuid(round, work);
      if (isFeishuError(found)) return setBack(stored, found, undefined, work);
      if (found) return adopt(stored, found, work);
      if (attempt >= CREATE_TRIES) return setBack(stored, error, 'create', work);
      await work.sleep(CREATE_PAUSE_MS * attempt);
    }
  }
}

/** The instance, undefined if there is none, or why that cannot be told. */
async function findByUuid(
  round: Round,
  { feishu }: Reconciling,
): Promise<FeishuInstance | FeishuError | undefined> {
  try {
    return await feishu.getInstance(appOf(round), round.approvalId);
  } catch (error) {
    if (isFeishuError(error)) return error;
    throw error;
  }
}

function requestBody(round: Round, { form, title, i18nResources }: SentRequest): InstanceRequest {
  const approver = round.approvers[0]?.userId;
  const initiator = round.requester.userId;
  if (!approver || !initiator) throw new AppError('REQUEST_MISSING', 'A send was begun without its people.');
  const { definitionCode, approvalId } = round;
  return { definitionCode, initiator, approver, uuid: approvalId, form, title, i18nResources };
}

/**
 * An instance found by our uuid is ours if definition and initiator are this round's; the form is not compared,
 * Feishu may give it back changed. A foreign one is never adopted (LESSONS row 35).
 */
async function adopt(round: Round, found: FeishuInstance, work: Reconciling): Promise<Outcome> {
  if (isOurs(round, found)) return markSent(round, round, found.instanceCode, found.status, work);
  const sentence = errorSentence('FEISHU_REFUSED', {
    detail: 'Its id is taken by an instance of another definition or initiator.',
  });
  return fail({ ...round, settle: { what: 'UNKNOWN', tries: 0 } }, round, 'FEISHU_REFUSED', sentence, work);
}

export const isOurs = (round: Round, found: FeishuInstance): boolean =>
  found.definitionCode === round.definitionCode && found.initiator === round.requester.userId;

async function markSent(
  round: Round,
  stored: Round,
  instanceCode: string,
  status: string,
  work: Reconciling,
): Promise<Outcome> {
  const { error: _, ...sound } = round;
  const now = work.now();
  const sent = change(
    sound,
    { state: 'PENDING', instanceCode, sentAt: now.toISOString(), looks: 0, setbacks: 0 },
    now,
  );
  // An instance that was adopted may have been decided while nobody listened.
  await work.store.save(stored, status === 'PENDING' ? sent : { ...sent, checkAfter: now.toISOString() });
  work.note('approval sent', { approvalId: round.approvalId, instanceCode });
  return AGAIN;
}

async function refuse(
  round: Round,
  stored: Round,
  error: FeishuError,
  mayExist: boolean,
  work: Reconciling,
): Promise<Outcome> {
  const sentence = errorSentence('FEISHU_REFUSED', { feishuCode: error.feishuCode });
  const settle = mayExist ? ({ settle: { what: 'UNKNOWN', tries: 0 } } as const) : {};
  return fail({ ...round, ...settle }, stored, 'FEISHU_REFUSED', sentence, work);
}

async function fail(
  round: Round,
  stored: Round,
  code: RoundErrorCode,
  message: string,
  work: Reconciling,
): Promise<Outcome> {
  const now = work.now();
  await work.store.save(
    stored,
    change(round, { state: 'FAILED', closedAt: now.toISOString(), error: { code, message } }, now),
  );
  work.note('approval failed', { approvalId: round.approvalId, code });
  return AGAIN;
}
