import type { FeishuSettings } from '../../settings/settings.ts';
import { policyOf } from '../channels/policies.ts';
import type { Round } from './round.ts';

/**
 * When the approver of a round is reminded, and when the request expires. Both clocks start when the card is sent;
 * an OA has its own ways for both.
 * Pure: derived from the settings as they stand now, so that a change of them reaches the rounds under way.
 */
export type Deadlines = Pick<Round, 'remindAt' | 'expireAt'>;

const MAX_REMINDERS = 3;
const HOUR_MS = 60 * 60_000;

export function deadlinesOf(round: Round, settings: FeishuSettings | undefined): Deadlines {
  if (!policyOf(round).hasDeadlines) return {};
  const sentAt = round.sentAt ?? round.requestedAt;
  const expireAt = after(sentAt, settings?.expiryHours);
  const { sent, from, notBefore, over } = round.reminders;
  const period = over || sent >= MAX_REMINDERS ? undefined : settings?.reminderHours;
  const remindAt = period === undefined ? undefined : (notBefore ?? after(from ?? sentAt, period));
  return { ...(remindAt && { remindAt }), ...(expireAt && { expireAt }) };
}

export const sameDeadlines = (a: Deadlines, b: Deadlines): boolean =>
  a.remindAt === b.remindAt && a.expireAt === b.expireAt;

export const withDeadlines = (
  { remindAt: _, expireAt: __, ...rest }: Round,
  deadlines: Deadlines,
): Round => ({
  ...rest,
  ...deadlines,
});

export const isPast = (deadline: string | undefined, now: Date): boolean =>
  deadline !== undefined && Date.parse(deadline) <= now.getTime();

const after = (from: string, hours: number | undefined): string | undefined =>
  hours === undefined ? undefined : new Date(Date.parse(from) + hours * HOUR_MS).toISOString();
