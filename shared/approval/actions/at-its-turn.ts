import type { Round } from '../plan/round.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import { ownerOf } from '../plan/waiting-line.ts';
import { type ActionResult, type Reconciling, roundOf, takeSlot } from './action-result.ts';

/**
 * Calls to one OA are made one after the other, at the distance that the last one took. So a slow or dead OA occupies
 * about one of the five workers, however many issues wait for it, and never delays other issues (docs/contract.md 5).
 */

/**
 * Does an action when the OA of the round may be called; for rounds of Feishu at once. The action gets the round
 * without the slot that it uses.
 * @param kept changes to store if the round is put in a line
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
