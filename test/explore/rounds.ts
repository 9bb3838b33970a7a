import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { readImage } from '../../shared/runtime/attribute-values.ts';

/** What the rules read of a round, from the item itself and not through the product's schema. */
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

/** undefined: the item is no round. */
export function roundIn(item: Item): RoundFacts | undefined {
  if (item.generation === undefined) return undefined;
  const found = known.get(item);
  if (found) return found;
  // The product wrote it; a rule that reads something else than stands there fails.
  const facts = readImage(item) as unknown as RoundFacts;
  known.set(item, facts);
  return facts;
}

export const roundsIn = (items: readonly Item[]): RoundFacts[] =>
  items.map(roundIn).filter((round) => round !== undefined);

export const isLive = ({ state }: RoundFacts): boolean => state === 'REQUESTED' || state === 'PENDING';

/** After it nothing is sent again until one of the four triggers occurs (docs/contract.md 1). */
export const isSilent = ({ state }: RoundFacts): boolean =>
  ['REJECTED', 'CANCELED', 'EXPIRED', 'DELETED', 'FAILED'].includes(state);

export const lastOf = (rounds: readonly RoundFacts[], stageId: string | undefined): RoundFacts | undefined =>
  rounds.filter(({ subject }) => subject.id === stageId).toSorted((a, b) => b.generation - a.generation)[0];
