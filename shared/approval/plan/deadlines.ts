import type { FeishuSettings } from '../../settings/settings.ts';
import { policyOf } from '../channels/policies.ts';
import type { Round } from './round.ts';

/**
 * The times at which the approver of a round is reminded and the request expires. Both are counted from when the card
 * was sent. An OA has its own reminders and deadlines. The times follow the present settings, so a change of the
 * settings also affects rounds that are already open. Pure.
 */
export type Deadlines = Pick<Round, 'remindAt' | 'expireAt'>;

const MAX_REMINDERS = 3;
const HOUR_MS = 60 * 60_000;

/** Returns the deadlines of a round under these settings, ISO 8601; a deadline that does not apply is absent. */
export function deadlinesOf(round: Round, settings: FeishuSettings | undefined): Deadlines {
  if (!policyOf(round).hasDeadlines) return {};
  const sentAt = round.sentAt ?? round.requestedAt;
  const expireAt = after(sentAt, settings?.expiryHours);
  const { sent, from, notBefore, over } = round.reminders;
  const period = over || sent >= MAX_REMINDERS ? undefined : settings?.reminderHours;
  const remindAt = period === undefined ? undefined : (notBefore ?? after(from ?? sentAt, period));
  return { ...(remindAt && { remindAt }), ...(expireAt && { expireAt }) };
}

/** Whether both are the same times. */
export const sameDeadlines = (a: Deadlines, b: Deadlines): boolean =>
  a.remindAt === b.remindAt && a.expireAt === b.expireAt;

/** Returns the round with these deadlines instead of its own. */
export const withDeadlines = (
  { remindAt: _, expireAt: __, ...rest }: Round,
  deadlines: Deadlines,
): Round => ({
  ...rest,
  ...deadlines,
});

/** Whether a deadline is set and has passed. */
export const isPast = (deadline: string | undefined, now: Date): boolean =>
  deadline !== undefined && Date.parse(deadline) <= now.getTime();

const after = (from: string, hours: number | undefined): string | undefined =>
  hours === undefined ? undefined : new Date(Date.parse(from) + hours * HOUR_MS).toISOString();
