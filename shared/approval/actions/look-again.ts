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

/**
 * Returns the change that stores reported events on the round, because GET does not report all of them and the
 * message will be gone.
 */
export const keepEvents = (reported: ReportedEvents): Partial<Round> => ({
  missed: reported.statuses.filter(isReasonToLook),
});

/**
 * Looks at the round again after 2, 10 and 60 seconds: the message comes back, or the sweep hints the round if the
 * message is lost. After the last look, only the `checkAfter` of the round is left.
 * @param inTheEnd changes to store after the last look
 * @param stored the round as it is in the table
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
