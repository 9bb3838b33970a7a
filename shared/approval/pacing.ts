import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { AppError } from '../runtime/errors.ts';
import { itemOf, membersOf, storedSchema } from '../runtime/stored.ts';
import { refuseStale } from './writes.ts';

/**
 * Creates and cancels are limited to 100 a minute for an app (FEISHU section 8). One item per app and API hands
 * out time slots to all workers, so that a thousand issues wait their turn in place of being refused.
 */
export interface Pacer {
  /**
   * The time at which the call may be made: now, or later. `kept` is what an earlier reservation gave: it comes back
   * as it is while it stands; another one does if it is too old, or if Feishu has refused calls at that time since.
   */
  reserve(appId: string, api: PacedApi, now: Date, kept?: Date): Promise<Date>;
  /** A call was refused until then: no slot is handed out before, and none that was handed out stands. */
  holdUntil(appId: string, api: PacedApi, until: Date): Promise<void>;
  /** What `reserve` would give, without reserving it. */
  peek(appId: string, api: PacedApi, now: Date): Promise<Date>;
  /** A call to an OA took so long: the next ones follow at that distance. Never rejects with `STALE`. */
  observe(nodeId: string, api: 'call', tookMs: number): Promise<void>;
}

/** `create` and `cancel` of an app at Feishu; `call`, whatever it is, of a node at its OA. */
export type PacedApi = 'create' | 'cancel' | 'call';

/** Calls a minute: what Feishu allows, and the fewest of which a tenth, the burst, is still a call. */
export const CALLS_PER_MINUTE = { usual: 100, fewest: 10 } as const;

/** FEISHU_CALLS_PER_MINUTE: how many creates, and how many cancels, Feishu takes in a minute. */
export const callsPerMinute = z
  .string()
  .regex(/^\d+$/, 'not a whole number')
  .transform(Number)
  .pipe(z.int().min(CALLS_PER_MINUTE.fewest))
  .optional();

/** A slot used later than this is given up: many late ones at once would be more than a minute allows. */
export const SLOT_KEEPS_MS = 20_000;

/** So many calls at once, and one more each interval. */
export interface Pace {
  burst: number;
  intervalMs: number;
}

/** A tenth at once, the rest over the minute: never more than `callsPerMinute` in any minute. */
export function paceOf(callsPerMinute: number): Pace {
  const burst = Math.floor(callsPerMinute / 10);
  return { burst, intervalMs: 60_000 / (callsPerMinute - burst) };
}

const ledgerMembers = z.object({
  /** When all slots handed out so far are used up at the steady rate, in epoch milliseconds. */
  tat: z.number(),
  /** Calls are refused until then, in epoch milliseconds. */
  heldUntil: z.number(),
  /** Of an OA: the distance of its calls. */
  spacingMs: z.number().optional(),
});
export const ledgerSchema = storedSchema(ledgerMembers);
/** What was handed out of one API. */
export type Ledger = z.infer<typeof ledgerSchema>;

/** Nothing was handed out yet. */
export const BLANK: Ledger = { tat: 0, heldUntil: 0 };

/** The generic cell rate algorithm. Returns the slot, in epoch milliseconds, and the ledger after it. Pure. */
export function nextSlot(ledger: Ledger, now: number, pace: Pace): { slot: number; ledger: Ledger } {
  const start = Math.max(ledger.tat, now);
  const slot = Math.max(now, Math.round(start - spanOf(pace)));
  return { slot, ledger: { ...ledger, tat: start + pace.intervalMs } };
}

/** No slot before `until`, and no burst at that moment: Feishu has just had too many. Pure. */
export const held = (ledger: Ledger, until: number, pace: Pace): Ledger => ({
  ...ledger,
  tat: Math.max(ledger.tat, until + spanOf(pace)),
  heldUntil: Math.max(ledger.heldUntil, until),
});

/** Whether a slot handed out earlier may still be used. Pure. */
export const stands = (slot: number, { heldUntil }: Ledger, now: number): boolean =>
  slot > now - SLOT_KEEPS_MS && slot >= heldUntil;

/** A burst comes so long before the steady rate would allow its last call. */
const spanOf = ({ burst, intervalMs }: Pace): number => (burst - 1) * intervalMs;

