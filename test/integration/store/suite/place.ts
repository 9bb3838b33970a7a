import { type AttributeValue, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect } from 'vitest';
import { createDynamoStore, type TableNames } from '../../../../shared/approval/store/dynamo-store.ts';
import type { ApprovalStore } from '../../../../shared/approval/store/store.ts';
import { marshallOptions } from '../../../../shared/runtime/dynamodb-writes.ts';
import { issuePartition } from '../../../../shared/tables/approval-keys.ts';

/** Where a part of the suite runs: two empty tables of a real or fake database. */
export interface Place {
  documents: DynamoDBDocumentClient;
  tables: TableNames;
}
export type MakePlace = () => Promise<Place>;

export type Item = Record<string, AttributeValue>;

/** A place with the store, and functions that read and write without the store. */
export interface StorePlace extends Place {
  store: ApprovalStore;
  /** Puts the whole record, as Frabit does. */
  putIssue(item: object): Promise<void>;
  putRawIssue(item: Item): Promise<void>;
  /** Fails the test if there is none. */
  rawIssue(issueId?: string): Promise<Item>;
  hasIssue(issueId?: string): Promise<boolean>;
  /** Returns the stored items of an issue, to prove that nothing has changed. */
  kept(issueId?: string): Promise<Item[]>;
}

export async function aStorePlace(makePlace: MakePlace): Promise<StorePlace> {
  const place = await makePlace();
  const { documents, tables } = place;
  const { issueTableName: TableName } = tables;
  const putRawIssue = async (Item: Item) => {
    await documents.send(new PutItemCommand({ TableName, Item }));
  };
  const findIssue = async (issueId = 'issue-1') => {
    const Key = { issueId: { S: issueId } };
    return (await documents.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
  };
  return {
    ...place,
    store: createDynamoStore(documents, tables),
    putRawIssue,
    putIssue: (item) => putRawIssue(marshall(item, marshallOptions())),
    async rawIssue(issueId) {
      const item = await findIssue(issueId);
      if (!item) throw new Error('no such issue');
      return item;
    },
    hasIssue: async (issueId) => (await findIssue(issueId)) !== undefined,
    kept: (issueId = 'issue-1') => partition(place, issuePartition(issueId)),
  };
}

/** Returns all items of one partition of the Approvals table. */
async function partition({ documents, tables }: Place, pk: string): Promise<Item[]> {
  const { Items } = await documents.send(
    new QueryCommand({
      TableName: tables.approvalTableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
      ConsistentRead: true,
    }),
  );
  return Items ?? [];
}

export const expectStale = (write: Promise<unknown>): Promise<void> =>
  expect(write).rejects.toMatchObject({ name: 'AppError', code: 'STALE', retryable: true });
