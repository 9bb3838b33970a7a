import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { readImage } from '../../shared/runtime/attribute-values.ts';

/** What the rules read of a round. It is read from the item itself, without the product's schema. */
export interface RoundFacts {
  approvalId: string;
  subject: { kind: string; id: string };
  generation: number;
  state: string;
  content: string;
  decisions: { result: string; by: { userId?: string }; applied: boolean }[];
  settle?: object;
  remarks: string[];
}

type Item = Readonly<Record<string, AttributeValue>>;

const known = new WeakMap<Item, RoundFacts>();

/** Returns undefined if the item is not a round. */
export function roundIn(item: Item): RoundFacts | undefined {
  if (item.generation === undefined) return undefined;
  const found = known.get(item);
  if (found) return found;
  // The product wrote it. If a member is missing, the rule that reads it fails.
  const facts = readImage(item) as unknown as RoundFacts;
  known.set(item, facts);
  return facts;
}

export const roundsIn = (items: readonly Item[]): RoundFacts[] =>
  items.map(roundIn).filter((round) => round !== undefined);

export const isLive = ({ state }: RoundFacts): boolean => state === 'REQUESTED' || state === 'PENDING';

/** Returns whether, after this round, nothing is sent again until a trigger occurs (docs/contract.md 1). */
export const isSilent = ({ state }: RoundFacts): boolean =>
  ['REJECTED', 'CANCELED', 'EXPIRED', 'DELETED', 'FAILED'].includes(state);

export const lastOf = (rounds: readonly RoundFacts[], stageId: string | undefined): RoundFacts | undefined =>
  rounds.filter(({ subject }) => subject.id === stageId).toSorted((a, b) => b.generation - a.generation)[0];

export const describeRound = ({ subject, generation, state }: RoundFacts): string =>
  `round ${generation} of ${subject.id}, ${state}`;
