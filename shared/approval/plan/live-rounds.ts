import type { CloseReason } from '../../issue/approval-words.ts';
import { policyOf } from '../channels/policies.ts';
import type { Action, Opening } from './action.ts';
import { deadlinesOf, isPast, sameDeadlines } from './deadlines.ts';
import { isDue, isReasonToLook, reportedEvents, statusesInHints } from './event-hints.ts';
import type { Round } from './round.ts';
import type { SubjectSituation } from './situation.ts';
import type { Wanted } from './wanted.ts';

/**
 * What is to be done about the live round of a subject that the issue has now. `followUp`: what is opened in the
 * transaction that closes it for a reason, if anything.
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
  // An intent may have been carried out already: it is carried through, then the subject is asked for anew.
  if (round.withdraw) return withdrawFor(round.withdraw.reason);
  if (!wanted.wanted) return withdrawFor(wanted.because);
  const match = policyOf(round).matches(round, settings);
  if (!at.isCovered || match === 'OTHER_SENDER') return withdrawFor('SUPERSEDED');
  if (at.ringing && !wanted.checkRunning) return withdrawFor('BELL');
  if (round.state === 'REQUESTED') {
    // A definition that was deleted, or given up, would refuse it for ever; a card keeps its own (docs/lessons.md 19).
    if (match === 'OTHER_DEFINITION') return withdrawFor('SUPERSEDED');
    // Held back by a check as it would be before it was opened, unless Feishu tells that it was sent already.
    const held = wanted.checkRunning && statusesInHints(round, at.hints).length === 0;
    return held ? [] : planSend(round, at);
  }
  const deadlines = deadlinesOf(round, settings);
  if (!sameDeadlines(round, deadlines)) return [{ do: 'RETIME', approvalId, deadlines }];
  return planPending(round, at, withdrawFor);
}

/** Whatever is to be done about a round whose OA fails has to be done there: when its time has come. */
export const mayActNow = (round: Round, at: Pick<SubjectSituation, 'now' | 'hints'>): boolean =>
  round.failingSince === undefined || isDueOrReported(round, at);

/** Its time has come, or something was heard of it. */
const isDueOrReported = (round: Round, { now, hints }: Pick<SubjectSituation, 'now' | 'hints'>): boolean =>
  isDue(round, now, hints) || statusesInHints(round, hints).length > 0;

function planSend(round: Round, { now, hints }: SubjectSituation): Action[] {
  const asked = round.error === undefined || isDueOrReported(round, { now, hints });
  const { approvalId } = round;
  return asked ? [{ do: 'SEND', approvalId }] : [];
}

function planPending(
  round: Round,
  { now, hints, wasInvalid }: SubjectSituation,
  withdrawFor: (reason: CloseReason) => Action[],
): Action[] {
  const { approvalId, expireAt, remindAt } = round;
  const due = isDue(round, now, hints);
  const reported = reportedEvents(round, hints);
  // What was heard is looked into first: it may be a decision that GET does not tell yet, or never tells.
  const quiet = !wasInvalid && !reported.statuses.some(isReasonToLook);
  if (quiet && isPast(expireAt, now)) return withdrawFor('EXPIRED_BY_US');
  // While Feishu is out of reach a reminder waits like any look.
  if (quiet && isPast(remindAt, now) && (due || round.setbacks === 0)) return [{ do: 'REMIND', approvalId }];
  const look = due || wasInvalid || statusesInHints(round, hints).some(isReasonToLook);
  return look ? [{ do: 'LOOK', approvalId, reported }] : [];
}
