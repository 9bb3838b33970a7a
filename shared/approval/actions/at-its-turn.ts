import { ownerOf } from '../plan/line.ts';
import type { Round } from '../plan/round.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import { type ActionResult, type Reconciling, roundOf, takeSlot } from './action-result.ts';

/**
 * The calls to one OA follow each other at the distance that its last one took: however many issues wait for a slow or
 * dead OA, they keep about one of the five workers busy, and nothing else has to wait for them (docs/contract.md 5).
 */

/**
 * Does `action` when the round's OA may be called, on a round that has used its slot up; at once for Feishu's rounds.
 * `kept` is not to be forgotten if that is later than its message can wait.
 */
export async function atItsTurn(
  approvalId: string,
  snapshot: Snapshot,
  work: Reconciling,
  action: (snapshot: Snapshot) => Promise<ActionResult>,
  kept: Partial<Round> = {},
): Promise<ActionResult> {
  const round = roundOf(snapshot, approvalId);
  const isPaced = Boolean(ownerOf(round, 'call'));
  if (!isPaced) return action(snapshot);
  const slot = await takeSlot(round, 'call', snapshot, work, { kept });
  if ('wait' in slot) return slot.wait;
  return action({
    ...snapshot,
    rounds: snapshot.rounds.map((one) => (one === round ? slot.round : one)),
  });
}
