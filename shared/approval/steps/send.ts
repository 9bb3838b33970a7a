import { FEISHU_CODES } from '../../feishu/classify-error.ts';
import { type FeishuError, hasCode, isFeishuError } from '../../feishu/errors.ts';
import type { FeishuInstance } from '../../feishu/gateway.ts';
import { type ErrorDetails, errorSentence } from '../../feishu/messages.ts';
import { AppError } from '../../runtime/errors.ts';
import type { Round, RoundErrorCode } from '../round.ts';
import type { Snapshot } from '../snapshot.ts';
import type { SentRequest } from '../store.ts';
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
import { findParticipants, type Participants, sameParticipants } from './participants.ts';
import { buildRequest, requestBody } from './request.ts';

/** A create whose answer is lost is tried so often before the round waits for Feishu to come back. */
const CREATE_TRIES = 3;
/** Before the second try; twice as long before the third. */
const CREATE_PAUSE_MS = 250;

/** A create about to be made. */
interface Attempt {
  /** As it will be if the create succeeds: without the time slot that the create uses up. */
  round: Round;
  /** As the table has it: the base of the next compare-and-set. */
  stored: Round;
  request: SentRequest;
  /** An earlier create of this uuid was not answered: the instance may exist, or come into being, unseen. */
  mayExist: boolean;
  /** Its people were looked up in this very step. */
  peopleAreFresh: boolean;
}

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
    if ('wait' in slot) return slot.wait;
    const attempt = { stored: round, request, mayExist: true, peopleAreFresh: false };
    return await create({ ...attempt, round: slot.round }, snapshot, work);
  } catch (error) {
    return setBack(round, error, undefined, work);
  }
}

async function sendFirst(round: Round, snapshot: Snapshot, work: Reconciling): Promise<Outcome> {
  // The slot comes first: hundreds that look people up only to wait then would hold up every tap (LESSONS row 24).
  const slot = await takeSlot(round, 'create', work);
  if ('wait' in slot) return slot.wait;
  const people = await findParticipants(slot.round, snapshot, work, { fresh: false });
  if ('missing' in people) return failUnfound(slot.round, round, people.missing, work);
  const attempt = await begin(round, slot.round, people, snapshot, work);
  return create({ ...attempt, mayExist: false, peopleAreFresh: false }, snapshot, work);
}

/** Stores what is going to be sent, and by whom, before it is: the form says who asks. */
async function begin(
  stored: Round,
  round: Round,
  people: Participants,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<Pick<Attempt, 'round' | 'stored' | 'request'>> {
  const request = await buildRequest(round, people.requester.bot, snapshot, work);
  const begun = change(round, { ...people, attempted: true }, work.now());
  const saved = await work.store.save(stored, begun, request);
  return { round: saved, stored: saved, request };
}

async function create(attempt: Attempt, snapshot: Snapshot, work: Reconciling): Promise<Outcome> {
  const { round, stored, request } = attempt;
  const body = requestBody(round, request);
  let { mayExist } = attempt;
  for (let tries = 1; ; tries++) {
    try {
      const { instanceCode } = await work.feishu.createInstance(appOf(round), body);
      return await markSent(round, stored, instanceCode, 'PENDING', work);
    } catch (error) {
      if (!isFeishuError(error)) throw error;
      if (error.code === 'RATE_LIMITED') return yieldToLimit(round, 'create', error, work);
      if (error.code === 'SETUP') return setBack(stored, error, 'create', work);
      if (error.code === 'REFUSED') return afterRefusal({ ...attempt, mayExist }, error, snapshot, work);
      mayExist = true;
      const found = await findByUuid(round, work);
      if (isFeishuError(found)) return setBack(stored, found, undefined, work);
      if (found) return adopt(stored, found, work);
      if (tries >= CREATE_TRIES) return setBack(stored, error, 'create', work);
      await work.sleep(CREATE_PAUSE_MS * tries);
    }
  }
}

/**
 * A person whom Feishu does not know any more may have gone since we found them: they are looked up afresh, once.
 * If somebody else asks now, or under another id, what is sent is stored again and sent under the same uuid, for
 * nothing has come into being under it.
 */
async function afterRefusal(
  attempt: Attempt,
  error: FeishuError,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<Outcome> {
  const { round, stored, mayExist } = attempt;
  const unseen: Partial<Round> = mayExist ? { settle: { what: 'UNKNOWN', tries: 0 } } : {};
  const refused = () => fail(round, stored, 'FEISHU_REFUSED', { detail: error.message }, work, unseen);
  if (attempt.peopleAreFresh || !hasCode(error, FEISHU_CODES.UNKNOWN_PERSON)) return refused();

  const people = await lookUpAgain(round, snapshot, work);
  if (isFeishuError(people)) return setBack(stored, people, undefined, work);
  if ('missing' in people) return failUnfound(round, stored, people.missing, work, unseen);
  if (sameParticipants(people, round)) return refused();
  const again = await begin(stored, round, people, snapshot, work);
  return create({ ...again, mayExist, peopleAreFresh: true }, snapshot, work);
}

async function lookUpAgain(
  round: Round,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<Awaited<ReturnType<typeof findParticipants>> | FeishuError> {
  try {
    return await findParticipants(round, snapshot, work, { fresh: true });
  } catch (error) {
    if (isFeishuError(error)) return error;
    throw error;
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

/**
 * An instance found by our uuid is ours if definition and initiator are this round's; the form is not compared,
 * Feishu may give it back changed. A foreign one is never adopted (LESSONS row 35).
 */
async function adopt(round: Round, found: FeishuInstance, work: Reconciling): Promise<Outcome> {
  if (isOurs(round, found)) return markSent(round, round, found.instanceCode, found.status, work);
  const detail = 'Its id is taken by an instance of another definition or initiator.';
  return fail(round, round, 'FEISHU_REFUSED', { detail }, work, { settle: { what: 'UNKNOWN', tries: 0 } });
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

const failUnfound = (
  round: Round,
  stored: Round,
  email: string,
  work: Reconciling,
  changes: Partial<Round> = {},
): Promise<Outcome> => fail(round, stored, 'ASSIGNEE_NOT_IN_FEISHU', { email }, work, changes);

async function fail(
  round: Round,
  stored: Round,
  code: RoundErrorCode,
  details: ErrorDetails,
  work: Reconciling,
  changes: Partial<Round> = {},
): Promise<Outcome> {
  const now = work.now();
  const error = { code, message: errorSentence(code, details) };
  const failed: Partial<Round> = { state: 'FAILED', closedAt: now.toISOString(), error, setbacks: 0 };
  await work.store.save(stored, change(round, { ...changes, ...failed }, now));
  work.note('approval failed', { approvalId: round.approvalId, code });
  return AGAIN;
}
