import type { CloseReason } from '../../issue/approval-words.ts';
import { policyOf } from '../channels/policies.ts';
import type { Action, Opening } from './action.ts';
import { deadlinesOf, isPast, sameDeadlines } from './deadlines.ts';
import { isDue, isNews, reportedEvents, statusesInHints } from './event-hints.ts';
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
  const back = (reason: CloseReason): Action[] => {
    const next = followUp(reason);
    return [{ do: 'WITHDRAW', approvalId, reason, ...(next && { next }) }];
  };
  if (!mayBeCalled(round, at)) return [];
  // An intent may have been carried out already: it is carried through, then the subject is asked for anew.
  if (round.withdraw) return back(round.withdraw.reason);
  if (!wanted.wanted) return back(wanted.because);
  const match = policyOf(round).matches(round, settings);
  if (!at.same || match === 'OTHER_SENDER') return back('SUPERSEDED');
  if (at.ringing && !wanted.checkRunning) return back('BELL');
  if (round.state === 'REQUESTED') {
    // A definition that was deleted, or given up, would refuse it for ever; a card keeps its own (docs/lessons.md 19).
    if (match === 'OTHER_DEFINITION') return back('SUPERSEDED');
    // Held back by a check as it would be before it was opened, unless Feishu tells that it was sent already.
    const held = wanted.checkRunning && statusesInHints(round, at.hints).length === 0;
    return held ? [] : planSend(round, at);
  }
  const deadlines = deadlinesOf(round, settings);
  if (!sameDeadlines(round, deadlines)) return [{ do: 'RETIME', approvalId, deadlines }];
  return planPending(round, at, back);
}

/** Whatever is to be done about a round whose OA fails has to be done there: when its time has come. */
export const mayBeCalled = (round: Round, at: Pick<SubjectSituation, 'now' | 'hints'>): boolean =>
  round.failingSince === undefined || isCalledFor(round, at);

/** Its time has come, or something was heard of it. */
const isCalledFor = (round: Round, { now, hints }: Pick<SubjectSituation, 'now' | 'hints'>): boolean =>
  isDue(round, now, hints) || statusesInHints(round, hints).length > 0;

function planSend(round: Round, { now, hints }: SubjectSituation): Action[] {
  const asked = round.error === undefined || isCalledFor(round, { now, hints });
  const { approvalId } = round;
  return asked ? [{ do: 'SEND', approvalId }] : [];
}

function planPending(
  round: Round,
  { now, hints, waited }: SubjectSituation,
  back: (reason: CloseReason) => Action[],
): Action[] {
  const { approvalId, expireAt, remindAt } = round;
  const due = isDue(round, now, hints);
  const reported = reportedEvents(round, hints);
  // What was heard is looked into first: it may be a decision that GET does not tell yet, or never tells.
  const quiet = !waited && !reported.statuses.some(isNews);
  if (quiet && isPast(expireAt, now)) return back('EXPIRED_BY_US');
  // While Feishu is out of reach a reminder waits like any look.
  if (quiet && isPast(remindAt, now) && (due || round.setbacks === 0)) return [{ do: 'REMIND', approvalId }];
  const look = due || waited || statusesInHints(round, hints).some(isNews);
  return look ? [{ do: 'LOOK', approvalId, reported }] : [];
}
