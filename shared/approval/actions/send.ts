import { AppError } from '../../runtime/errors.ts';
import {
  type ChannelError,
  isChannelError,
  type Participants,
  type Sighting,
  sameParticipants,
} from '../channels/channel.ts';
import { channelOf } from '../channels/create-channels.ts';
import { isRefused, type Round } from '../plan/round.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import {
  type ActionResult,
  AGAIN,
  ANSWERED,
  change,
  fail,
  handleRateLimit,
  leftoverIf,
  type Reconciling,
  recordSetback,
  roundOf,
  takeSlot,
} from './action-result.ts';
import {
  type Attempt,
  afterNoAnswer,
  type Beginning,
  beginForm,
  isUnsent,
  markSending,
  markUnsent,
  tryAnotherForm,
} from './send-next-form.ts';

/** Pause before the second try, in milliseconds. The pause before the third is twice as long. */
const CREATE_PAUSE_MS = 250;

/**
 * Sends a REQUESTED round (docs/design.md 4.1). What is sent, and by whom, is stored before the first attempt. Every
 * later attempt sends the same again under the same id, or adopts what an earlier attempt created. After a definite
 * refusal of the parameters, another form is sent (ADR 13).
 */
export async function send(approvalId: string, snapshot: Snapshot, work: Reconciling): Promise<ActionResult> {
  const round = roundOf(snapshot, approvalId);
  try {
    if (!round.attempted) return await sendFirst(round, snapshot, work);
    if (isRefused(round)) return await sendNextForm(round, snapshot, work);
    if (isUnsent(round)) return await sendAgain(round, snapshot, work);
    const found = await channelOf(round, work).look(round, snapshot);
    if (found) return await adopt(round, found, work);
    const request = await work.store.readRequest(round.approvalId);
    if (!request)
      throw new AppError('REQUEST_MISSING', 'A send was begun, but its stored request is missing.');
    const slot = await takeSlot(round, 'create', snapshot, work);
    if ('wait' in slot) return slot.wait;
    const attempt = { stored: round, request, mayExist: true, peopleAreFresh: false };
    return await create({ ...attempt, round: slot.round }, snapshot, work);
  } catch (error) {
    return recordSetback(round, error, undefined, snapshot, work);
  }
}

async function sendFirst(round: Round, snapshot: Snapshot, work: Reconciling): Promise<ActionResult> {
  // The slot is taken first. Otherwise hundreds of rounds would look people up only to wait then, and delay every
  // decision (docs/lessons.md 24).
  const slot = await takeSlot(round, 'create', snapshot, work);
  if ('wait' in slot) return slot.wait;
  const people = await channelOf(round, work).findParticipants(slot.round, snapshot, { fresh: false });
  if ('missing' in people) return failUnknownPerson(slot.round, round, people.missing, work);
  return createOnce({ stored: round, round: slot.round, people }, false, snapshot, work);
}

/** Sends the next form. Every earlier form was definitely refused, so no instance exists under this uuid. */
async function sendNextForm(round: Round, snapshot: Snapshot, work: Reconciling): Promise<ActionResult> {
  const slot = await takeSlot(round, 'create', snapshot, work);
  if ('wait' in slot) return slot.wait;
  return createOnce({ stored: round, round: slot.round, people: round }, false, snapshot, work);
}

/** Sends the last form again. Its create was definitely not carried out, so no instance exists under this uuid. */
async function sendAgain(round: Round, snapshot: Snapshot, work: Reconciling): Promise<ActionResult> {
  const request = await work.store.readRequest(round.approvalId);
  if (!request) throw new AppError('REQUEST_MISSING', 'A send was begun, but its stored request is missing.');
  const slot = await takeSlot(round, 'create', snapshot, work);
  if ('wait' in slot) return slot.wait;
  const stored = await work.store.save(round, markSending(slot.round));
  return create({ round: stored, stored, request, mayExist: false, peopleAreFresh: false }, snapshot, work);
}

async function createOnce(
  begin: Beginning,
  peopleAreFresh: boolean,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const begun = await beginForm(begin, snapshot, work);
  if ('ended' in begun) return begun.ended;
  return create({ ...begun, mayExist: false, peopleAreFresh }, snapshot, work);
}

