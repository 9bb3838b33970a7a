import type { ExternalNode } from '../../../settings/external-nodes.ts';
import { type Outcome, type Reconciling, roundOf, takeSlot } from '../../actions/action-result.ts';
import type { Round } from '../../plan/round.ts';
import type { Snapshot } from '../../plan/snapshot.ts';
import type { Pacer } from '../../store/pacing.ts';

/**
 * The calls to one OA follow each other at the distance that its last one took: however many issues wait for a slow or
 * dead OA, they keep about one of the five workers busy, and nothing else has to wait for them (CONTRACT section 5).
 */

/**
 * Does `step` when the round's OA may be called, on a round that has used its slot up; at once for Feishu's rounds.
 * `kept` is not to be forgotten if that is later than its message can wait.
 */
export async function atItsTurn(
  approvalId: string,
  snapshot: Snapshot,
  work: Reconciling,
  step: (snapshot: Snapshot) => Promise<Outcome>,
  kept: Partial<Round> = {},
): Promise<Outcome> {
  const round = roundOf(snapshot, approvalId);
  if (round.channel === 'FEISHU' || !round.nodeId) return step(snapshot);
  const slot = await takeSlot(round, 'call', snapshot, work, { kept });
  if ('wait' in slot) return slot.wait;
  return step({
    ...snapshot,
    rounds: snapshot.rounds.map((one) => (one === round ? slot.round : one)),
  });
}

/** Makes a call, and tells the pacer how long it took, however it ended. */
export async function timed<T>(
  { nodeId }: ExternalNode,
  pacer: Pacer,
  now: () => Date,
  call: () => Promise<T>,
): Promise<T> {
  const begun = now().getTime();
  try {
    return await call();
  } finally {
    await pacer.observe(nodeId, 'call', now().getTime() - begun);
  }
}
