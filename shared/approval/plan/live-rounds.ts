import type { CloseReason } from '../../issue/approval-words.ts';
import { policyOf } from '../channels/policies.ts';
import type { Action, Opening } from './action.ts';
import { deadlinesOf, isPast, sameDeadlines } from './deadlines.ts';
import { isDue, isReasonToLook, reportedEvents, statusesInHints } from './event-hints.ts';
import type { Round } from './round.ts';
import type { SubjectSituation } from './situation.ts';
import type { Wanted } from './wanted.ts';

/**
 * Returns the actions for the live round of a subject that the issue has now.
 * @param followUp returns the round to open in the transaction that closes this one for a reason; undefined: none
 */
export function planLive(
  round: Round,
  wanted: Wanted,
  at: SubjectSituation,
  followUp: (reason: CloseReason) => Opening | undefined,
): Action[] {
  const { settings } = at;
  const { approvalId } = round;
  const withdrawFor = (reason: CloseReason): Action[] => {
    const next = followUp(reason);
    return [{ do: 'WITHDRAW', approvalId, reason, ...(next && { next }) }];
  };
  if (!mayActNow(round, at)) return [];
  // The withdrawal may be done already. It is completed, then the subject is asked again.
  if (round.withdraw) return withdrawFor(round.withdraw.reason);
  if (!wanted.wanted) return withdrawFor(wanted.because);
  const match = policyOf(round).matches(round, settings);
  if (!at.isCovered || match === 'OTHER_SENDER') return withdrawFor('SUPERSEDED');
  if (at.ringing && !wanted.checkRunning) return withdrawFor('BELL');
  if (round.state === 'REQUESTED') {
    // A definition that was deleted or replaced would refuse the request every time. A card that was sent keeps its
    // own definition (docs/lessons.md 19).
    if (match === 'OTHER_DEFINITION') return withdrawFor('SUPERSEDED');
    // A running check delays the send, as it delays the opening. It does not if an event shows that the request was
    // already sent.
    const isDelayed = wanted.checkRunning && statusesInHints(round, at.hints).length === 0;
    return isDelayed ? [] : planSend(round, at);
  }
  const deadlines = deadlinesOf(round, settings);
  if (!sameDeadlines(round, deadlines)) return [{ do: 'RETIME', approvalId, deadlines }];
  return planPending(round, at, withdrawFor);
}

/**
 * Whether anything may be done about a round now. While its OA fails, only when the round is due or an event reports
 * something: everything to do needs that OA.
 */
export const mayActNow = (round: Round, at: Pick<SubjectSituation, 'now' | 'hints'>): boolean =>
  round.failingSince === undefined || isDueOrReported(round, at);

/** Whether the round is due, or an event has reported something about it. */
const isDueOrReported = (round: Round, { now, hints }: Pick<SubjectSituation, 'now' | 'hints'>): boolean =>
  isDue(round, now, hints) || statusesInHints(round, hints).length > 0;

function planSend(round: Round, { now, hints }: SubjectSituation): Action[] {
  const maySend = round.error === undefined || isDueOrReported(round, { now, hints });
  const { approvalId } = round;
  return maySend ? [{ do: 'SEND', approvalId }] : [];
}

function planPending(
  round: Round,
  { now, hints, wasInvalid }: SubjectSituation,
  withdrawFor: (reason: CloseReason) => Action[],
): Action[] {
  const { approvalId, expireAt, remindAt } = round;
  const due = isDue(round, now, hints);
  const reported = reportedEvents(round, hints);
  // Reported events are looked at first: they may be a decision that GET does not show yet, or never shows.
  const isQuiet = !wasInvalid && !reported.statuses.some(isReasonToLook);
  if (isQuiet && isPast(expireAt, now)) return withdrawFor('EXPIRED_BY_US');
  // While Feishu cannot be reached, a reminder waits like any look.
  if (isQuiet && isPast(remindAt, now) && (due || round.setbacks === 0))
    return [{ do: 'REMIND', approvalId }];
  const look = due || wasInvalid || statusesInHints(round, hints).some(isReasonToLook);
  return look ? [{ do: 'LOOK', approvalId, reported }] : [];
}