async function create(attempt: Attempt, snapshot: Snapshot, work: Reconciling): Promise<ActionResult> {
  const { round, stored, request } = attempt;
  const channel = channelOf(round, work);
  let { mayExist } = attempt;
  let doubtful = 0;
  for (let tries = 1; ; tries++) {
    try {
      const sent = await channel.send(round, request, snapshot);
      return await markSent(round, stored, sent, { created: true }, work);
    } catch (error) {
      if (!isChannelError(error)) throw error;
      const unsent = markUnsent({ ...attempt, mayExist });
      if (error.code === 'RATE_LIMITED')
        return handleRateLimit(round, 'create', error, snapshot, work, unsent);
      if (error.code === 'SETUP') return recordSetback(stored, error, 'create', snapshot, work, unsent);
      if (error.code === 'REFUSED' && channel.readRefusal(error) !== 'LATER')
        return afterRefusal({ ...attempt, mayExist }, error, snapshot, work);
      mayExist = true;
      if (channel.isDoubtful(error)) doubtful += 1;
      if (channel.sendTries === 1) return recordSetback(stored, error, 'create', snapshot, work);
      const found = await findCreated(round, snapshot, work);
      if (isChannelError(found)) return recordSetback(stored, found, undefined, snapshot, work);
      if (found) return adopt(stored, found, work);
      if (tries >= channel.sendTries)
        return afterNoAnswer({ ...attempt, mayExist }, error, doubtful, snapshot, work);
      await work.sleep(CREATE_PAUSE_MS * tries);
    }
  }
}

/**
 * Handles a refused create. If a person may have left since the lookup, the people are looked up again, once. If they
 * changed, the request is stored again and sent under the same uuid, because no instance exists under it.
 */
async function afterRefusal(
  attempt: Attempt,
  error: ChannelError,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const { round, stored, mayExist } = attempt;
  const refusal = channelOf(round, work).readRefusal(error);
  if (refusal === 'PARAMETERS') return tryAnotherForm(attempt, error, snapshot, work);
  const unseen = leftoverIf(mayExist);
  const refused = () => fail(round, stored, { kind: 'REFUSED', detail: error.message }, work, unseen);
  if (attempt.peopleAreFresh || refusal !== 'PERSON') return refused();

  const people = await lookUpAgain(round, snapshot, work);
  if (isChannelError(people)) return recordSetback(stored, people, undefined, snapshot, work);
  if ('missing' in people) return failUnknownPerson(round, stored, people.missing, work, unseen);
  if (sameParticipants(people, round)) return refused();
  // A refusal because of a person does not count as a refused form.
  const forms = mayExist ? round.forms : round.forms.slice(0, -1);
  const begun = await beginForm({ stored, round: { ...round, forms }, people }, snapshot, work);
  if ('ended' in begun) return begun.ended;
  return create({ ...begun, mayExist, peopleAreFresh: true }, snapshot, work);
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

/** Returns what an earlier attempt created, undefined if there is nothing, or the error that prevents an answer. */
async function findCreated(
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

/** Adopts the instance found under our id if it is ours. A foreign one is never adopted (docs/lessons.md 35). */
async function adopt(round: Round, found: Sighting, work: Reconciling): Promise<ActionResult> {
  if (found.ours) return markSent(round, round, found, { created: false }, work);
  const detail = 'Its id is taken by an instance of another definition or initiator.';
  return fail(round, round, { kind: 'REFUSED', detail }, work, leftoverIf(true));
}

async function markSent(
  round: Round,
  stored: Round,
  { ref, verdict }: Sighting,
  how: { created: boolean },
  work: Reconciling,
): Promise<ActionResult> {
  const { error: _, doubts: __, ...rest } = round;
  const now = work.now();
  const sentAt = now.toISOString();
  const sent = change(rest, { ...ANSWERED, ...ref, state: 'PENDING', sentAt, looks: 0 }, now);
  // An adopted instance may have been decided before its round knew it, so it is looked at next.
  const isOpen = verdict.kind === 'UNDECIDED' && verdict.now === 'ASKING';
  await work.store.save(stored, isOpen ? sent : { ...sent, checkAfter: sentAt });
  work.log('approval sent', { approvalId: round.approvalId, form: sent.forms.at(-1)?.level, ...ref });
  await channelOf(sent, work).learn(sent, how);
  return AGAIN;
}

const failUnknownPerson = (
  round: Round,
  stored: Round,
  email: string,
  work: Reconciling,
  changes: Partial<Round> = {},
): Promise<ActionResult> => fail(round, stored, { kind: 'UNKNOWN_PERSON', email }, work, changes);