/** As long as an OA may take at most; while nobody knows how long it takes, it is believed to be quick. */
const MAX_SPACING_MS = 5_000;
const FIRST_SPACING_MS = 250;

/** The pace of an OA: one call after the other. */
export const paceOfOa = ({ spacingMs = FIRST_SPACING_MS }: Ledger): Pace => ({
  burst: 1,
  intervalMs: spacingMs,
});

/** In steps of two, so that a steady OA costs no writes: 16 ms, 32 ms … 5 s. */
export const spacingOf = (tookMs: number): number =>
  Math.min(MAX_SPACING_MS, 2 ** Math.max(4, Math.ceil(Math.log2(Math.max(1, tookMs)))));

/** Whoever loses the compare-and-set this often, against four other workers, plans again. */
const MAX_ATTEMPTS = 10;

/** Slots in the Approvals table, by compare-and-set. Rejects with `STALE` when others are always quicker. */
export function createDynamoPacer(
  documents: DynamoDBDocumentClient,
  tableName: string,
  callsPerMinute: number = CALLS_PER_MINUTE.usual,
): Pacer {
  const feishuPace = paceOf(callsPerMinute);
  const paceOfApi = (api: PacedApi, ledger: Ledger) => (api === 'call' ? paceOfOa(ledger) : feishuPace);
  const keyOf = (appId: string, api: PacedApi) => ({ pk: `PACE#${appId}#${api}`, sk: 'PACE' });
  type Key = ReturnType<typeof keyOf>;

  async function read(Key: Key): Promise<{ seen: Ledger | undefined; others: object }> {
    const { Item = {} } = await documents.send(
      new GetCommand({ TableName: tableName, Key, ConsistentRead: true }),
    );
    const { ledger, ...others } = membersOf(Item);
    return { seen: ledgerSchema.safeParse(ledger).data, others };
  }

  async function write(
    key: Key,
    { seen, others }: Awaited<ReturnType<typeof read>>,
    ledger: Ledger,
  ): Promise<void> {
    const Item = itemOf(key, { ...others, ledger });
    const unchanged = seen
      ? { ConditionExpression: 'ledger = :seen', ExpressionAttributeValues: { ':seen': seen } }
      : { ConditionExpression: 'attribute_not_exists(ledger)' };
    await refuseStale(() => documents.send(new PutCommand({ TableName: tableName, Item, ...unchanged })));
  }

  async function change<T>(
    key: Key,
    next: (ledger: Ledger) => { result: T; ledger: Ledger | undefined },
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const stands = await read(key);
      const { result, ledger } = next(stands.seen ?? BLANK);
      if (!ledger) return result;
      try {
        await write(key, stands, ledger);
        return result;
      } catch (error) {
        const lost = error instanceof AppError && error.code === 'STALE';
        if (!lost || attempt >= MAX_ATTEMPTS) throw error;
      }
    }
  }

  return {
    reserve: (appId, api, now, kept) =>
      change(keyOf(appId, api), (ledger) => {
        const at = now.getTime();
        if (kept && stands(kept.getTime(), ledger, at)) return { result: kept, ledger: undefined };
        const next = nextSlot(ledger, at, paceOfApi(api, ledger));
        return { result: new Date(next.slot), ledger: next.ledger };
      }),
    holdUntil: (appId, api, until) =>
      change(keyOf(appId, api), (ledger) => ({
        result: undefined,
        ledger: held(ledger, until.getTime(), paceOfApi(api, ledger)),
      })),
    async peek(appId, api, now) {
      const ledger = (await read(keyOf(appId, api))).seen ?? BLANK;
      return new Date(nextSlot(ledger, now.getTime(), paceOfApi(api, ledger)).slot);
    },
    async observe(nodeId, api, tookMs) {
      const spacingMs = spacingOf(tookMs);
      try {
        await change(keyOf(nodeId, api), (ledger) => ({
          result: undefined,
          ledger: ledger.spacingMs === spacingMs ? undefined : { ...ledger, spacingMs },
        }));
      } catch (error) {
        // Others are observing too: what they saw will do.
        if (!(error instanceof AppError) || error.code !== 'STALE') throw error;
      }
    },
  };
}
