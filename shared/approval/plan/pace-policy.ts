import * as z from 'zod';
import { storedSchema } from '../../runtime/stored.ts';

/**
 * Who may call Feishu, or an OA, and when (ADR 17). Pure: times are epoch milliseconds, the ledger is what is stored.
 *
 * The calls to Feishu are limited in every sliding minute. The ledger counts the slots that were handed out in the last
 * minute and those few ahead of now; a slot is granted only where every minute that contains it has room.
 */

/** NEW: rounds that were never told to wait. WAITING: rounds that were, and come back when the sweep calls them up. */
export type Lane = 'NEW' | 'WAITING';

/** A slot is used within so long after its time; later it is given back, for the ledger is to say what is called. */
export const SLOT_USABLE_MS = 1_000;
/** A slot so near counts as free now: it is waited for on the spot. */
export const SPOT_MS = 500;
/** A round that has waited takes no slot further ahead: the sweep calls it up just in time. */
export const NEAR_MS = 5_000;
/** How far ahead a slot may be. A hidden message holds up every later one of its issue: a tap on an open card may be among them. */
export const HORIZON_MS = { usual: 60_000, openCard: NEAR_MS } as const;
/** While others wait, a call to an OA that was never told to wait takes no turn further ahead. */
const NEAR_TURN_MS = 2_000;
/** So long after somebody was told to wait, whoever is new takes no more than its share of the slots ahead. */
const CROWDED_MS = 2 * 60_000;

/** The ledger counts by half seconds, so that it stays as small whatever the limit is. */
const BUCKET_MS = 500;
/** Slots in any 61.5 s, in whole buckets: of two calls one may be made right at its slot, and the other 1 s later. */
const WINDOW = 123;
/** In 4 s: a tenth of the calls may be made at once after a pause, and what a moment missed is made up for. */
const BURST_WINDOW = 8;

/** Handed out in each bucket, the oldest first. */
const logMembers = z.object({
  /** Number of the first bucket since the epoch. */
  from: z.int(),
  /** Of the share that is kept for rounds that never waited. */
  fresh: z.array(z.int()),
  others: z.array(z.int()),
});
type Log = z.infer<typeof logMembers>;

const ledgerMembers = z.object({
  /** When all slots handed out so far are used up at the steady rate. At Feishu only the version before reads it. */
  tat: z.number(),
  /** Calls are refused until then. */
  heldUntil: z.number(),
  /** Of an OA: the distance of its calls. */
  spacingMs: z.number().optional(),
  /** Of Feishu; absent in ledgers of the version before. */
  log: logMembers.optional(),
  /** Somebody waits, or did until a moment ago. */
  crowdedUntil: z.number().optional(),
});
export const ledgerSchema = storedSchema(ledgerMembers);
/** What was handed out of one API. */
export type Ledger = z.infer<typeof ledgerSchema>;

/** Nothing was handed out yet. */
export const EMPTY_LEDGER: Ledger = { tat: 0, heldUntil: 0 };

export interface SlotRequest {
  now: number;
  lane: Lane;
  /** No slot further ahead helps. */
  horizonMs: number;
}

/** `slot`: undefined if there is none within the horizon. `ledger`: as it is afterwards; the same object if it does not change. */
export interface Grant {
  slot: number | undefined;
  ledger: Ledger;
}

/** Whether somebody has had to wait lately. */
const isCrowded = ({ crowdedUntil = 0 }: Ledger, now: number): boolean => crowdedUntil > now;

/** Remembers that somebody waits; not each time, so that a crowd costs no write for each of its rounds. */
function markCrowded(ledger: Ledger, now: number): Ledger {
  const left = (ledger.crowdedUntil ?? 0) - now;
  return left > CROWDED_MS / 2 ? ledger : { ...ledger, crowdedUntil: now + CROWDED_MS };
}

