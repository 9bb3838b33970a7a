import * as z from 'zod';
import { storedSchema } from '../../runtime/stored-items.ts';

/**
 * Decides which round may call Feishu or an OA, and when (ADR 17). Pure: times are epoch milliseconds, and the ledger
 * is what is stored.
 *
 * Feishu limits the calls in every sliding minute. The ledger counts the slots that were handed out in the last
 * minute, and the few that lie ahead. A slot is granted only if every minute that contains it has room.
 */

/**
 * NEW: rounds that never had to wait. WAITING: rounds that had to wait, and come back when the sweep calls them up.
 */
export type Lane = 'NEW' | 'WAITING';

/**
 * A slot can be used until this long after its time. Later it is given back, so that the ledger counts only calls
 * that are made.
 */
export const SLOT_USABLE_MS = 1_000;
/** A slot this near counts as free now: the worker waits for it. */
export const SPOT_MS = 500;
/** A round that has waited takes no slot further ahead than this: the sweep calls it up just in time. */
export const NEAR_MS = 5_000;
/**
 * How far ahead a slot may be. A hidden message delays every later message of its issue, and one of them may be a
 * decision on an open card.
 */
export const HORIZON_MS = { usual: 60_000, openCard: NEAR_MS } as const;
/** While others wait, a newcomer takes no turn at an OA further ahead than this. */
const NEAR_TURN_MS = 2_000;
/** For this long after a round had to wait, newcomers take no more than their share of the slots ahead. */
const CROWDED_MS = 2 * 60_000;

/** The ledger counts slots by half seconds, so its size does not depend on the limit. */
const BUCKET_MS = 500;
/**
 * The limit holds for any 61.5 s, in buckets: one of two calls may be made exactly at its slot, and the other 1 s
 * after its slot.
 */
const WINDOW = 123;
/**
 * A tenth of the limit holds for any 4 s, in buckets: so much may be called at once after a pause, or to catch up
 * after a missed moment.
 */
const BURST_WINDOW = 8;

/** The slots handed out in each bucket, the oldest first. */
const logMembers = z.object({
  /** Number of the first bucket, counted from the epoch. */
  from: z.int(),
  /** Slots of the share for rounds that never waited. */
  fresh: z.array(z.int()),
  others: z.array(z.int()),
});
type Log = z.infer<typeof logMembers>;

const ledgerMembers = z.object({
  /**
   * When all slots handed out so far are used up at the steady rate. For Feishu, only the previous version reads it.
   */
  tat: z.number(),
  /** No call may be made before this time: Feishu refuses calls until then. */
  heldUntil: z.number(),
  /** For an OA: the time between its calls. */
  spacingMs: z.number().optional(),
  /** For Feishu. Absent in ledgers of the previous version. */
  log: logMembers.optional(),
  /** Rounds wait until this time, or did a moment ago. */
  crowdedUntil: z.number().optional(),
});
export const ledgerSchema = storedSchema(ledgerMembers);
/** The slots handed out for one API. */
export type Ledger = z.infer<typeof ledgerSchema>;

/** The ledger before any slot was handed out. */
export const EMPTY_LEDGER: Ledger = { tat: 0, heldUntil: 0 };

export interface SlotRequest {
  now: number;
  lane: Lane;
  /** No slot further ahead than this is accepted. */
  horizonMs: number;
}

/**
 * `slot`: the time of the slot; undefined if there is none within the horizon. `ledger`: the ledger afterwards, the
 * same object if nothing changes.
 */
export interface Grant {
  slot: number | undefined;
  ledger: Ledger;
}

/** Whether a round had to wait recently. */
const isCrowded = ({ crowdedUntil = 0 }: Ledger, now: number): boolean => crowdedUntil > now;

/**
 * Stores that rounds wait. It writes only when the stored time is half used, so that many waiting rounds do not cost
 * one write each.
 */
function markCrowded(ledger: Ledger, now: number): Ledger {
  const left = (ledger.crowdedUntil ?? 0) - now;
  return left > CROWDED_MS / 2 ? ledger : { ...ledger, crowdedUntil: now + CROWDED_MS };
}

/** Grants a slot for an API of Feishu that takes `limit` calls a minute. */
export function grant(ledger: Ledger, request: SlotRequest, limit: number): Grant {
  const { now, lane } = request;
  const counts = countsOf(ledger, now);
  const found = firstFit(counts, ledger, request, limit);
  if (!found) return { slot: undefined, ledger: markCrowded(ledger, now) };
  const { bucket, slot, isShare } = found;
  counts.add(bucket, isShare ? 'fresh' : 'others');
  const granted: Ledger = {
    ...ledger,
    // Slots that the previous version handed out far ahead are void.
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
      // Slots ahead are spread evenly. A planned burst would repeat in every minute that follows.
      slot > now ? counts.nextRoom(bucket, 1, Math.ceil((limit * BUCKET_MS) / 60_000)) : bucket,
      counts.nextRoom(bucket, BURST_WINDOW, tenthOf(limit)),
      counts.nextRoom(bucket, WINDOW, limit),
    );
    if (next === bucket) return { bucket, slot, isShare };
    bucket = next;
  }
}

