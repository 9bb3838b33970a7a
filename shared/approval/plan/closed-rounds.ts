import { isKnown } from '../../runtime/stored-items.ts';
import type { Action } from './action.ts';
import { isPast } from './deadlines.ts';
import {
  isDue,
  isReasonToLook,
  isReasonToLookAtClosed,
  reportedEvents,
  reportedStatuses,
  statusesInHints,
} from './event-hints.ts';
import { isLive, LEFTOVER_KINDS, pendingComments, type Round } from './round.ts';
import type { Hints } from './snapshot.ts';

/**
 * Returns the actions for a closed round: record late decisions and revocations, close an instance that is still
 * open, post comments. For a live round, only the comments.
 */
export function planClosed(round: Round, now: Date, hints: Hints, wasInvalid: boolean): Action[] {
  if (isLive(round)) return planComment(round, now);
  const { approvalId } = round;
  const isDueOrReported = isDue(round, now, hints) || statusesInHints(round, hints).length > 0;
  if (round.settle && isDueOrReported && isKnown(LEFTOVER_KINDS, round.settle.what))
    return [{ do: 'CLOSE_LEFTOVER', approvalId }, ...planComment(round, now)];
  const reported = reportedStatuses(round, hints).some((status) => isReasonToLookAtClosed(round, status));
  if (reported && (isDueOrReported || wasInvalid))
    return [{ do: 'LOOK', approvalId, reported: reportedEvents(round, hints) }];
  return planComment(round, now);
}

function planComment(round: Round, now: Date): Action[] {
  const due = round.remarkAfter === undefined || isPast(round.remarkAfter, now);
  return pendingComments(round).length > 0 && due ? [{ do: 'COMMENT', approvalId: round.approvalId }] : [];
}

/**
 * Returns the actions for the rounds of an invalid record. Nothing is decided while the record is invalid. Reported
 * events are stored, because they may be decisions.
 */
export function planForInvalid(rounds: readonly Round[], now: Date, hints: Hints): Action[] {
  return [...planKeepingEvents(rounds, hints), ...planPostponing(rounds, [], now, hints)];
}

/** Returns the actions that store reported events on rounds that cannot be handled now. */
export const planKeepingEvents = (rounds: readonly Round[], hints: Hints): Action[] =>
  rounds.flatMap((round): Action[] => {
    const statuses = reportedStatuses(round, hints).filter(isReasonToLook);
    const isNew = statuses.some((status) => !round.missed.includes(status));
    return isNew ? [{ do: 'KEEP_EVENTS', approvalId: round.approvalId, missed: statuses }] : [];
  });

/**
 * Returns the actions that postpone rounds which are due but have no action. Otherwise the sweep would hint them
 * again every time.
 */
export function planPostponing(
  rounds: readonly Round[],
  actions: readonly Action[],
  now: Date,
  hints: Hints,
): Action[] {
  const busy = new Set(actions.map((action) => ('approvalId' in action ? action.approvalId : undefined)));
  const opens = actions.some((action) => action.do === 'OPEN');
  return rounds
    .filter((round) => isDue(round, now, hints) && !busy.has(round.approvalId))
    .filter((round) => !(opens && round.state === 'FAILED'))
    .map((round) => ({ do: 'POSTPONE', approvalId: round.approvalId }));
}