/** A slot of an API of Feishu that takes `limit` calls a minute. */
export function grant(ledger: Ledger, ask: SlotRequest, limit: number): Grant {
  const { now, lane } = ask;
  const counts = countsOf(ledger, now);
  const found = firstFit(counts, ledger, ask, limit);
  if (!found) return { slot: undefined, ledger: markCrowded(ledger, now) };
  const { bucket, slot, isShare } = found;
  counts.add(bucket, isShare ? 'fresh' : 'others');
  const granted: Ledger = {
    ...ledger,
    // What the version before had handed out far ahead is void.
    tat: Math.max(ledger.log ? ledger.tat : 0, slot + 60_000 / limit),
    log: { ...ledger.log, ...counts.log() },
  };
  return { slot, ledger: lane === 'WAITING' ? markCrowded(granted, now) : granted };
}

function firstFit(
  counts: Counts,
  ledger: Ledger,
  { now, lane, horizonMs }: SlotRequest,
  limit: number,
): { bucket: number; slot: number; isShare: boolean } | undefined {
  const horizon = lane === 'WAITING' ? Math.min(horizonMs, NEAR_MS) : horizonMs;
  const rationed = lane === 'NEW' && isCrowded(ledger, now);
  const earliest = Math.max(now, ledger.heldUntil);
  for (let bucket = bucketOf(earliest); ; ) {
    const slot = Math.max(earliest, bucket * BUCKET_MS);
    if (slot > now + horizon) return undefined;
    const isShare = rationed && slot > now + SPOT_MS;
    const next = Math.max(
      isShare ? counts.nextRoom(bucket, WINDOW, tenthOf(limit), 'fresh') : bucket,
      // Slots ahead are spread: a burst that is planned would come back in each minute that follows.
      slot > now ? counts.nextRoom(bucket, 1, Math.ceil((limit * BUCKET_MS) / 60_000)) : bucket,
      counts.nextRoom(bucket, BURST_WINDOW, tenthOf(limit)),
      counts.nextRoom(bucket, WINDOW, limit),
    );
    if (next === bucket) return { bucket, slot, isShare };
    bucket = next;
  }
}

const tenthOf = (limit: number): number => Math.ceil(limit / 10);

/** Gives a slot back that was not used. */
export function giveBack(ledger: Ledger, slot: number, lane: Lane, now: number): Ledger {
  const counts = countsOf(ledger, now);
  return counts.remove(bucketOf(slot), lane)
    ? { ...ledger, log: { ...ledger.log, ...counts.log() } }
    : ledger;
}

/** Whether a slot that was handed out earlier may be used now, or is waited for. */
export const isSlotUsable = (slot: number, ledger: Ledger, now: number): boolean =>
  slot > now - SLOT_USABLE_MS && slot >= ledger.heldUntil && countsOf(ledger, now).has(bucketOf(slot));

/** No slot before `until`: Feishu has just had too many. */
export const holdUntil = (ledger: Ledger, until: number): Ledger => ({
  ...ledger,
  tat: Math.max(ledger.tat, until),
  heldUntil: Math.max(ledger.heldUntil, until),
});

/** How many calls can be made within so long: what the sweep calls up. */
export function room(ledger: Ledger, now: number, withinMs: number, limit: number): number {
  const ask: SlotRequest = { now, lane: 'WAITING', horizonMs: withinMs };
  let after = ledger;
  for (let count = 0; ; count++) {
    const next = grant(after, ask, limit);
    if (next.slot === undefined) return count;
    after = next.ledger;
  }
}

/** How much of the newcomers' tenth is left. */
export function shareLeft(ledger: Ledger, now: number, limit: number): number {
  const { fresh } = countsOf(ledger, now).log();
  return Math.max(0, tenthOf(limit) - fresh.reduce((sum, count) => sum + count, 0));
}

const bucketOf = (time: number): number => Math.floor(time / BUCKET_MS);

interface Counts {
  /** This bucket if a slot more in it leaves any `width` buckets in a row with `most` at most; else one to try next. */
  nextRoom(bucket: number, width: number, most: number, of?: 'fresh'): number;
  has(bucket: number): boolean;
  add(bucket: number, to: 'fresh' | 'others'): void;
  remove(bucket: number, lane: Lane): boolean;
  log(): Log;
}

