import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { readItem } from '../runtime/stored-items.ts';
import { settingsKey } from '../tables/approval-keys.ts';
import {
  type Check,
  definitionsSchema,
  type FeishuSettings,
  feishuSettingsSchema,
  ownDefinitionsSchema,
} from './settings.ts';
import type { StoredDefinitions } from './stored-definitions.ts';

/** Returns the settings, or undefined before the first save. Strongly consistent. */
export async function readFeishuSettings(
  documents: DynamoDBDocumentClient,
  tableName: string,
): Promise<FeishuSettings | undefined> {
  const item = await readSettingsItem({ documents, tableName });
  // Before the first save the item holds at most a lock and definitions.
  return item?.appId === undefined ? undefined : parseSettings(item);
}

/** Parses the item without its lock, which is not part of the settings. */
export const parseSettings = ({ lock: _, ...item }: Record<string, unknown>): FeishuSettings =>
  readItem(feishuSettingsSchema, item);

/** Returns the definitions that were made or used, also if the save failed afterwards (docs/lessons.md 18). */
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
 * Disables approvals at once, without the lock. A save that runs at this moment takes effect afterwards. Returns the
 * settings, or undefined before the first save.
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

/** Stores the results of the doctor, unless the settings were saved meanwhile. */
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

/** Updates the settings item and returns it; undefined if the condition failed. */
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
