import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { type FeishuSettings, feishuSettingsSchema } from './settings.ts';

/** Key of the settings item in the Approvals table. */
export const FEISHU_SETTINGS_KEY = { pk: 'SETTINGS', sk: 'FEISHU' } as const;

/** Reads the settings, strongly consistent; undefined before anything was enabled. */
export async function readFeishuSettings(
  documents: DynamoDBDocumentClient,
  tableName: string,
): Promise<FeishuSettings | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: tableName, Key: FEISHU_SETTINGS_KEY, ConsistentRead: true }),
  );
  return Item ? feishuSettingsSchema.parse(Item) : undefined;
}