const tenthOf = (limit: number): number => Math.ceil(limit / 10);

/** Gives back a slot that was not used. Returns the same ledger if the slot is no longer counted. */
export function giveBack(ledger: Ledger, slot: number, lane: Lane, now: number): Ledger {
  const counts = countsOf(ledger, now);
  return counts.remove(bucketOf(slot), lane)
    ? { ...ledger, log: { ...ledger.log, ...counts.log() } }
    : ledger;
}

/** Whether a slot that was handed out earlier can still be used, now or at its time. */
export const isSlotUsable = (slot: number, ledger: Ledger, now: number): boolean =>
  slot > now - SLOT_USABLE_MS && slot >= ledger.heldUntil && countsOf(ledger, now).has(bucketOf(slot));

/** Returns a ledger that grants no slot before `until`: Feishu has received too many calls. */
export const holdUntil = (ledger: Ledger, until: number): Ledger => ({
  ...ledger,
  tat: Math.max(ledger.tat, until),
  heldUntil: Math.max(ledger.heldUntil, until),
});

/** Returns how many calls can be made within this time: so many rounds the sweep calls up. */
export function room(ledger: Ledger, now: number, withinMs: number, limit: number): number {
  const request: SlotRequest = { now, lane: 'WAITING', horizonMs: withinMs };
  let after = ledger;
  for (let count = 0; ; count++) {
    const next = grant(after, request, limit);
    if (next.slot === undefined) return count;
    after = next.ledger;
  }
}

/** Returns how many calls are left of the newcomers' share, a tenth of the limit. */
export function shareLeft(ledger: Ledger, now: number, limit: number): number {
  const { fresh } = countsOf(ledger, now).log();
  return Math.max(0, tenthOf(limit) - fresh.reduce((sum, count) => sum + count, 0));
}

const bucketOf = (time: number): number => Math.floor(time / BUCKET_MS);

interface Counts {
  /**
   * Returns this bucket if one more slot in it leaves at most `most` slots in any `width` buckets in a row. Otherwise
   * the next bucket to try.
   */
  nextRoom(bucket: number, width: number, most: number, of?: 'fresh'): number;
  has(bucket: number): boolean;
  add(bucket: number, to: 'fresh' | 'others'): void;
  remove(bucket: number, lane: Lane): boolean;
  log(): Log;
}

/** Returns the log as counts that can be changed. Buckets that no minute contains any more are left out. */
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
      // Checks every window that contains the bucket, the last one first. Behind a full window there may be room.
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

/** Drops empty buckets at the end, to save bytes. */
const trimmed = (counts: readonly number[]): number[] =>
  counts.slice(0, counts.findLastIndex((count) => count > 0) + 1);

/**
 * The longest time between two calls to an OA: one call may take this long. Until a call has been timed, an OA is
 * assumed to be fast.
 */
const MAX_SPACING_MS = 5_000;
const FIRST_SPACING_MS = 250;
/** A turn at an OA can be used until this long after its time. */
const TURN_USABLE_MS = 20_000;

const spacing = ({ spacingMs = FIRST_SPACING_MS }: Ledger): number => spacingMs;

/**
 * Returns the time between calls for an OA whose call took this long: a power of two from 16 ms, at most 5 s. The
 * steps keep a steady OA from costing a write for each call.
 */
export const spacingOf = (tookMs: number): number =>
  Math.min(MAX_SPACING_MS, 2 ** Math.max(4, Math.ceil(Math.log2(Math.max(1, tookMs)))));

/** Grants the next turn at an OA. Calls follow each other at the distance that the last one took. */
export function grantTurn(ledger: Ledger, { now, lane, horizonMs }: SlotRequest): Grant {
  const slot = Math.max(now, Math.round(ledger.tat));
  const near = lane === 'WAITING' ? NEAR_MS : isCrowded(ledger, now) ? NEAR_TURN_MS : horizonMs;
  if (slot > now + Math.min(near, horizonMs)) return { slot: undefined, ledger: markCrowded(ledger, now) };
  const granted = { ...ledger, tat: Math.max(ledger.tat, now) + spacing(ledger) };
  return { slot, ledger: lane === 'WAITING' ? markCrowded(granted, now) : granted };
}

/** Whether a turn that was granted earlier can still be used, now or at its time. */
export const isTurnUsable = (slot: number, { heldUntil }: Ledger, now: number): boolean =>
  slot > now - TURN_USABLE_MS && slot >= heldUntil;

/** Returns how many turns begin within this time. */
export function turnsWithin(ledger: Ledger, now: number, withinMs: number): number {
  const left = now + withinMs - Math.max(ledger.tat, now);
  return left < 0 ? 0 : Math.floor(left / spacing(ledger)) + 1;
}
