import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { refuseStale } from '../../../runtime/dynamodb-writes.ts';
import { AppError } from '../../../runtime/errors.ts';
import { itemOf, membersOf } from '../../../runtime/stored-items.ts';
import { formMemoryKey } from '../../../tables/approval-keys.ts';
import {
  type FormMemory,
  formMemorySchema,
  isWorthStoring,
  learn,
  NOTHING_KNOWN,
  recall,
  type SizedForm,
} from './form-memory.ts';

/** Stores what is known about the forms of each app (`form-memory.ts`). */
export interface FormMemories {
  /** Returns what is still valid at `now`; strongly consistent. */
  read(appId: string, now: Date): Promise<FormMemory>;
  /**
   * Learns from a form that passed and from forms of the same request that were refused before. If another worker
   * writes first, nothing is stored: the next create teaches it again.
   */
  learn(
    appId: string,
    passed: SizedForm,
    refused: readonly SizedForm[],
    at: { now: Date; created: boolean },
  ): Promise<void>;
}

const revisionSchema = z.int().catch(0);

/** Creates the store of form memories on the Approvals table. */
export function createDynamoFormMemories(documents: DynamoDBDocumentClient, tableName: string): FormMemories {
  /** Reads the stored memory. One that cannot be parsed counts as empty, and is replaced. */
  async function read(appId: string): Promise<{ memory: FormMemory; revision: number; others: object }> {
    const { Item = {} } = await documents.send(
      new GetCommand({ TableName: tableName, Key: formMemoryKey(appId), ConsistentRead: true }),
    );
    const { memory, revision, ...others } = membersOf(Item);
    return {
      memory: formMemorySchema.safeParse(memory).data ?? NOTHING_KNOWN,
      revision: revisionSchema.parse(revision),
      others,
    };
  }

  async function write(appId: string, memory: FormMemory, before: number, others: object): Promise<void> {
    await refuseStale(() =>
      documents.send(
        new PutCommand({
          TableName: tableName,
          Item: itemOf(formMemoryKey(appId), { ...others, memory, revision: before + 1 }),
          ConditionExpression: 'attribute_not_exists(revision) OR revision = :before',
          ExpressionAttributeValues: { ':before': before },
        }),
      ),
    );
  }

  return {
    read: async (appId, now) => recall((await read(appId)).memory, now),
    async learn(appId, passed, refused, at) {
      const { memory, revision, others } = await read(appId);
      const known = recall(memory, at.now);
      const learned = learn(known, passed, refused, at);
      if (!isWorthStoring(learned, known)) return;
      try {
        await write(appId, learned, revision, others);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'STALE') throw error;
      }
    },
  };
}
