import { type Issue, stageOf } from '../frabit/frabit.ts';
import type { Card } from '../simulators/feishu/control-client.ts';

/** The issues of one run, and the cards of each. Pure. */
export interface Crowd {
  /** Reassigned all at once. */
  issues: string[];
  /** Only approved, not reassigned. */
  quiet: string[];
}

export function makeCrowd(run: string, issues: number, quiet: number): Crowd {
  const named = (kind: string, count: number) =>
    Array.from({ length: count }, (_, index) => `bench-${run}-${kind}${String(index).padStart(5, '0')}`);
  return { issues: named('i', issues), quiet: named('q', quiet) };
}

/** Returns the issue that a card shows: its id is in the form. */
function issueOf(card: Card): string | undefined {
  const texts = card.form.map(({ value }) => value['en-US']).join('\n');
  return /bench-[0-9a-f]{6}-[iq]\d{5}/.exec(texts)?.[0];
}

export function cardsByIssue(cards: readonly Card[]): Map<string, Card[]> {
  const found = new Map<string, Card[]>();
  for (const card of cards) {
    const issueId = issueOf(card);
    if (issueId !== undefined) found.set(issueId, [...(found.get(issueId) ?? []), card]);
  }
  return found;
}

export interface Tally {
  sent: number;
  withdrawn: number;
  /** New cards beyond the first one of an issue, and old cards that are still open. */
  duplicated: number;
  /** Issues without an open new card that matches the record. */
  lost: number;
}

/** Counts what happened to the issues; `before`: their cards when they were reassigned. */
export function tally(
  issues: readonly string[],
  before: ReadonlyMap<string, readonly Card[]>,
  after: ReadonlyMap<string, readonly Card[]>,
  records: ReadonlyMap<string, Issue>,
): Tally {
  const total: Tally = { sent: 0, withdrawn: 0, duplicated: 0, lost: 0 };
  for (const issueId of issues) {
    const old = new Set(before.get(issueId)?.map(({ instanceCode }) => instanceCode));
    const cards = after.get(issueId) ?? [];
    const fresh = cards.filter(({ instanceCode }) => !old.has(instanceCode));
    const stale = cards.filter(({ instanceCode }) => old.has(instanceCode));
    const open = fresh.filter(({ status }) => status === 'PENDING');
    const approvalId = approvalIdOf(records.get(issueId));
    total.sent += fresh.length;
    total.withdrawn += stale.filter(({ status }) => status === 'CANCELED').length;
    total.duplicated +=
      Math.max(0, fresh.length - 1) + stale.filter(({ status }) => status === 'PENDING').length;
    if (!open.some(({ uuid }) => uuid !== null && uuid.toLowerCase() === approvalId)) total.lost += 1;
  }
  return total;
}

/** Returns the id of the approval that is PENDING on the record. */
function approvalIdOf(issue: Issue | undefined): string | undefined {
  const approval = issue?.stageApprovals?.[stageOf(issue)?.stageId ?? ''];
  return approval?.state === 'PENDING' ? approval.approvalId.toLowerCase() : undefined;
}