/** The log as a window that ends somewhere ahead; what no minute contains any more is left out. */
function countsOf({ log }: Ledger, now: number): Counts {
  const from = bucketOf(now) - WINDOW + 1;
  const read = (counts: readonly number[] = []): number[] => {
    const skip = from - (log?.from ?? from);
    return skip >= 0 ? counts.slice(skip) : [...Array<number>(-skip).fill(0), ...counts];
  };
  const fresh = read(log?.fresh);
  const others = read(log?.others);
  const at = (counts: readonly number[], bucket: number): number => counts[bucket - from] ?? 0;
  const change = (counts: number[], bucket: number, by: number) => {
    while (counts.length <= bucket - from) counts.push(0);
    counts[bucket - from] = at(counts, bucket) + by;
  };
  return {
    nextRoom(bucket, width, most, of) {
      const count = (one: number) => at(fresh, one) + (of === 'fresh' ? 0 : at(others, one));
      let sum = 0;
      for (let one = bucket; one < bucket + width; one++) sum += count(one);
      // From the last window that contains the bucket to the first: behind a full one there may be room.
      for (let start = bucket; start > bucket - width; start--) {
        if (sum >= most) return start + width;
        sum += count(start - 1) - count(start + width - 1);
      }
      return bucket;
    },
    has: (bucket) => at(fresh, bucket) + at(others, bucket) > 0,
    add: (bucket, to) => change(to === 'fresh' ? fresh : others, bucket, 1),
    remove(bucket, lane) {
      const order = lane === 'NEW' ? [fresh, others] : [others, fresh];
      const counts = order.find((one) => at(one, bucket) > 0);
      if (counts) change(counts, bucket, -1);
      return counts !== undefined;
    },
    log: () => ({ from, fresh: trimmed(fresh), others: trimmed(others) }),
  };
}

/** Nothing ahead costs no bytes. */
const trimmed = (counts: readonly number[]): number[] =>
  counts.slice(0, counts.findLastIndex((count) => count > 0) + 1);

/** As long as an OA may take at most; until a call has been timed, it is assumed to be quick. */
const MAX_SPACING_MS = 5_000;
const FIRST_SPACING_MS = 250;
/** A turn at an OA that is used later than this is given up. */
const TURN_USABLE_MS = 20_000;

const spacing = ({ spacingMs = FIRST_SPACING_MS }: Ledger): number => spacingMs;

/** In steps of two, so that a steady OA costs no writes: 16 ms, 32 ms … 5 s. */
export const spacingOf = (tookMs: number): number =>
  Math.min(MAX_SPACING_MS, 2 ** Math.max(4, Math.ceil(Math.log2(Math.max(1, tookMs)))));

/** The next turn at an OA: one call after the other, at the distance that its last one took. */
export function grantTurn(ledger: Ledger, { now, lane, horizonMs }: SlotRequest): Grant {
  const slot = Math.max(now, Math.round(ledger.tat));
  const near = lane === 'WAITING' ? NEAR_MS : isCrowded(ledger, now) ? NEAR_TURN_MS : horizonMs;
  if (slot > now + Math.min(near, horizonMs)) return { slot: undefined, ledger: markCrowded(ledger, now) };
  const granted = { ...ledger, tat: Math.max(ledger.tat, now) + spacing(ledger) };
  return { slot, ledger: lane === 'WAITING' ? markCrowded(granted, now) : granted };
}

/** Whether a turn that was given earlier may be used now, or is waited for. */
export const isTurnUsable = (slot: number, { heldUntil }: Ledger, now: number): boolean =>
  slot > now - TURN_USABLE_MS && slot >= heldUntil;

/** How many turns begin within so long. */
export function turnsWithin(ledger: Ledger, now: number, withinMs: number): number {
  const left = now + withinMs - Math.max(ledger.tat, now);
  return left < 0 ? 0 : Math.floor(left / spacing(ledger)) + 1;
}
