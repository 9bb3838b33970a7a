import * as z from 'zod';
import type { Action } from './action.ts';
import type { IssueMemory, ItemRetention, RetentionDays } from './issue-memory.ts';
import { isLive, type Round } from './round.ts';
import type { IssueState, Snapshot } from './snapshot.ts';

/**
 * Decides when the items of an issue expire (ADR 22). Once an issue is over and its rounds have nothing left to do,
 * its items get the attribute `expiresAt`, and DynamoDB deletes them after that time. Nothing of an open issue has the
 * attribute. The issue memory never expires: it says whether items may have the attribute, and whether rounds may have
 * been deleted. Pure.
 */

/** The fewest days. A lost hint that an issue is open again must be found long before its items expire. */
const FEWEST_DAYS = 30;

/** Schema of ROUND_RETENTION_DAYS and SHOWN_RETENTION_DAYS. */
export const retentionDays = z
  .string()
  .regex(/^\d+$/, 'not a whole number')
  .transform(Number)
  .pipe(z.int().min(FEWEST_DAYS))
  .optional();

/** When items expire, in seconds since 1970. Absent: never. */
export interface ExpiryTimes {
  rounds?: number | undefined;
  shown?: number | undefined;
}

const DAY_SECONDS = 24 * 60 * 60;

/** Returns when the items of an issue expire. */
export function expiryTimes(retention: ItemRetention | undefined): ExpiryTimes {
  if (!retention) return {};
  const { since, roundDays, shownDays } = retention;
  const after = (days: number | undefined) =>
    days === undefined ? undefined : Math.floor(Date.parse(since) / 1_000) + days * DAY_SECONDS;
  return { rounds: after(roundDays), shown: after(shownDays) };
}

/** Whether DynamoDB may have deleted rounds of the issue. */
export function mayHaveLostRounds(memory: IssueMemory | undefined, now: Date): boolean {
  const { rounds } = expiryTimes(memory?.retention);
  return memory?.expired === true || (rounds !== undefined && rounds * 1_000 <= now.getTime());
}

/**
 * Returns the action that keeps items which may be marked to expire: their issue is open again, or a round has work
 * again. The issue is not planned further before this is done.
 */
export function planKeeping({ issue, rounds, unknown, memory }: Snapshot): Action | undefined {
  if (!memory) return undefined;
  const isMarked = memory.retention !== undefined || rounds.some((round) => round.expiresAt !== undefined);
  if (!isMarked || (!mayBeOpen(issue) && isFinished({ rounds, unknown }))) return undefined;
  return { do: 'RETAIN', retention: undefined };
}

/**
 * Returns the action that makes the items of an issue expire as configured. Planned only when nothing else is left to
 * do. None if the caller does not know what is configured.
 */
export function planRetention(snapshot: Snapshot, now: Date): Action | undefined {
  const { issue, rounds, memory, retention: days } = snapshot;
  if (!days || !memory || issue.kind === 'INVALID' || mayBeOpen(issue) || !isFinished(snapshot))
    return undefined;
  const present = memory.retention;
  if (!hasDays(days)) return present && { do: 'RETAIN', retention: undefined };
  if (!present && rounds.length === 0) return undefined;
  const since = present && hasDays(present) ? present.since : now.toISOString();
  const wanted = retentionOf(since, days);
  if (present && !present.left && sameDays(present, wanted)) return undefined;
  return { do: 'RETAIN', retention: wanted };
}

/** Returns what the memory stores for these days. */
export const retentionOf = (since: string, { roundDays, shownDays }: RetentionDays): ItemRetention => ({
  since,
  ...(roundDays !== undefined && { roundDays }),
  ...(shownDays !== undefined && { shownDays }),
});

/** Whether both keep items for the same number of days. */
export const sameDays = (a: RetentionDays, b: RetentionDays): boolean =>
  a.roundDays === b.roundDays && a.shownDays === b.shownDays;

const hasDays = ({ roundDays, shownDays }: RetentionDays): boolean =>
  roundDays !== undefined || shownDays !== undefined;

/** Whether the issue is open. A record that is invalid may be open, unless it says that it is not. */
function mayBeOpen(issue: IssueState): boolean {
  switch (issue.kind) {
    case 'VALID':
      return issue.record.status === 'OPEN';
    case 'INVALID':
      return issue.raw.status?.S !== 'DONE' && issue.raw.status?.S !== 'CANCELED';
    case 'ABSENT':
      return false;
    default:
      return issue satisfies never;
  }
}

/**
 * Whether the rounds of an issue that is over have nothing left to do. A `checkAfter` alone does not count: it is then
 * that of a daily retry, which sends nothing for such an issue. A round of a newer version may have work left.
 */
const isFinished = ({ rounds, unknown = [] }: Pick<Snapshot, 'rounds' | 'unknown'>): boolean =>
  unknown.length === 0 && !rounds.some(hasWork);

const hasWork = (round: Round): boolean =>
  isLive(round) || round.settle !== undefined || round.remarks.length > 0 || round.missed.length > 0;
