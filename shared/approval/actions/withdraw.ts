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
 * Takes a live round back (docs/design.md 4.3): intent, time slot, look, cancel, look. A decision found on the way
 * is never cancelled: Feishu would reopen it (docs/lessons.md 6).
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
  const intent = read.withdraw ? read : intend(read, withdrawal, work.now());
  // The slot comes before the look: whoever has to wait for one would need another look then, and hundreds of looks at
  // once go beyond Feishu's 50 a second (docs/lessons.md 24).
  const slot = await takeSlot(intent, 'cancel', snapshot, work, { stored: read });
  if ('wait' in slot) return slot.wait;
  let round = read.withdraw ? slot.round : await work.store.save(read, slot.round);
  try {
    const seen = await channelOf(round, work).look(round, snapshot);
    if (!seen?.ours) {
      // A GET may lag behind what was created a moment ago, or what was cancelled.
      const unseen = { settle: { what: refOf(round) ? 'OPEN' : 'UNKNOWN', tries: 0 } } as const;
      return closeUndecided(round, withdrawal, undefined, snapshot, work, unseen);
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

/** If its send was carried out and the answer to it was lost, the round learns here what was made of it. */
async function saveFound(round: Round, { ref }: Sighting, { store, now }: Reconciling): Promise<Round> {
  if (refOf(round)) return round;
  return store.save(round, { ...round, ...ref, sentAt: round.sentAt ?? now().toISOString() });
}

const intend = (round: Round, { reason }: Withdrawal, now: Date): Round =>
  change(round, { withdraw: { reason, at: now.toISOString() }, rechecks: 0 }, now);

/** The card waits for its cancel, and an event calls it decided: what it says is taken at once (docs/lessons.md 37). */
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

/** A GET may lag behind the event. The round keeps its place: if its message is lost, its turn still comes. */
async function lookAgain(
  round: Round,
  reported: ReportedEvents,
  { store, now }: Reconciling,
): Promise<ActionResult> {
  const seconds = lookAgainSeconds(round.rechecks);
  const told: Partial<Round> =
    seconds === undefined
      ? { rechecks: 0, missed: [] }
      : { ...keepEvents(reported), rechecks: round.rechecks + 1 };
  await store.save(round, change(round, told, now()));
  return seconds === undefined ? LATER : waitFor(seconds);
}

/** What it has come to, or undefined: it is still open. */
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
 * Stores that a cancel is begun, before it is made: whoever finds the card CANCELED, after a crash too, knows by whom.
 * `known`: `round`, as the table has it, with what was learnt since. Resolves to both as they are afterwards.
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

/** The cancel may not have arrived, or the GET lags behind it: the message comes back a few times. */
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
 * An app that is no longer the team's may be gone for good, and so may a definition that was replaced: their cards
 * cannot hold up the present one's.
 */
function isGivenUp(round: Round, error: ChannelError, snapshot: Snapshot, work: Reconciling): boolean {
  const channel = channelOf(round, work);
  // The channel does not let us read it any more, and has said so several times.
  if (error.code === 'REFUSED' && round.setbacks >= MAX_REFUSED_READS) return true;
  return channel.isLostForGood(round, error, snapshot) || channel.isGivenUp(round, error, snapshot);
}

const MAX_REFUSED_READS = 3;

/** Refused and still open: a decision on the old card will find a closed round, so the next may open. */
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
