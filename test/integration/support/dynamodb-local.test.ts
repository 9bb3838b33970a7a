import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DynamoDbLocal, startDynamoDbLocal } from '../../support/dynamodb-local.ts';

let local: DynamoDbLocal;
beforeAll(async () => {
  local = await startDynamoDbLocal();
});
afterAll(() => local.stop());

test('two pairs of tables on one DynamoDB Local are separate', async () => {
  const [first, second] = [await local.createTables(), await local.createTables()];
  const Key = { pk: 'SETTINGS', sk: 'FEISHU' };
  await local.documents.send(new PutCommand({ TableName: first.approvalTableName, Item: Key }));
  const read = (TableName: string) => local.documents.send(new GetCommand({ TableName, Key }));
  expect((await read(first.approvalTableName)).Item).toEqual(Key);
  expect((await read(second.approvalTableName)).Item).toBeUndefined();
});
