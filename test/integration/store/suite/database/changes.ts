import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, PutCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { expect, it } from 'vitest';
import type { Place } from '../place.ts';
import { L, M, N, resultOf, S } from './table.ts';

/** A place whose stream of the Issues table can be read. */
export interface PlaceWithStream extends Place {
  /** Returns the records of all writes since the last call. */
  takeIssueChanges(): Promise<DynamoDBRecord[]>;
}

async function aScene(makePlace: () => Promise<PlaceWithStream>) {
  const { documents, tables, takeIssueChanges } = await makePlace();
  const TableName = tables.issueTableName;
  await takeIssueChanges();
  return {
    documents,
    tables,
    TableName,
    take: takeIssueChanges,
    put: (item: object, condition?: string) =>
      documents.send(
        new PutCommand({
          TableName,
          Item: { issueId: 'i', ...item },
          ...(condition && { ConditionExpression: condition }),
        }),
      ),
    remove: (issueId = 'i') => documents.send(new DeleteCommand({ TableName, Key: { issueId } })),
    update: (UpdateExpression: string, values?: object) =>
      documents.send(
        new UpdateCommand({
          TableName,
          Key: { issueId: 'i' },
          UpdateExpression,
          ...(values && { ExpressionAttributeValues: values }),
        }),
      ),
  };
}

const inShort = (records: DynamoDBRecord[]) =>
  records.map(({ eventName, dynamodb }) => [
    eventName,
    dynamodb?.Keys?.issueId?.S,
    dynamodb?.OldImage?.a?.S,
    dynamodb?.NewImage?.a?.S,
  ]);

export function describeChanges(makePlace: () => Promise<PlaceWithStream>): void {
  it('contain each write once, in order, with the item before and after', async () => {
    const { put, remove, update, take } = await aScene(makePlace);
    await put({ a: '1' });
    await put({ a: '2' });
    await update('SET a = :three', { ':three': '3' });
    await update('REMOVE a');
    await remove();
    expect(inShort(await take())).toEqual([
      ['INSERT', 'i', undefined, '1'],
      ['MODIFY', 'i', '1', '2'],
      ['MODIFY', 'i', '2', '3'],
      ['MODIFY', 'i', '3', undefined],
      ['REMOVE', 'i', undefined, undefined],
    ]);
    expect(await take()).toEqual([]);
  });

  it('do not contain a write that changes nothing', async () => {
    const { put, remove, update, take } = await aScene(makePlace);
    await put({ a: 'x', n: 1.1, list: [1, { deep: [null] }], words: new Set(['a', 'b']) });
    await take();
    await put({ words: new Set(['b', 'a']), list: [1, { deep: [null] }], n: 1.1, a: 'x' });
    await update('SET a = :x', { ':x': 'x' });
    await update('REMOVE gone');
    await remove('nobody');
    expect(inShort(await take())).toEqual([]);
  });

  it('do not contain a refused write', async () => {
    const { put, update, take } = await aScene(makePlace);
    await put({ a: '1' });
    await take();
    expect(await resultOf(put({ a: '2' }, 'attribute_not_exists(issueId)'))).not.toBe('OK');
    expect(await resultOf(update('SET gone.x = :x', { ':x': 'x' }))).not.toBe('OK');
    expect(inShort(await take())).toEqual([]);
  });

  it('contain the writes of a transaction, but not those to the other table', async () => {
    const { documents, tables, TableName, put, take } = await aScene(makePlace);
    await put({ a: '1' });
    await take();
    const transaction = (a: string, condition: string) =>
      documents.send(
        new TransactWriteCommand({
          TransactItems: [
            { Put: { TableName, Item: { issueId: 'i', a }, ConditionExpression: condition } },
            { Put: { TableName: tables.approvalTableName, Item: { pk: 'p', sk: 's' } } },
          ],
        }),
      );
    await transaction('2', 'attribute_exists(issueId)');
    expect(await resultOf(transaction('3', 'attribute_not_exists(issueId)'))).not.toBe('OK');
    expect(inShort(await take())).toEqual([['MODIFY', 'i', '1', '2']]);
  });

  it('have images in the format of Lambda: bytes as base64, everything else as it is stored', async () => {
    const { documents, TableName, take } = await aScene(makePlace);
    const attributes = {
      bytes: { B: Uint8Array.of(1, 255) },
      more: { BS: [Uint8Array.of(1)] },
      number: N('1.5'),
      words: { SS: ['a', 'b'] },
      numbers: { NS: ['1'] },
      yes: { BOOL: true },
      nothing: { NULL: true as const },
      empty: S(''),
      inside: M({ list: L(S('\u5ba1'), { B: Uint8Array.of(2) }), none: M({}) }),
    };
    await documents.send(new PutItemCommand({ TableName, Item: { issueId: S('i'), ...attributes } }));
    const [record] = await take();
    expect(record?.dynamodb?.NewImage).toEqual({
      ...attributes,
      issueId: S('i'),
      bytes: { B: 'Af8=' },
      more: { BS: ['AQ=='] },
      inside: { M: { list: { L: [S('\u5ba1'), { B: 'Ag==' }] }, none: M({}) } },
    });
    expect(record).toMatchObject({
      eventSource: 'aws:dynamodb',
      dynamodb: { Keys: { issueId: { S: 'i' } }, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
    expect(record?.dynamodb).not.toHaveProperty('OldImage');
  });

  it('have an id and a unique place in the order', async () => {
    const { put, remove, take } = await aScene(makePlace);
    for (const a of ['1', '2', '3']) await put({ a });
    await remove();
    const records = await take();
    expect(new Set(records.map(({ eventID }) => eventID)).size).toBe(4);
    const numbers = records.map(({ dynamodb }) => BigInt(dynamodb?.SequenceNumber ?? ''));
    expect(numbers).toEqual(numbers.toSorted((one, other) => (one < other ? -1 : 1)));
    expect(new Set(numbers).size).toBe(4);
  });
}
