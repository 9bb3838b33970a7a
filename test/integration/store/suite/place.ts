import { type AttributeValue, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect } from 'vitest';
import { createDynamoStore, type TableNames } from '../../../../shared/approval/store/dynamo-store.ts';
import type { ApprovalStore } from '../../../../shared/approval/store/store.ts';
import { marshallOptions } from '../../../../shared/runtime/dynamodb-writes.ts';
import { issuePartition } from '../../../../shared/tables/keys.ts';

/** Where a part of the suite runs: two empty tables of a database, real or not. */
export interface Place {
  documents: DynamoDBDocumentClient;
  tables: TableNames;
}
export type MakePlace = () => Promise<Place>;

export type Item = Record<string, AttributeValue>;

/** A place with the store on it, and ways around the store. */
export interface StorePlace extends Place {
  store: ApprovalStore;
  /** As Frabit puts a record: the whole item. */
  putIssue(item: object): Promise<void>;
  putRawIssue(item: Item): Promise<void>;
  /** Fails the test if there is none. */
  rawIssue(issueId?: string): Promise<Item>;
  hasIssue(issueId?: string): Promise<boolean>;
  /** Rounds and memory of an issue as they lie in the table, to prove that nothing has changed. */
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

/** Everything under one partition key of the Approvals table. */
export async function partition({ documents, tables }: Place, pk: string): Promise<Item[]> {
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
