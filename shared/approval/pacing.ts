import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { refuseStale } from './writes.ts';

/**
 * Creates and cancels are limited to 100 a minute for an app (FEISHU section 8). One item per app and API hands
 * out time slots to all workers, so that a thousand issues wait their turn in place of being refused.
 */
export interface Pacer {
  /** The time at which the call may be made: now, or later. */
  reserve(appId: string, api: PacedApi, now: Date): Promise<Date>;
  /** Feishu refused a call until then: no slot is handed out before. */
  holdUntil(appId: string, api: PacedApi, until: Date): Promise<void>;
}

export type PacedApi = 'create' | 'cancel';

/** 10 at once and 90 a minute: never more than 100 in any minute. */
const BURST = 10;
const INTERVAL_MS = 60_000 / 90;

/**
 * The generic cell rate algorithm: `tat` is the time at which all slots handed out so far are used up at the
 * steady rate. Returns the slot and the next `tat`, in epoch milliseconds. Pure.
 */
export function nextSlot(tat: number, now: number): { slot: number; tat: number } {
  const start = Math.max(tat, now);
  return { slot: Math.max(now, Math.round(start - (BURST - 1) * INTERVAL_MS)), tat: start + INTERVAL_MS };
}

/** Slots in the Approvals table, by compare-and-set. */
export function createDynamoPacer(documents: DynamoDBDocumentClient, tableName: string): Pacer {
  async function change<T>(key: string, next: (tat: number) => { tat: number; result: T }): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const Key = { pk: key, sk: 'PACE' };
      const { Item } = await documents.send(
        new GetCommand({ TableName: tableName, Key, ConsistentRead: true }),
      );
      const seen = typeof Item?.tat === 'number' ? Item.tat : undefined;
      const { tat, result } = next(seen ?? 0);
      try {
        await refuseStale(() =>
          documents.send(
            new PutCommand({
              TableName: tableName,
              Item: { ...Key, tat },
              ...(seen === undefined
                ? { ConditionExpression: 'attribute_not_exists(pk)' }
                : { ConditionExpression: 'tat = :seen', ExpressionAttributeValues: { ':seen': seen } }),
            }),
          ),
        );
        return result;
      } catch (error) {
        // At most five workers compete; whoever loses this often lets the queue try again.
        if (attempt >= 10) throw error;
      }
    }
  }

  return {
    reserve: (appId, api, now) =>
      change(`PACE#${appId}#${api}`, (tat) => {
        const next = nextSlot(tat, now.getTime());
        return { tat: next.tat, result: new Date(next.slot) };
      }),
    holdUntil: (appId, api, until) =>
      change(`PACE#${appId}#${api}`, (tat) => ({
        tat: Math.max(tat, until.getTime() + (BURST - 1) * INTERVAL_MS),
        result: undefined,
      })),
  };
}
