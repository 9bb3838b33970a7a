import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { refuseStale } from '../../runtime/dynamodb-writes.ts';
import { AppError } from '../../runtime/errors.ts';
import { itemOf, membersOf } from '../../runtime/stored.ts';
import { paceKey } from '../../tables/keys.ts';
import type { PacedApi } from '../channels/policy.ts';
import {
  EMPTY_LEDGER,
  type Grant,
  giveBack,
  grant,
  grantTurn,
  holdUntil,
  isSlotUsable,
  isTurnUsable,
  type Lane,
  type Ledger,
  ledgerSchema,
  room,
  shareLeft,
  spacingOf,
  turnsWithin,
} from '../plan/pace-policy.ts';

export type { PacedApi } from '../channels/policy.ts';

/**
 * Creates and cancels are limited to 100 a minute for an app (docs/feishu.md 8). One item per app and API hands
 * out time slots to all workers (`pace-policy.ts`, ADR 17), so that ten thousand issues wait in place of being refused.
 */
export interface Pacer {
  /** The time at which the call may be made, now or later; undefined: not within the horizon. */
  reserve(owner: string, api: PacedApi, asking: ReserveOptions): Promise<Date | undefined>;
  /** A call was refused until then: no slot is handed out before, and none that was handed out stands. */
  holdUntil(owner: string, api: PacedApi, until: Date): Promise<void>;
  /** What is free, were nobody else to ask. */
  room(owner: string, api: PacedApi, now: Date, withinMs: number): Promise<Room>;
  /** A call to an OA took so long: the next ones follow at that distance. Never rejects with `STALE`. */
  observe(nodeId: string, api: 'call', tookMs: number): Promise<void>;
}

/** Calls a minute: what Feishu allows, and the fewest of which a tenth, the burst, is still a call. */
export const CALLS_PER_MINUTE = { usual: 100, fewest: 10 } as const;

/** FEISHU_CALLS_PER_MINUTE: how many creates, and how many cancels, Feishu takes in a minute. */
export const callsPerMinute = z
  .string()
  .regex(/^\d+$/, 'not a whole number')
  .transform(Number)
  .pipe(z.int().min(CALLS_PER_MINUTE.fewest))
  .optional();

export interface Room {
  /** Calls that could be made within the time. */
  calls: number;
  /** Calls of the last minute's tenth for newcomers that none has used. Of an OA: 0. */
  share: number;
}

export interface ReserveOptions {
  now: Date;
  lane: Lane;
  /** At most this far ahead. */
  horizonMs: number;
  /**
   * What an earlier reservation gave: it comes back as it is while it stands. One that is too old, or at whose time
   * Feishu has refused calls since, is given back, and another one is looked for.
   */
  kept?: Date | undefined;
}

/** A worker whose conditional write fails this often, against four others, plans again. */
const MAX_ATTEMPTS = 10;

/** Slots in the Approvals table, by compare-and-set. Rejects with `STALE` when others are always quicker. */
export function createDynamoPacer(
  documents: DynamoDBDocumentClient,
  tableName: string,
  callsPerMinute: number = CALLS_PER_MINUTE.usual,
): Pacer {
  type Key = ReturnType<typeof paceKey>;

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
      const before = await read(key);
      const { result, ledger } = next(before.seen ?? EMPTY_LEDGER);
      if (!ledger) return result;
      try {
        await write(key, before, ledger);
        return result;
      } catch (error) {
        const lost = error instanceof AppError && error.code === 'STALE';
        if (!lost || attempt >= MAX_ATTEMPTS) throw error;
      }
    }
  }

  function slotAfter(ledger: Ledger, api: PacedApi, { kept, ...asking }: ReserveOptions): Grant {
    const ask = { ...asking, now: asking.now.getTime() };
    const before = kept?.getTime();
    if (api === 'call') {
      const still = before !== undefined && isTurnUsable(before, ledger, ask.now);
      return still ? { slot: before, ledger } : grantTurn(ledger, ask);
    }
    if (before === undefined) return grant(ledger, ask, callsPerMinute);
    if (isSlotUsable(before, ledger, ask.now)) return { slot: before, ledger };
    return grant(giveBack(ledger, before, ask.lane, ask.now), ask, callsPerMinute);
  }

  return {
    reserve: (owner, api, asking) =>
      change(paceKey(owner, api), (before) => {
        const { slot, ledger } = slotAfter(before, api, asking);
        return {
          result: slot === undefined ? undefined : new Date(slot),
          ledger: ledger === before ? undefined : ledger,
        };
      }),
    holdUntil: (owner, api, until) =>
      change(paceKey(owner, api), (ledger) => ({
        result: undefined,
        ledger: holdUntil(ledger, until.getTime()),
      })),
    async room(owner, api, now, withinMs) {
      const ledger = (await read(paceKey(owner, api))).seen ?? EMPTY_LEDGER;
      const at = now.getTime();
      return api === 'call'
        ? { calls: turnsWithin(ledger, at, withinMs), share: 0 }
        : { calls: room(ledger, at, withinMs, callsPerMinute), share: shareLeft(ledger, at, callsPerMinute) };
    },
    async observe(nodeId, api, tookMs) {
      const spacingMs = spacingOf(tookMs);
      try {
        await change(paceKey(nodeId, api), (ledger) => ({
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
