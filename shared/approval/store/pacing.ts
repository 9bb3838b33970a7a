import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { refuseStale } from '../../runtime/dynamodb-writes.ts';
import { AppError } from '../../runtime/errors.ts';
import { itemOf, membersOf } from '../../runtime/stored-items.ts';
import { paceKey } from '../../tables/approval-keys.ts';
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
 * The pacer. Feishu allows an app 100 creates and 100 cancels a minute (docs/feishu.md 8). One item for each app and
 * API hands out slots to all workers (`pace-policy.ts`, ADR 17), so that ten thousand issues wait instead of being
 * refused.
 */
export interface Pacer {
  /** Returns the time at which the call may be made, now or later; undefined if there is none within the horizon. */
  reserve(owner: string, api: PacedApi, options: ReserveOptions): Promise<Date | undefined>;
  /** Stores that calls are refused until this time: no slot is granted before it, and earlier slots are void. */
  holdUntil(owner: string, api: PacedApi, until: Date): Promise<void>;
  /** Returns how many calls could be made within this time if no other caller asked. */
  room(owner: string, api: PacedApi, now: Date, withinMs: number): Promise<Room>;
  /**
   * Stores how long a call to an OA took, in milliseconds. The next calls follow each other at about that distance.
   * Never rejects with `STALE`.
   */
  observe(nodeId: string, api: 'call', tookMs: number): Promise<void>;
}

/** Calls a minute: what Feishu allows, and the smallest limit of which a tenth, the burst, is still one call. */
export const CALLS_PER_MINUTE = { usual: 100, fewest: 10 } as const;

/** Schema of FEISHU_CALLS_PER_MINUTE: how many creates, and how many cancels, Feishu takes in a minute. */
export const callsPerMinute = z
  .string()
  .regex(/^\d+$/, 'not a whole number')
  .transform(Number)
  .pipe(z.int().min(CALLS_PER_MINUTE.fewest))
  .optional();

export interface Room {
  /** Calls that can be made within the time. */
  calls: number;
  /** What is left of the newcomers' share, a tenth of the calls of the last minute. For an OA: 0. */
  share: number;
}

export interface ReserveOptions {
  now: Date;
  lane: Lane;
  /** How far ahead the slot may be. */
  horizonMs: number;
  /**
   * The slot of an earlier reservation. It is returned unchanged while it can be used. A slot that is too old, or
   * whose time is in a period in which Feishu refuses calls, is given back, and another one is granted.
   */
  kept?: Date | undefined;
}

/** How often a conditional write is tried. A worker that fails this often, against four others, plans again. */
const MAX_ATTEMPTS = 10;

/**
 * Creates the pacer on the Approvals table, with conditional writes. Its methods reject with `STALE` if other workers
 * are always faster.
 */
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
        const isStale = error instanceof AppError && error.code === 'STALE';
        if (!isStale || attempt >= MAX_ATTEMPTS) throw error;
      }
    }
  }

  function slotAfter(ledger: Ledger, api: PacedApi, { kept, ...rest }: ReserveOptions): Grant {
    const request = { ...rest, now: rest.now.getTime() };
    const before = kept?.getTime();
    if (api === 'call') {
      const isUsable = before !== undefined && isTurnUsable(before, ledger, request.now);
      return isUsable ? { slot: before, ledger } : grantTurn(ledger, request);
    }
    if (before === undefined) return grant(ledger, request, callsPerMinute);
    if (isSlotUsable(before, ledger, request.now)) return { slot: before, ledger };
    return grant(giveBack(ledger, before, request.lane, request.now), request, callsPerMinute);
  }

  return {
    reserve: (owner, api, options) =>
      change(paceKey(owner, api), (before) => {
        const { slot, ledger } = slotAfter(before, api, options);
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
        // Other workers observe the same OA, so their value is good enough.
        if (!(error instanceof AppError) || error.code !== 'STALE') throw error;
      }
    },
  };
}
