import { isReasonToLook, type ReportedEvents } from '../plan/event-hints.ts';
import type { Round } from '../plan/round.ts';
import { lookAgainSeconds } from '../plan/schedule.ts';
import {
  type ActionResult,
  ANSWERED,
  change,
  LATER,
  LOOKED,
  type Reconciling,
  waitFor,
} from './action-result.ts';

/** What was heard is not forgotten with its message: GET does not tell all of it. */
export const keepEvents = (reported: ReportedEvents): Partial<Round> => ({
  missed: reported.statuses.filter(isReasonToLook),
});

/**
 * The message comes back after 2, 10 and 60 seconds, or the sweep does if it is lost; after that `inTheEnd` is
 * changed, and only the round's checkAfter is left. `stored` is the round as the table has it.
 */
export async function lookAgainSoon(
  round: Round,
  reported: ReportedEvents,
  work: Reconciling,
  inTheEnd: Partial<Round> = LOOKED,
  stored: Round = round,
): Promise<ActionResult> {
  const now = work.now();
  const seconds = lookAgainSeconds(round.rechecks);
  if (seconds === undefined) {
    await work.store.save(stored, change(round, inTheEnd, now));
    return LATER;
  }
  const changed = change(round, { ...keepEvents(reported), ...ANSWERED, rechecks: round.rechecks + 1 }, now);
  const checkAfter = new Date(now.getTime() + seconds * 1_000).toISOString();
  await work.store.save(stored, { ...changed, checkAfter });
  return waitFor(seconds);
}
