import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { WebhookKeys } from '../feishu/webhook.ts';
import { readItem, SCHEMA_UPDATE, storedSchema } from '../runtime/stored-items.ts';
import { webhookKey, webhookTestKey } from '../tables/approval-keys.ts';
import type { SettingsPlace } from './settings-store.ts';

/** When requests were last verified with one set of keys. Times are ISO 8601 UTC. */
const webhookEntryMembers = z.object({
  /** The last challenge or event of any kind. */
  verifiedAt: z.string(),
  /** The last approval event. */
  eventAt: z.string().optional(),
});
export const webhookEntrySchema = storedSchema(webhookEntryMembers);
export type WebhookEntry = z.infer<typeof webhookEntrySchema>;

export interface WebhookLog {
  /** Stores that a request was verified with these keys. */
  record(keys: WebhookKeys, what: 'CHALLENGE' | 'APPROVAL' | 'OTHER'): Promise<void>;
  /** Stores that Feishu reported the end of a test approval. */
  recordTestEvent(instanceUuid: string): Promise<void>;
}

const derive = promisify<string, string, number, Buffer>(scrypt);

/**
 * Returns a fingerprint of a set of keys. More people can read the Approvals table, where it is stored, than the
 * secret, so it is made like a password hash (scrypt, RFC 7914, with Node's default cost: about 40 ms).
 */
export async function fingerprintOf({ appId, encryptKey, verificationToken }: WebhookKeys): Promise<string> {
  const key = await derive(JSON.stringify([encryptKey, verificationToken]), `frabit-webhook ${appId}`, 16);
  return key.toString('hex');
}

/** Creates a log for the life of a container: it makes the fingerprint of a set of keys only once. */
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

/** Returns the entry of a set of keys, or undefined if they have verified no request. Strongly consistent. */
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

/** Returns when Feishu reported the end of a test, or undefined. Strongly consistent. */
export async function readTestEvent(
  { documents, tableName }: SettingsPlace,
  testId: string,
): Promise<string | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: tableName, Key: webhookTestKey(testId), ConsistentRead: true }),
  );
  return z.object({ eventAt: z.string() }).safeParse(Item).data?.eventAt;
}
