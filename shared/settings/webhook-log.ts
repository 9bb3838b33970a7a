import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { WebhookKeys } from '../feishu/webhook.ts';
import { readItem, SCHEMA_UPDATE, storedSchema } from '../runtime/stored.ts';
import { webhookKey, webhookTestKey } from '../tables/keys.ts';
import type { SettingsPlace } from './settings-store.ts';

/** Partition of what the webhook notes, one item a set of keys: its own right of writing is for this alone. */
/** What came from Feishu that was verified with one set of keys; times ISO 8601 UTC. */
const webhookEntryMembers = z.object({
  /** The last challenge or event of whatever kind. */
  verifiedAt: z.string(),
  /** The last approval event. */
  eventAt: z.string().optional(),
});
export const webhookEntrySchema = storedSchema(webhookEntryMembers);
export type WebhookEntry = z.infer<typeof webhookEntrySchema>;

export interface WebhookLog {
  record(keys: WebhookKeys, what: 'CHALLENGE' | 'APPROVAL' | 'OTHER'): Promise<void>;
  /** That the event came by which an instance of ours that stands for no issue is over: a test of the doctor. */
  recordTestEvent(instanceUuid: string): Promise<void>;
}

const derive = promisify<string, string, number, Buffer>(scrypt);

/**
 * Names a set of keys without telling them: it stands in the Approvals table, which more people may read than the
 * secret, so it is made as stored passwords are (scrypt, RFC 7914, Node's default cost: some 40 ms).
 */
export async function fingerprintOf({ appId, encryptKey, verificationToken }: WebhookKeys): Promise<string> {
  const key = await derive(JSON.stringify([encryptKey, verificationToken]), `frabit-webhook ${appId}`, 16);
  return key.toString('hex');
}

/** Kept for a container: a set of keys is fingerprinted once. */
export function createWebhookLog(place: SettingsPlace, now: () => Date): WebhookLog {
  const fingerprints = new Map<string, Promise<string>>();
  const remembered = (keys: WebhookKeys): Promise<string> => {
    const name = JSON.stringify([keys.appId, keys.encryptKey, keys.verificationToken]);
    const known = fingerprints.get(name) ?? fingerprintOf(keys);
    fingerprints.set(name, known);
    return known;
  };
  return {
    async record(keys, what) {
      const at = now().toISOString();
      await place.documents.send(
        new UpdateCommand({
          TableName: place.tableName,
          Key: webhookKey(keys.appId, await remembered(keys)),
          UpdateExpression: `SET ${what === 'APPROVAL' ? 'verifiedAt = :at, eventAt = :at' : 'verifiedAt = :at'}, ${SCHEMA_UPDATE.set}`,
          ExpressionAttributeNames: SCHEMA_UPDATE.names,
          ExpressionAttributeValues: { ...SCHEMA_UPDATE.values, ':at': at },
        }),
      );
    },
    async recordTestEvent(instanceUuid) {
      await place.documents.send(
        new UpdateCommand({
          TableName: place.tableName,
          Key: webhookTestKey(instanceUuid),
          UpdateExpression: `SET eventAt = :at, ${SCHEMA_UPDATE.set}`,
          ExpressionAttributeNames: SCHEMA_UPDATE.names,
          ExpressionAttributeValues: { ...SCHEMA_UPDATE.values, ':at': now().toISOString() },
        }),
      );
    },
  };
}

/** Strongly consistent; undefined when nothing was verified with these keys. */
export async function readWebhookEntry(
  { documents, tableName }: SettingsPlace,
  appId: string,
  fingerprint: string,
): Promise<WebhookEntry | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: tableName, Key: webhookKey(appId, fingerprint), ConsistentRead: true }),
  );
  return Item && readItem(webhookEntrySchema, Item);
}

/** When the event came that a test is over; strongly consistent. */
export async function readTestEvent(
  { documents, tableName }: SettingsPlace,
  testId: string,
): Promise<string | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: tableName, Key: webhookTestKey(testId), ConsistentRead: true }),
  );
  return z.object({ eventAt: z.string() }).safeParse(Item).data?.eventAt;
}
