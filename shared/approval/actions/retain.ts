import type { IssueMemory, ItemRetention } from '../plan/issue-memory.ts';
import { expiryTimes, mayHaveLostRounds, retentionOf, sameDays } from '../plan/retention.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import { type ActionResult, AGAIN, type Reconciling, waitFor } from './action-result.ts';

/** After this time no further page of rounds is written in this run. The message comes back for the rest. */
const MARKING_MS = 5_000;

/**
 * Makes the items of an issue expire, or keeps them (ADR 22). The memory says so before the first item is written, and
 * that all are written after the last. So wherever this is stopped, the memory of an issue says `retention` while one
 * of its items may have `expiresAt`, and the next run continues.
 */
export async function retain(
  retention: ItemRetention | undefined,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const { store, now } = work;
  const { issueId, memory } = snapshot;
  if (!memory) return AGAIN;
  const startedAt = now();
  const { retention: before, ...others } = memory;
  const rest: IssueMemory = { ...others, ...(mayHaveLostRounds(memory, startedAt) && { expired: true }) };
  const since = retention?.since ?? before?.since ?? startedAt.toISOString();
  const target = retentionOf(since, retention ?? {});
  let stored = memory;
  const remember = async (next: ItemRetention | undefined): Promise<void> => {
    const changed: IssueMemory = next ? { ...rest, retention: next } : rest;
    await store.remember(changed, stored);
    stored = changed;
  };

  const continued = before?.left && sameDays(before, target) ? before.left : undefined;
  let { after } = continued ?? {};
  if (!continued) await remember({ ...target, left: {} });
  for (;;) {
    after = await store.setExpiry(issueId, expiryTimes(target), after);
    if (after === undefined) break;
    if (now().getTime() - startedAt.getTime() > MARKING_MS) {
      await remember({ ...target, left: { after } });
      return waitFor(1);
    }
  }
  await remember(retention && target);
  work.log(retention ? 'items marked to expire' : 'items kept', { issueId });
  return AGAIN;
}
