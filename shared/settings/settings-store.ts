import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { readItem } from '../runtime/stored.ts';
import { settingsKey } from '../tables/keys.ts';
import {
  type Check,
  definitionsSchema,
  type FeishuSettings,
  feishuSettingsSchema,
  ownDefinitionsSchema,
} from './settings.ts';
import type { StoredDefinitions } from './stored-definitions.ts';

/** Reads the settings, strongly consistent; undefined before anything was enabled. */
export async function readFeishuSettings(
  documents: DynamoDBDocumentClient,
  tableName: string,
): Promise<FeishuSettings | undefined> {
  const item = await readSettingsItem({ documents, tableName });
  // Before the first success the item holds at most a lock and a definition.
  return item?.appId === undefined ? undefined : parseSettings(item);
}

/** The lock is no part of the settings. */
export const parseSettings = ({ lock: _, ...item }: Record<string, unknown>): FeishuSettings =>
  readItem(feishuSettingsSchema, item);

/** The definitions that were made or used; known even if enabling failed afterwards (docs/lessons.md 18). */
export async function readDefinitions(place: SettingsPlace): Promise<StoredDefinitions> {
  const item = await readSettingsItem(place);
  return {
    inUse: definitionsSchema.parse(item?.definitions ?? {}),
    own: ownDefinitionsSchema.parse(item?.ownDefinitions ?? {}),
  };
}

export interface SettingsPlace {
  documents: DynamoDBDocumentClient;
  tableName: string;
}

/**
 * Switches everything off at once, without the lock: who is saving at this moment saves afterwards. Resolves to the
 * settings as they stand; undefined before anything was enabled.
 */
export async function switchOff(place: SettingsPlace): Promise<FeishuSettings | undefined> {
  const written = await updateSettings(place, {
    UpdateExpression: 'SET enabled = :off, revision = revision + :one',
    ConditionExpression: 'attribute_exists(appId)',
    ExpressionAttributeNames: {},
    ExpressionAttributeValues: { ':off': false, ':one': 1 },
  });
  return written && parseSettings(written);
}

/** Keeps what the doctor found, unless the settings were saved meanwhile. */
export async function keepChecks(place: SettingsPlace, revision: number, checks: Check[]): Promise<void> {
  await updateSettings(place, {
    UpdateExpression: 'SET checks = :checks',
    ConditionExpression: 'revision = :revision',
    ExpressionAttributeNames: {},
    ExpressionAttributeValues: { ':checks': checks, ':revision': revision },
  });
}

async function readSettingsItem({ documents, tableName }: SettingsPlace) {
  const { Item } = await documents.send(
    new GetCommand({ TableName: tableName, Key: settingsKey, ConsistentRead: true }),
  );
  return Item;
}

interface Change {
  UpdateExpression: string;
  ConditionExpression: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues: Record<string, unknown>;
}

/** The item as written; undefined if the condition did not hold. */
export async function updateSettings({ documents, tableName }: SettingsPlace, change: Change) {
  try {
    const { Attributes } = await documents.send(
      new UpdateCommand({
        TableName: tableName,
        Key: settingsKey,
        ...change,
        ...(Object.keys(change.ExpressionAttributeNames).length === 0 && {
          ExpressionAttributeNames: undefined,
        }),
        ReturnValues: 'ALL_NEW',
      }),
    );
    return Attributes ?? {};
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return undefined;
    throw error;
  }
}
