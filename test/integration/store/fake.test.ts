import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { createFakeDynamoDb, type DynamoCall } from '../../simulation/dynamodb/fake-dynamodb.ts';
import { describeChanges, describeDatabase, describeStore } from './suite.ts';

const makePlace = async () => {
  const { documents, tables, takeIssueChanges } = createFakeDynamoDb();
  return { documents, tables, takeIssueChanges: async () => takeIssueChanges() };
};
describeStore(makePlace);
describeDatabase(makePlace);
describe('the records of a stream', () => describeChanges(makePlace));

const TableName = createFakeDynamoDb().tables.issueTableName;
const Key = { issueId: { S: 'i' } };
const aPut = (attributes: PutItemCommand['input']['Item'] = {}) =>
  new PutItemCommand({ TableName, Item: { ...Key, ...attributes } });

describe('the fake of DynamoDB', () => {
  it('calls `around` for each command, with the name of the API and whether a read may lag', async () => {
    const calls: DynamoCall[] = [];
    const { documents } = createFakeDynamoDb({
      around: async (call, run) => {
        calls.push(call);
        return run();
      },
    });
    await documents.send(aPut());
    await documents.send(new UpdateCommand({ TableName, Key: { issueId: 'i' } }));
    await documents.send(new GetCommand({ TableName, Key: { issueId: 'i' } }));
    await documents.send(new GetCommand({ TableName, Key: { issueId: 'i' }, ConsistentRead: true }));
    expect(calls).toEqual([
      { kind: 'WRITE', operation: 'PutItem', lags: false },
      { kind: 'WRITE', operation: 'UpdateItem', lags: false },
      { kind: 'READ', operation: 'GetItem', lags: true },
      { kind: 'READ', operation: 'GetItem', lags: false },
    ]);
  });

  it('returns the result of `around`, so that an answer can be lost after the write', async () => {
    const fake = createFakeDynamoDb({
      around: async (_, run) => {
        run();
        throw new Error('the answer was lost');
      },
    });
    await expect(fake.documents.send(aPut())).rejects.toThrow('the answer was lost');
    expect(fake.items('issues')).toEqual([Key]);
  });

  it('does nothing if `around` does not run the command', async () => {
    const fake = createFakeDynamoDb({ around: () => Promise.reject(new Error('crashed before')) });
    await expect(fake.documents.send(aPut())).rejects.toThrow('crashed before');
    expect(fake.items('issues')).toEqual([]);
  });

  it('runs a repeated command again, but not a transaction that succeeded', async () => {
    const { documents, tables } = createFakeDynamoDb({
      around: async (_, run) => {
        run();
        return run();
      },
    });
    const put = {
      TableName: tables.issueTableName,
      Item: Key,
      ConditionExpression: 'attribute_not_exists(issueId)',
    };
    await expect(documents.send(new PutItemCommand(put))).rejects.toThrow(ConditionalCheckFailedException);
    const another = { ...put, Item: { issueId: { S: 'another' } } };
    await documents.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: another }] }));
  });

  it('uses a document as it was when it was sent, however long `around` takes', async () => {
    let go = (): void => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const fake = createFakeDynamoDb({ around: (_, run) => held.then(run) });
    const list = [1];
    const sent = fake.documents.send(new PutCommand({ TableName, Item: { issueId: 'i', list } }));
    list.push(2);
    go();
    await sent;
    expect(fake.items('issues')).toEqual([{ ...Key, list: { L: [{ N: '1' }] } }]);
  });

  it('returns frozen items, so that nobody can change them', async () => {
    const fake = createFakeDynamoDb();
    await fake.documents.send(aPut({ map: { M: { list: { L: [{ SS: ['a'] }] } } } }));
    const [item] = fake.items('issues');
    const { Item } = await fake.documents.send(new GetItemCommand({ TableName, Key }));
    for (const seen of [item, Item]) {
      expect(
        [seen, seen?.map, seen?.map?.M?.list?.L, seen?.map?.M?.list?.L?.[0]?.SS].every(Object.isFrozen),
      ).toBe(true);
    }
  });

  it('shares the attributes that an update does not change', async () => {
    const fake = createFakeDynamoDb();
    await fake.documents.send(aPut({ left: { M: {} }, right: { S: '1' } }));
    const [before] = fake.items('issues');
    await fake.documents.send(
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: 'SET #right = :two',
        ExpressionAttributeNames: { '#right': 'right' },
        ExpressionAttributeValues: { ':two': { S: '2' } },
      }),
    );
    const [after] = fake.items('issues');
    expect(after?.left).toBe(before?.left);
    expect([before?.right, after?.right]).toEqual([{ S: '1' }, { S: '2' }]);
  });

  const UNKNOWN: [string, (documents: DynamoDBDocumentClient) => Promise<unknown>][] = [
    ['BatchGetItem', (documents) => documents.send(new BatchGetItemCommand({ RequestItems: {} }))],
    ['BatchGet', (documents) => documents.send(new BatchGetCommand({ RequestItems: {} }))],
    ['DescribeTable', (documents) => documents.send(new DescribeTableCommand({ TableName }))],
    [
      'ProjectionExpression',
      (documents) => documents.send(new GetItemCommand({ TableName, Key, ProjectionExpression: 'issueId' })),
    ],
    [
      'ReturnConsumedCapacity',
      (documents) =>
        documents.send(new PutItemCommand({ TableName, Item: Key, ReturnConsumedCapacity: 'TOTAL' })),
    ],
    [
      'Expected',
      (documents) => documents.send(new PutCommand({ TableName, Item: { issueId: 'i' }, Expected: {} })),
    ],
  ];
  it.each(UNKNOWN)('fails for %s, which it does not support, with a plain error', async (name, send) => {
    const failed = send(createFakeDynamoDb().documents);
    await expect(failed).rejects.toThrow(`The fake of DynamoDB knows no ${name}`);
    await expect(failed).rejects.toMatchObject({ name: 'Error' });
  });

  it('works with paginators, which require a real client', async () => {
    const { documents, tables } = createFakeDynamoDb();
    const pages = paginateQuery(
      { client: documents },
      {
        TableName: tables.approvalTableName,
        KeyConditionExpression: 'pk = :p',
        ExpressionAttributeValues: { ':p': 'p' },
      },
    );
    const counts: (number | undefined)[] = [];
    for await (const { Count } of pages) counts.push(Count);
    expect(counts).toEqual([0]);
  });
});
