import type { ExternalNode } from '../../settings/external-nodes.ts';
import type { Pacer } from '../pacing.ts';
import type { Round } from '../round.ts';
import type { Snapshot } from '../snapshot.ts';
import { LATER, type Outcome, type Reconciling, roundOf, takeSlot } from '../steps/outcome.ts';

/**
 * The calls to one OA follow each other at the distance that its last one took: however many issues wait for a slow or
 * dead OA, they hold about one of the five workers, and never up what does not concern it (CONTRACT section 5).
 */

/** Further ahead nothing is queued: the round comes back by itself. */
const MAX_AHEAD_MS = 60_000;

/**
 * Does `step` when the round's OA may be called, on a round that has used its slot up; at once for Feishu's rounds.
 * `kept` is not to be forgotten if that is later.
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
  if (await isCrowded(round.nodeId, round, work)) return comeLater({ ...round, ...kept }, work);
  const slot = await takeSlot(round, 'call', work);
  if ('wait' in slot) return slot.wait;
  return step({
    ...snapshot,
    rounds: snapshot.rounds.map((one) => (one === round ? slot.round : one)),
  });
}

async function isCrowded(nodeId: string, { slots }: Round, { pacer, now }: Reconciling): Promise<boolean> {
  if (slots.call !== undefined) return false;
  const next = await pacer.peek(nodeId, 'call', now());
  return next.getTime() - now().getTime() > MAX_AHEAD_MS;
}

async function comeLater(round: Round, { store, now }: Reconciling): Promise<Outcome> {
  const checkAfter = new Date(now().getTime() + MAX_AHEAD_MS).toISOString();
  await store.save(round, { ...round, checkAfter });
  return LATER;
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
