import { GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { SettingsPlace } from '../settings/settings-store.ts';

/** An item of the Approvals table, with its key. */
type Item = Readonly<Record<string, unknown>>;

/**
 * Finds how old the oldest request is that should have been sent. It is shown every round that the sweep reads, keeps
 * the oldest unsent ones, and reads those again in each run. It lives in the memory of the container: a new one finds
 * them again on its walk.
 */
export interface UnsentWatch {
  /** Remembers the round if it is not sent. `now`: when it was read. */
  see(item: Item, now: Date): void;
  /** Resolves to the age in seconds of the oldest request that is still not sent; 0 if there is none. */
  readOldest(now: Date): Promise<number>;
}

/** More would cost reads and not change the oldest one. */
const KEPT = 20;
/**
 * A round counts when it has been unsent for this long since it was first seen. Otherwise a request that has waited in
 * a line for the rate limit would count during the second in which it is sent.
 */
const SEEN_FOR_MS = 2 * 60_000;

const unsentSchema = z.object({
  pk: z.string(),
  sk: z.string(),
  state: z.literal('REQUESTED'),
  requestedAt: z.string(),
  /** Waits in a line for the rate limit. */
  waiting: z.undefined().optional(),
  slots: z.object({ create: z.string().optional(), call: z.string().optional() }).optional(),
});

interface Unsent {
  key: { pk: string; sk: string };
  since: number;
  seenAt: number;
}

export function watchUnsent({ documents, tableName }: SettingsPlace): UnsentWatch {
  const kept = new Map<string, Unsent>();

  const see = (item: Item, now: Date) => {
    const unsent = readUnsent(item, now);
    if (!unsent) return;
    const id = idOf(unsent.key);
    kept.set(id, { ...unsent, seenAt: kept.get(id)?.seenAt ?? now.getTime() });
    if (kept.size <= KEPT) return;
    const youngest = [...kept].sort(([, a], [, b]) => b.since - a.since)[0];
    if (youngest) kept.delete(youngest[0]);
  };

  return {
    see,
    async readOldest(now) {
      for (const [id, { key }] of kept) {
        const { Item } = await documents.send(
          new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true }),
        );
        if (!Item || !readUnsent(Item, now)) kept.delete(id);
      }
      const counting = [...kept.values()].filter(({ seenAt }) => now.getTime() - seenAt >= SEEN_FOR_MS);
      const ages = counting.map(({ since }) => (now.getTime() - since) / 1_000);
      return Math.max(0, ...ages);
    },
  };
}

const idOf = ({ pk, sk }: Unsent['key']): string => `${pk} ${sk}`;

/** Undefined if the round is sent, closed, or waits for the rate limit. */
function readUnsent(item: Item, now: Date): Omit<Unsent, 'seenAt'> | undefined {
  const { success, data } = unsentSchema.safeParse(item);
  if (!success) return undefined;
  const { pk, sk, requestedAt, slots = {} } = data;
  const waits = [slots.create, slots.call].some((slot) => slot !== undefined && slot > now.toISOString());
  return waits ? undefined : { key: { pk, sk }, since: Date.parse(requestedAt) };
}
