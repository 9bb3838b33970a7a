import { type ChannelError, isChannelError, refOf, type Sighting } from '../channels/channel.ts';
import { channelOf } from '../channels/create-channels.ts';
import type { ReportedEvents } from '../plan/event-hints.ts';
import type { Round } from '../plan/round.ts';
import { lookAgainSeconds } from '../plan/schedule.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import {
  type ActionResult,
  change,
  handleRateLimit,
  LATER,
  type Reconciling,
  recordSetback,
  roundOf,
  takeSlot,
  waitFor,
} from './action-result.ts';
import { closeUndecided, rejectionOf, takeDecision, type Withdrawal } from './decide.ts';
import { keepEvents } from './look-again.ts';

/**
 * Withdraws a live round (docs/design.md 4.3): store the intent, take a slot, look, cancel, look. A decision that is
 * found on the way is never canceled, because Feishu would reopen it (docs/lessons.md 6).
 */
export async function withdraw(
  approvalId: string,
  withdrawal: Withdrawal,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const read = roundOf(snapshot, approvalId);
  if (!read.attempted) return closeUndecided(read, withdrawal, undefined, snapshot, work);
  if (withdrawal.reported) return lookWhileWaiting(read, withdrawal, withdrawal.reported, snapshot, work);
  const intent = read.withdraw ? read : withIntent(read, withdrawal, work.now());
  // The slot is taken before the look. A round that waits for a slot would need another look afterwards, and hundreds
  // of looks at once exceed the 50 a second that Feishu allows (docs/lessons.md 24).
  const slot = await takeSlot(intent, 'cancel', snapshot, work, { stored: read });
  if ('wait' in slot) return slot.wait;
  let round = read.withdraw ? slot.round : await work.store.save(read, slot.round);
  try {
    const seen = await channelOf(round, work).look(round, snapshot);
    if (!seen?.ours) {
      // A GET may lag behind an instance that was created or canceled a moment ago.
      const leftover = { settle: { what: refOf(round) ? 'OPEN' : 'UNKNOWN', tries: 0 } } as const;
      return closeUndecided(round, withdrawal, undefined, snapshot, work, leftover);
    }
    round = await saveFound(round, seen, work);
    const outcome = await closeIfEnded(round, seen, withdrawal, snapshot, work);
    if (outcome) return outcome;
    if (!channelOf(round, work).canWithdraw(round))
      return closeUndecided(round, withdrawal, undefined, snapshot, work);
    ({ round } = await beginCancel(round, round, work));
    return await cancel(round, withdrawal, snapshot, work);
  } catch (error) {
    if (isChannelError(error) && isGivenUp(round, error, snapshot, work)) {
      return leaveOpen(round, error, withdrawal, snapshot, work);
    }
    return recordSetback(round, error, undefined, snapshot, work);
  }
}

/** Stores the id of the instance, if the answer to its create was lost. */
async function saveFound(round: Round, { ref }: Sighting, { store, now }: Reconciling): Promise<Round> {
  if (refOf(round)) return round;
  return store.save(round, { ...round, ...ref, sentAt: round.sentAt ?? now().toISOString() });
}

const withIntent = (round: Round, { reason }: Withdrawal, now: Date): Round =>
  change(round, { withdraw: { reason, at: now.toISOString() }, rechecks: 0 }, now);

/**
 * Looks at a card that waits for its cancel, because an event calls it decided. A decision is applied at once
 * (docs/lessons.md 37).
 */
async function lookWhileWaiting(
  round: Round,
  withdrawal: Withdrawal,
  reported: ReportedEvents,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  let seen: Sighting | undefined;
  try {
    seen = await channelOf(round, work).look(round, snapshot);
  } catch (error) {
    return recordSetback(round, error, undefined, snapshot, work, keepEvents(reported));
  }
  if (!seen?.ours) return lookAgain(round, reported, work);
  const known = await saveFound(round, seen, work);
  return (await closeIfEnded(known, seen, withdrawal, snapshot, work)) ?? lookAgain(known, reported, work);
}

/**
 * Looks again soon, because a GET may lag behind the event. The round keeps its place in the line, so its turn comes
 * even if the message is lost.
 */
