import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { AppError } from '../runtime/errors.ts';
import { type FormMemory, formMemorySchema, NOTHING_KNOWN } from './form-memory.ts';
import { refuseStale } from './writes.ts';

/** One memory an app. */
export interface FormMemories {
  /** Strongly consistent; as it was kept, however old. */
  read(appId: string): Promise<FormMemory>;
  /** Replaces `before`. Does nothing if others were quicker: the next create teaches it again. */
  keep(appId: string, memory: FormMemory, before: FormMemory): Promise<void>;
}

/** Partition of an app's memory in the Approvals table. */
export const formMemoryKey = (appId: string) => ({ pk: `FORMS#${appId}`, sk: 'FORMS' });

export function createDynamoFormMemories(documents: DynamoDBDocumentClient, tableName: string): FormMemories {
  return {
    async read(appId) {
      const { Item } = await documents.send(
        new GetCommand({ TableName: tableName, Key: formMemoryKey(appId), ConsistentRead: true }),
      );
      return formMemorySchema.safeParse(Item?.memory).data ?? NOTHING_KNOWN;
    },
    async keep(appId, memory, before) {
      const unchanged =
        before === NOTHING_KNOWN
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : { ConditionExpression: 'memory = :before', ExpressionAttributeValues: { ':before': before } };
      try {
        await refuseStale(() =>
          documents.send(
            new PutCommand({ TableName: tableName, Item: { ...formMemoryKey(appId), memory }, ...unchanged }),
          ),
        );
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'STALE') throw error;
      }
    },
  };
}
