import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import type { Item, MakePlace } from '../place.ts';
import { aTable, keyOf, M, N, resultOf, S } from './table.ts';

const EXISTS = { ConditionExpression: 'attribute_exists(pk)' };
const MISSING = { ConditionExpression: 'attribute_not_exists(pk)' };

/** Creates a table with the items `here` and `there`, and operations for a transaction. */
async function aScene(makePlace: MakePlace) {
  const table = await aTable(makePlace);
  await table.put({ price: N('1') }, 'here');
  await table.put({ price: N('1') }, 'there');
  const TableName = table.name;
  return {
    ...table,
    put: (sort: string, more: object = {}, attributes: Item = {}): TransactWriteItem => ({
      Put: { TableName, Item: { ...attributes, ...keyOf(sort) }, ...more },
    }),
    set: (sort: string, UpdateExpression: string, more: object = {}): TransactWriteItem => ({
      Update: { TableName, Key: keyOf(sort), UpdateExpression, ...more },
    }),
    remove: (sort: string, more: object = {}): TransactWriteItem => ({
      Delete: { TableName, Key: keyOf(sort), ...more },
    }),
    check: (sort: string, more: { ConditionExpression: string }): TransactWriteItem => ({
      ConditionCheck: { TableName, Key: keyOf(sort), ...more },
    }),
  };
}

export function describeTransactions(makePlace: MakePlace): void {
  it('carries out all its operations', async () => {
    const { transact, put, set, remove, check, get } = await aScene(makePlace);
    const set2 = { ExpressionAttributeValues: { ':one': N('1') } };
    expect(
      await transact(
        put('new', MISSING, { text: S('x') }),
        set('here', 'SET number2 = :one', set2),
        remove('there', EXISTS),
        check('gone', MISSING),
      ),
    ).toBe('OK');
    expect([await get('new'), await get('here'), await get('there'), await get('gone')]).toEqual([
      { text: S('x') },
      { price: N('1'), number2: N('1') },
      undefined,
      undefined,
    ]);
  });

  it('carries out no operation if one condition fails, and gives a reason for each', async () => {
    const { transact, put, remove, check, get } = await aScene(makePlace);
    expect(await transact(put('new'), check('here', MISSING), remove('there'))).toEqual([
      'None',
      'ConditionalCheckFailed',
      'None',
    ]);
    expect(await transact(put('here', MISSING), remove('gone', EXISTS))).toEqual([
      'ConditionalCheckFailed',
      'ConditionalCheckFailed',
    ]);
    expect(await get('new')).toBeUndefined();
    expect(await get('there')).toEqual({ price: N('1') });
  });

  it('sees every item as it was before', async () => {
    const { transact, put, check } = await aScene(makePlace);
    expect(await transact(put('new'), check('other', MISSING))).toBe('OK');
    expect(await transact(check('new', EXISTS), put('other', MISSING))).toBe('OK');
  });

  it('includes an index key of the wrong type and a key that is too long in the reasons', async () => {
    const { transact, put, set, get } = await aScene(makePlace);
    expect(await transact(put('new'), set('here', 'SET due = price'))).toEqual(['None', 'ValidationError']);
    expect(await transact(put('here', MISSING), put('x'.repeat(1_025)))).toEqual([
      'ConditionalCheckFailed',
      'ValidationError',
    ]);
    expect(await get('new')).toBeUndefined();
  });

  it('includes an update that makes an item too large in the reasons', async () => {
    const { transact, put, set } = await aScene(makePlace);
    await transact(put('large', {}, { x: S('x'.repeat(300_000)) }));
    const values = { ExpressionAttributeValues: { ':y': S('y'.repeat(200_000)) } };
    expect(await transact(put('new'), set('large', 'SET y = :y', values))).toEqual([
      'None',
      'ValidationError',
    ]);
  });

  it('is refused as a whole for errors that need no item', async () => {
    const { transact, put, set, check, remove, get } = await aScene(makePlace);
    const one = { ExpressionAttributeValues: { ':one': N('1') } };
    const REFUSED: TransactWriteItem[][] = [
      [],
      [put('new'), set('here', 'SET')],
      [put('new'), set('here', 'SET a = :one, a.b = :one', one)],
      [put('new'), set('here', 'SET a = :two', one)],
      [put('new'), put('here', one)],
      [put('here', MISSING), put('there', {}, { x: N('x') })],
      [put('new'), put('large', {}, { x: S('x'.repeat(410_000)) })],
      [put('new'), put('here', {}, { due: M({}) })],
      [put('new'), check('here', { ConditionExpression: '' })],
      [put('new'), { ...put('a'), ...remove('b') }],
      [put('new'), {}],
      [put('new'), remove('')],
      [put('same'), check('same', EXISTS)],
      [put('same'), set('same', 'SET a = :one', one)],
      Array.from({ length: 101 }, (_, index) => put(`many ${index}`)),
      Array.from({ length: 11 }, (_, index) => put(`${index}`, {}, { x: S('x'.repeat(395_000)) })),
    ];
    for (const operations of REFUSED) expect(await transact(...operations)).toBe('ValidationException');
    expect([await get('new'), await get('same'), await get('many 0')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is refused as a whole for a path that the item does not have', async () => {
    const { transact, put, set, get } = await aScene(makePlace);
    const one = { ExpressionAttributeValues: { ':one': N('1') } };
    expect(await transact(put('new'), set('here', 'SET gone.x = :one', one))).toBe('ValidationException');
    expect(await transact(put('new'), set('here', 'SET x = gone'))).toBe('ValidationException');
    expect(await get('new')).toBeUndefined();
  });

  it('accepts a hundred operations', async () => {
    const { transact, put } = await aScene(makePlace);
    expect(await transact(...Array.from({ length: 100 }, (_, index) => put(`many ${index}`)))).toBe('OK');
  });

  it('is refused for a table that does not exist', async () => {
    const { transact, put } = await aScene(makePlace);
    const elsewhere = { Delete: { TableName: 'nowhere', Key: keyOf() } };
    expect(await transact(put('new'), elsewhere)).toBe('ResourceNotFoundException');
  });

  it('accepts documents as well', async () => {
    const { documents, name: TableName, get } = await aScene(makePlace);
    const Key = { pk: 'p', sk: 'here' };
    const one = { ':one': 1 };
    const write = (sk: string, wanted: number) =>
      new TransactWriteCommand({
        TransactItems: [
          { Put: { TableName, Item: { pk: 'p', sk, list: [1, { a: null }] } } },
          {
            Update: {
              TableName,
              Key,
              UpdateExpression: 'SET n = :one',
              ConditionExpression: '#n = :wanted',
              ExpressionAttributeNames: { '#n': 'price' },
              ExpressionAttributeValues: { ...one, ':wanted': wanted },
            },
          },
          { Delete: { TableName, Key: { pk: 'p', sk: 'there' } } },
          {
            ConditionCheck: {
              TableName,
              Key: { pk: 'p', sk: 'gone' },
              ConditionExpression: 'attribute_not_exists(pk) OR pk = :one',
              ExpressionAttributeValues: one,
            },
          },
        ],
      });
    expect(await resultOf(documents.send(write('a', 2)))).toEqual([
      'None',
      'ConditionalCheckFailed',
      'None',
      'None',
    ]);
    expect(await resultOf(documents.send(write('b', 1)))).toBe('OK');
    expect([await get('a'), await get('b'), await get('there')]).toEqual([
      undefined,
      { list: { L: [N('1'), { M: { a: { NULL: true } } }] } },
      undefined,
    ]);
  });
}
