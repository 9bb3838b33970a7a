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
 * Closes what a closed round may have left open: finds it by our id, takes it back, leaves a word
 * (docs/design.md 3; docs/lessons.md 34). One that is seen to stand open is never given up while its app is there; one
 * that is not found is, after as many tries as there are pauses.
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
    if (ended) return closed(round, ended, work);
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

/** The round with what its instance has come to, or undefined: that stands open. */
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

/** Out of reach is no try, unless it is for good: the app is no longer the team's, and its keys are refused. */
function handleFailure(
  round: Round,
  error: unknown,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  if (!isChannelError(error)) throw error;
  if (channelOf(round, work).isLostForGood(round, error, snapshot)) return tryLaterOrGiveUp(round, work);
  return error.code === 'REFUSED'
    ? again(round, work)
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
    if (channel.trustsWithdrawal) return await closed(round, { ...known, takenBack: true }, work);
    // Cancelling an instance that was approved meanwhile reopens it.
    const after = await channel.look(known, snapshot);
    const ended = after && endOf(known, after.verdict, snapshot);
    return ended ? await closed(round, ended, work) : await tryLater(round, work, known);
  } catch (error) {
    return handleFailure(round, error, snapshot, work);
  }
}

/** That a decision came too late, unless it was this very one that counted. */
const queueLateDecisionComment = (round: Round): Round =>
  round.decisions.some(({ applied }) => applied) ? round : queueComment(round, 'LATE_DECISION');

async function closed(round: Round, known: Round, work: Reconciling): Promise<ActionResult> {
  const { settle: _, ...rest } = known;
  await work.store.save(round, change(rest, LOOKED, work.now()));
  work.log('settled', { approvalId: round.approvalId, ref: refOf(known) });
  return LATER;
}

const again = (round: Round, work: Reconciling): Promise<ActionResult> =>
  round.settle?.what === 'OPEN' ? tryLater(round, work) : tryLaterOrGiveUp(round, work);

const tryLaterOrGiveUp = (round: Round, work: Reconciling): Promise<ActionResult> =>
  isSearchedEnough(round, work.now()) ? closed(round, round, work) : tryLater(round, work);

async function tryLater(round: Round, work: Reconciling, known: Round = round): Promise<ActionResult> {
  const { what = 'UNKNOWN', tries = 0 } = round.settle ?? {};
  // The call was made: the next try waits from the start, and the place in line is free for others.
  const changes = { ...ANSWERED, waiting: undefined, settle: { ...round.settle, what, tries: tries + 1 } };
  await work.store.save(round, change(known, changes, work.now()));
  return LATER;
}