async function lookAgain(
  round: Round,
  reported: ReportedEvents,
  { store, now }: Reconciling,
): Promise<ActionResult> {
  const seconds = lookAgainSeconds(round.rechecks);
  const changes: Partial<Round> =
    seconds === undefined
      ? { rechecks: 0, missed: [] }
      : { ...keepEvents(reported), rechecks: round.rechecks + 1 };
  await store.save(round, change(round, changes, now()));
  return seconds === undefined ? LATER : waitFor(seconds);
}

/** Closes the round by the verdict. Undefined if the instance is still open. */
async function closeIfEnded(
  round: Round,
  { verdict }: Sighting,
  withdrawal: Withdrawal,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult | undefined> {
  switch (verdict.kind) {
    case 'APPROVED':
    case 'REJECTED':
      return takeDecision(round, verdict, snapshot, work, withdrawal);
    case 'CANCELED':
      return closeUndecided(round, withdrawal, verdict, snapshot, work);
    case 'DELETED':
    case 'EXPIRED':
      return closeUndecided(round, withdrawal, undefined, snapshot, work);
    case 'UNDECIDED':
      return verdict.now === 'RETURNED'
        ? takeDecision(round, rejectionOf(verdict), snapshot, work, withdrawal)
        : undefined;
    default:
      return verdict satisfies never;
  }
}

/**
 * Stores that a cancel is begun, before it is made. Then a card that is found CANCELED, even after a crash, is known
 * to be canceled by this product. Resolves to both arguments as they are afterwards.
 * @param round the round as it is in the table
 * @param known the same round with what was learned since
 */
export async function beginCancel(
  round: Round,
  known: Round,
  work: Pick<Reconciling, 'store' | 'channels'>,
): Promise<{ round: Round; known: Round }> {
  if (round.cancelBegun || channelOf(round, work).trustsWithdrawal) return { round, known };
  const begun = await work.store.save(round, { ...known, cancelBegun: true });
  return { round: begun, known: begun };
}

async function cancel(
  round: Round,
  withdrawal: Withdrawal,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const channel = channelOf(round, work);
  const refusal = await channel.withdraw(round, snapshot).then(() => undefined, asChannelError);
  if (refusal?.code === 'RATE_LIMITED') return handleRateLimit(round, 'cancel', refusal, snapshot, work);
  if (refusal?.code === 'SETUP') throw refusal;
  if (!refusal && channel.trustsWithdrawal)
    return closeUndecided(round, withdrawal, undefined, snapshot, work, { takenBack: true });

  const after = await channel.look(round, snapshot);
  const outcome = after && (await closeIfEnded(round, after, withdrawal, snapshot, work));
  if (outcome) return outcome;
  if (refusal?.code === 'REFUSED') return leaveOpen(round, refusal, withdrawal, snapshot, work);
  return cancelAgain(round, withdrawal, snapshot, work);
}

function asChannelError(error: unknown): ChannelError {
  if (isChannelError(error)) return error;
  throw error;
}

/** Tries the cancel again a few times: it may not have arrived, or GET may lag behind it. */
async function cancelAgain(
  round: Round,
  withdrawal: Withdrawal,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const seconds = lookAgainSeconds(round.rechecks);
  if (seconds === undefined) return leaveOpen(round, undefined, withdrawal, snapshot, work);
  await work.store.save(round, change(round, { rechecks: round.rechecks + 1 }, work.now()));
  return waitFor(seconds);
}

/**
 * Whether a withdrawal is given up. A former app or a replaced definition may be gone for good, and its cards must
 * not block the present ones.
 */
function isGivenUp(round: Round, error: ChannelError, snapshot: Snapshot, work: Reconciling): boolean {
  const channel = channelOf(round, work);
  // The channel has refused several times to let us read the request.
  if (error.code === 'REFUSED' && round.setbacks >= MAX_REFUSED_READS) return true;
  return channel.isLostForGood(round, error, snapshot) || channel.isGivenUp(round, error, snapshot);
}

const MAX_REFUSED_READS = 3;

/**
 * Closes a round whose instance stays open because the cancel was refused. A later decision on the old card finds a
 * closed round, so the next round may open.
 */
function leaveOpen(
  round: Round,
  error: ChannelError | undefined,
  withdrawal: Withdrawal,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const changes: Partial<Round> = {
    error: channelOf(round, work).explain({ kind: 'WITHDRAWAL_REFUSED', error }),
    settle: { what: refOf(round) ? 'OPEN' : 'UNKNOWN', tries: 0 },
  };
  return closeUndecided(round, withdrawal, undefined, snapshot, work, changes);
}
