import { isChannelError, refOf } from '../channels/channel.ts';
import { channelOf } from '../channels/create-channels.ts';
import type { Verdict } from '../plan/judge.ts';
import type { Round } from '../plan/round.ts';
import { isSearchedEnough } from '../plan/schedule.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import {
  type ActionResult,
  ANSWERED,
  change,
  LATER,
  LOOKED,
  type Reconciling,
  recordSetback,
  roundOf,
  takeSlot,
} from './action-result.ts';
import { queueComment, queueWithdrawalComment, recordLateDecision } from './decide.ts';
import { beginCancel } from './withdraw.ts';

/**
 * Closes what a closed round may have left open: finds the instance by our id, cancels it, adds a comment
 * (docs/design.md 3; docs/lessons.md 34). An instance that is known to be open is never given up while its app is
 * there. One that is not found is given up after as many tries as there are pauses.
 */
export async function closeLeftover(
  approvalId: string,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const round = roundOf(snapshot, approvalId);
  try {
    const found = await channelOf(round, work).look(round, snapshot);
    if (!found?.ours) return tryLaterOrGiveUp(round, work);
    const known: Round = { ...round, ...found.ref };
    const { verdict } = found;
    const ended = endOf(known, verdict, snapshot);
    if (ended) return markClosed(round, ended, work);
    const returned =
      verdict.kind === 'UNDECIDED' && verdict.now === 'RETURNED' ? verdict.decision : undefined;
    return await cancelLeftOver(
      round,
      returned ? recordLateDecision(known, returned) : known,
      snapshot,
      work,
    );
  } catch (error) {
    return handleFailure(round, error, snapshot, work);
  }
}

/** Returns the round with the end of its instance; undefined if the instance is open. */
function endOf(known: Round, verdict: Verdict, snapshot: Snapshot): Round | undefined {
  switch (verdict.kind) {
    case 'APPROVED':
    case 'REJECTED':
      return queueLateDecisionComment(recordLateDecision(known, verdict.decision));
    case 'CANCELED':
      return queueWithdrawalComment(known, snapshot);
    case 'DELETED':
    case 'EXPIRED':
      return known;
    case 'UNDECIDED':
      return undefined;
    default:
      return verdict satisfies never;
  }
}

/**
 * Handles a failed call. A channel that cannot be reached does not count as a try, unless it is gone for good: the
 * app is a former one and its keys are refused.
 */
function handleFailure(
  round: Round,
  error: unknown,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  if (!isChannelError(error)) throw error;
  if (channelOf(round, work).isLostForGood(round, error, snapshot)) return tryLaterOrGiveUp(round, work);
  return error.code === 'REFUSED'
    ? afterRefusal(round, work)
    : recordSetback(round, error, 'cancel', snapshot, work);
}

async function cancelLeftOver(
  read: Round,
  seen: Round,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const channel = channelOf(read, work);
  if (!channel.canWithdraw(seen)) return tryLaterOrGiveUp(read, work);
  const slot = await takeSlot(seen, 'cancel', snapshot, work, { stored: read });
  if ('wait' in slot) return slot.wait;
  const { round, known } = await beginCancel(read, slot.round, work);
  try {
    await channel.withdraw(known, snapshot);
    if (channel.trustsWithdrawal) return await markClosed(round, { ...known, takenBack: true }, work);
    // Cancelling an instance that was approved meanwhile reopens it.
    const after = await channel.look(known, snapshot);
    const ended = after && endOf(known, after.verdict, snapshot);
    return ended ? await markClosed(round, ended, work) : await tryLater(round, work, known);
  } catch (error) {
    return handleFailure(round, error, snapshot, work);
  }
}

/** Adds the comment that a decision came too late, unless a decision of this round was applied. */
const queueLateDecisionComment = (round: Round): Round =>
  round.decisions.some(({ applied }) => applied) ? round : queueComment(round, 'LATE_DECISION');

async function markClosed(round: Round, known: Round, work: Reconciling): Promise<ActionResult> {
  const { settle: _, ...rest } = known;
  await work.store.save(round, change(rest, LOOKED, work.now()));
  work.log('leftover closed', { approvalId: round.approvalId, ref: refOf(known) });
  return LATER;
}

const afterRefusal = (round: Round, work: Reconciling): Promise<ActionResult> =>
  round.settle?.what === 'OPEN' ? tryLater(round, work) : tryLaterOrGiveUp(round, work);

const tryLaterOrGiveUp = (round: Round, work: Reconciling): Promise<ActionResult> =>
  isSearchedEnough(round, work.now()) ? markClosed(round, round, work) : tryLater(round, work);

async function tryLater(round: Round, work: Reconciling, known: Round = round): Promise<ActionResult> {
  const { what = 'UNKNOWN', tries = 0 } = round.settle ?? {};
  // The call was made, so the next try waits in line from the start, and its place is free for others.
  const changes = { ...ANSWERED, waiting: undefined, settle: { ...round.settle, what, tries: tries + 1 } };
  await work.store.save(round, change(known, changes, work.now()));
  return LATER;
}
