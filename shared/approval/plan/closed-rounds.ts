import { isKnown } from '../../runtime/stored.ts';
import type { Step } from './action.ts';
import { isPast } from './deadlines.ts';
import { concernsClosed, heardOf, heardStatuses, hintedStatuses, isDue, isNews } from './event-hints.ts';
import { isLive, pendingRemarks, type Round, SETTLE_KINDS } from './round.ts';
import type { Hints } from './snapshot.ts';

/** Rounds that are not to be decided any more: late decisions, revocations, instances that stand open, remarks. */
export function planAftermath(round: Round, now: Date, hints: Hints, wasInvalid: boolean): Step[] {
  if (isLive(round)) return planRemark(round, now);
  const { approvalId } = round;
  const asked = isDue(round, now, hints) || hintedStatuses(round, hints).length > 0;
  if (round.settle && asked && isKnown(SETTLE_KINDS, round.settle.what))
    return [{ do: 'SETTLE', approvalId }, ...planRemark(round, now)];
  const heard = heardStatuses(round, hints).some((status) => concernsClosed(round, status));
  if (heard && (asked || wasInvalid)) return [{ do: 'LOOK', approvalId, heard: heardOf(round, hints) }];
  return planRemark(round, now);
}

function planRemark(round: Round, now: Date): Step[] {
  const due = round.remarkAfter === undefined || isPast(round.remarkAfter, now);
  return pendingRemarks(round).length > 0 && due ? [{ do: 'REMARK', approvalId: round.approvalId }] : [];
}

/** Nothing is done about an invalid record; what is heard meanwhile is kept, for decisions wait. */
export function planKeeping(rounds: readonly Round[], now: Date, hints: Hints): Step[] {
  return [...planHeard(rounds, hints), ...planPostponing(rounds, [], now, hints)];
}

/** Keeps what is heard of rounds about which nothing is done now. */
export const planHeard = (rounds: readonly Round[], hints: Hints): Step[] =>
  rounds.flatMap((round): Step[] => {
    const statuses = heardStatuses(round, hints).filter(isNews);
    const isNew = statuses.some((status) => !round.missed.includes(status));
    return isNew ? [{ do: 'KEEP', approvalId: round.approvalId, missed: statuses }] : [];
  });

/** A round whose time has come, and nothing is to be done about it: it gets another time, or the sweep hints it for ever. */
export function planPostponing(
  rounds: readonly Round[],
  steps: readonly Step[],
  now: Date,
  hints: Hints,
): Step[] {
  const busy = new Set(steps.map((step) => ('approvalId' in step ? step.approvalId : undefined)));
  const opens = steps.some((step) => step.do === 'OPEN');
  return rounds
    .filter((round) => isDue(round, now, hints) && !busy.has(round.approvalId))
    .filter((round) => !(opens && round.state === 'FAILED'))
    .map((round) => ({ do: 'POSTPONE', approvalId: round.approvalId }));
}
