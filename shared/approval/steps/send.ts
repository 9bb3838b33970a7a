import { FEISHU_CODES } from '../../feishu/classify-error.ts';
import { hasCode } from '../../feishu/errors.ts';
import { type ErrorDetails, errorSentence } from '../../feishu/messages.ts';
import { AppError } from '../../runtime/errors.ts';
import {
  type ChannelError,
  isChannelError,
  type Participants,
  type Sighting,
  sameParticipants,
} from '../channels/channel.ts';
import { channelOf } from '../channels/channel-of.ts';
import type { Round, RoundErrorCode } from '../round.ts';
import type { Snapshot } from '../snapshot.ts';
import type { SentRequest } from '../store.ts';
import {
  AGAIN,
  ANSWERED,
  change,
  type Outcome,
  type Reconciling,
  roundOf,
  setBack,
  takeSlot,
  yieldToLimit,
} from './outcome.ts';

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
 * later attempt sends the same again under the same id, or adopts what an earlier one made.
 */
export async function send(approvalId: string, snapshot: Snapshot, work: Reconciling): Promise<Outcome> {
  const round = roundOf(snapshot, approvalId);
  try {
    if (!round.attempted) return await sendFirst(round, snapshot, work);
    const found = await channelOf(round, work).look(round, snapshot);
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
  const people = await channelOf(round, work).findParticipants(slot.round, snapshot, { fresh: false });
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
  const request = await channelOf(round, work).compose(round, people, snapshot);
  const begun = change(round, { ...people, attempted: true }, work.now());
  const saved = await work.store.save(stored, begun, request);
  return { round: saved, stored: saved, request };
}

async function create(attempt: Attempt, snapshot: Snapshot, work: Reconciling): Promise<Outcome> {
  const { round, stored, request } = attempt;
  const channel = channelOf(round, work);
  let { mayExist } = attempt;
  for (let tries = 1; ; tries++) {
    try {
      return await markSent(round, stored, await channel.send(round, request, snapshot), work);
    } catch (error) {
      if (!isChannelError(error)) throw error;
      if (error.code === 'RATE_LIMITED') return yieldToLimit(round, 'create', error, work);
      if (error.code === 'SETUP') return setBack(stored, error, 'create', work);
      // An OA refuses for its own reasons, and may have others tomorrow: a step never fails for it.
      if (error.code === 'REFUSED' && round.channel === 'FEISHU')
        return afterRefusal({ ...attempt, mayExist }, error, snapshot, work);
      mayExist = true;
      if (channel.sendTries === 1) return setBack(stored, error, 'create', work);
      const found = await lookForIt(round, snapshot, work);
      if (isChannelError(found)) return setBack(stored, found, undefined, work);
      if (found) return adopt(stored, found, work);
      if (tries >= channel.sendTries) return setBack(stored, error, 'create', work);
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
  error: ChannelError,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<Outcome> {
  const { round, stored, mayExist } = attempt;
  const unseen: Partial<Round> = mayExist ? { settle: { what: 'UNKNOWN', tries: 0 } } : {};
  const refused = () => fail(round, stored, 'FEISHU_REFUSED', { detail: error.message }, work, unseen);
  if (attempt.peopleAreFresh || !hasCode(error, FEISHU_CODES.UNKNOWN_PERSON)) return refused();

  const people = await lookUpAgain(round, snapshot, work);
  if (isChannelError(people)) return setBack(stored, people, undefined, work);
  if ('missing' in people) return failUnfound(round, stored, people.missing, work, unseen);
  if (sameParticipants(people, round)) return refused();
  const again = await begin(stored, round, people, snapshot, work);
  return create({ ...again, mayExist, peopleAreFresh: true }, snapshot, work);
}

async function lookUpAgain(
  round: Round,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<Participants | { missing: string } | ChannelError> {
  try {
    return await channelOf(round, work).findParticipants(round, snapshot, { fresh: true });
  } catch (error) {
    if (isChannelError(error)) return error;
    throw error;
  }
}

/** What an earlier attempt made, undefined if there is nothing, or why that cannot be told. */
async function lookForIt(
  round: Round,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<Sighting | ChannelError | undefined> {
  try {
    return await channelOf(round, work).look(round, snapshot);
  } catch (error) {
    if (isChannelError(error)) return error;
    throw error;
  }
}

/** What is found under our id is adopted if it is ours; a foreign one never is (LESSONS row 35). */
async function adopt(round: Round, found: Sighting, work: Reconciling): Promise<Outcome> {
  if (found.ours) return markSent(round, round, found, work);
  const detail = 'Its id is taken by an instance of another definition or initiator.';
  return fail(round, round, 'FEISHU_REFUSED', { detail }, work, { settle: { what: 'UNKNOWN', tries: 0 } });
}

async function markSent(
  round: Round,
  stored: Round,
  { ref, verdict }: Sighting,
  work: Reconciling,
): Promise<Outcome> {
  const { error: _, ...sound } = round;
  const now = work.now();
  const sentAt = now.toISOString();
  const sent = change(sound, { ...ANSWERED, ...ref, state: 'PENDING', sentAt, looks: 0 }, now);
  // What was adopted may have been decided while nobody listened.
  const isOpen = verdict.kind === 'UNDECIDED' && verdict.now === 'ASKING';
  await work.store.save(stored, isOpen ? sent : { ...sent, checkAfter: sentAt });
  work.note('approval sent', { approvalId: round.approvalId, ...ref });
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
