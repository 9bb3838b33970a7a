import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand as QueryDocumentsCommand,
} from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { itemSize } from '../../../../../shared/runtime/attribute-values.ts';
import type { Item, MakePlace } from '../place.ts';
import { aTable, keyOf, L, M, N, resultOf, S } from './table.ts';

const NUMBERS: [string, string][] = [
  ['1.10', '1.1'],
  ['007', '7'],
  ['+5', '5'],
  ['-0', '0'],
  ['0.00', '0'],
  ['.5', '0.5'],
  ['5.', '5'],
  ['1e2', '100'],
  ['1.5E10', '15000000000'],
  ['-1E-3', '-0.001'],
  ['1E125', `1${'0'.repeat(125)}`],
  ['1E-130', `0.${'0'.repeat(129)}1`],
  [`${'9'.repeat(38)}000`, `${'9'.repeat(38)}000`],
  ['123456789012345678901234567890.12345678', '123456789012345678901234567890.12345678'],
];

const ILL_FORMED: [string, Item[string]][] = [
  ['no number', N('abc')],
  ['an empty number', N('')],
  ['a number with a space', N(' 1')],
  ['infinity', N('Infinity')],
  ['39 digits', N('9'.repeat(39))],
  ['a number too large', N('1E126')],
  ['a number too small', N('1E-131')],
  ['an empty set', { SS: [] }],
  ['a set with one text twice', { SS: ['a', 'a'] }],
  ['a set with one number twice', { NS: ['1', '1.0'] }],
  ['null that is false', { NULL: false as true }],
  ['an empty name inside', M({ '': N('1') })],
  ['a broken number inside', L(M({ a: N('x') }))],
];

export function describeItems(makePlace: MakePlace): void {
  it.each(NUMBERS)('a number %s is stored as %s', async (written, kept) => {
    const { put, get } = await aTable(makePlace);
    await put({ number: N(written) });
    expect(await get()).toEqual({ number: N(kept) });
  });

  it('every type is read as it was put', async () => {
    const item = {
      text: S(''),
      more: S('\u5ba1\u{1F600}\uFFFD \u0000 \u2028'),
      bytes: { B: Uint8Array.of(0, 255) },
      none: { B: Uint8Array.of() },
      yes: { BOOL: true },
      no: { BOOL: false },
      nothing: { NULL: true as const },
      words: { SS: ['a', 'b', '\u5ba1'] },
      numbers: { NS: ['-1', '2', '10'] },
      map: M({ constructor: S('x'), inner: M({}), list: L(L(), M({}), { NULL: true }) }),
    };
    const { put, get } = await aTable(makePlace);
    await put(item);
    expect(await get()).toEqual(item);
  });

  it.each(ILL_FORMED)('%s is refused', async (_, value) => {
    const { put, get } = await aTable(makePlace);
    expect(await resultOf(put({ value }))).toBe('ValidationException');
    expect(await get()).toBeUndefined();
  });

  it('an item with 32 levels is stored, one with 33 is refused', async () => {
    const { put } = await aTable(makePlace);
    let deep = S('x');
    for (let level = 0; level < 31; level++) deep = L(deep);
    expect(await resultOf(put({ deep }))).toBe('OK');
    expect(await resultOf(put({ deep: L(deep) }))).toBe('ValidationException');
  });

  it('a stored item does not change when the caller changes its object later', async () => {
    const { put, get } = await aTable(makePlace);
    const list = [N('1')];
    const bytes = Uint8Array.of(1);
    await put({ list: { L: list }, bytes: { B: bytes } });
    list.push(N('2'));
    bytes[0] = 9;
    expect(await get()).toEqual({ list: L(N('1')), bytes: { B: Uint8Array.of(1) } });
  });

  it('an item that was read does not change when the stored item changes later', async () => {
    const { put, get, update } = await aTable(makePlace);
    await put({ map: M({ a: N('1') }) });
    const read = await get();
    await update({ UpdateExpression: 'SET map.a = :two', values: { two: N('2') } });
    expect(read).toEqual({ map: M({ a: N('1') }) });
  });

  it('an item of 400 KB is stored, one byte more is refused', async () => {
    const { put } = await aTable(makePlace);
    const room = 400 * 1024 - itemSize({ ...keyOf(), x: S('') });
    expect(await resultOf(put({ x: S('x'.repeat(room)) }))).toBe('OK');
    expect(await resultOf(put({ x: S('x'.repeat(room + 1)) }))).toBe('ValidationException');
    expect(await resultOf(put({ x: S('\u5ba1'.repeat(room / 3 + 1)) }))).toBe('ValidationException');
  });

  it.each(['0', '-1', '1000', '1.5', '12.5', '-123', '0.0123', '1.5E+20', '-0.00010203'])(
    'the number %s has the size that we calculate',
    async (number) => {
      const { put } = await aTable(makePlace);
      const numbers = { L: Array.from({ length: 20_000 }, () => N(number)) };
      const room = 400 * 1024 - itemSize({ ...keyOf(), numbers, x: S('') });
      expect(await resultOf(put({ numbers, x: S('x'.repeat(room)) }))).toBe('OK');
      expect(await resultOf(put({ numbers, x: S('x'.repeat(room + 1)) }))).toBe('ValidationException');
    },
  );

  describe('keys', () => {
    const key = (pk: Item[string], sk: Item[string]): Item => ({ pk, sk });
    const REFUSED: [string, Item][] = [
      ['an empty text', key(S(''), S('s'))],
      ['an empty sort key', key(S('p'), S(''))],
      ['a number', key(N('1'), S('s'))],
      ['a sort key that is null', key(S('p'), { NULL: true })],
      ['no sort key', { pk: S('p') }],
      ['2,049 bytes', key(S('x'.repeat(2_049)), S('s'))],
      ['a sort key of 1,025 bytes', key(S('p'), S('x'.repeat(1_025)))],
      ['a sort key of 342 Chinese characters', key(S('p'), S('\u5ba1'.repeat(342)))],
    ];
    it.each(REFUSED)('with %s are refused in a put, a get and a delete', async (_, Key) => {
      const { documents, name: TableName } = await aTable(makePlace);
      const refusals = await Promise.all([
        resultOf(documents.send(new PutItemCommand({ TableName, Item: Key }))),
        resultOf(documents.send(new GetItemCommand({ TableName, Key }))),
        resultOf(documents.send(new DeleteItemCommand({ TableName, Key }))),
      ]);
      expect(refusals).toEqual(['ValidationException', 'ValidationException', 'ValidationException']);
    });

    it('of 2,048 and 1,024 bytes are accepted', async () => {
      const { documents, name: TableName } = await aTable(makePlace);
      const Item = key(S('\u5ba1'.repeat(682).padEnd(684)), S('x'.repeat(1_024)));
      expect(await resultOf(documents.send(new PutItemCommand({ TableName, Item })))).toBe('OK');
    });

    it('with another attribute beside them are refused', async () => {
      const { documents, name: TableName } = await aTable(makePlace);
      const get = new GetItemCommand({ TableName, Key: { ...keyOf(), x: S('x') } });
      expect(await resultOf(documents.send(get))).toBe('ValidationException');
    });

    const INDEX: [string, Item][] = [
      ['a number', { due: N('1') }],
      ['an empty text', { due: S('') }],
      ['an empty sort key', { checkAfter: S('') }],
      ['a map', { due: M({}) }],
      ['2,049 bytes', { due: S('x'.repeat(2_049)) }],
    ];
    it.each(INDEX)('of the index: %s is refused', async (_, attributes) => {
      const { put } = await aTable(makePlace);
      expect(await resultOf(put(attributes))).toBe('ValidationException');
    });
  });

  it('a missing table is reported before any other error', async () => {
    const { documents } = await aTable(makePlace);
    const put = new PutItemCommand({ TableName: 'nowhere', Item: {}, ConditionExpression: '' });
    expect(await resultOf(documents.send(put))).toBe('ResourceNotFoundException');
  });

  it('a put and a delete return the previous item if asked', async () => {
    const { documents, name: TableName, get } = await aTable(makePlace);
    const put = (x: string) =>
      documents.send(
        new PutItemCommand({ TableName, Item: { ...keyOf(), x: S(x) }, ReturnValues: 'ALL_OLD' }),
      );
    expect((await put('1')).Attributes).toBeUndefined();
    expect((await put('2')).Attributes).toEqual({ ...keyOf(), x: S('1') });
    const remove = () =>
      documents.send(new DeleteItemCommand({ TableName, Key: keyOf(), ReturnValues: 'ALL_OLD' }));
    expect((await remove()).Attributes).toEqual({ ...keyOf(), x: S('2') });
    expect((await remove()).Attributes).toBeUndefined();
    expect(await get()).toBeUndefined();
  });

  it('documents are written and read as plain values', async () => {
    const { documents, name: TableName } = await aTable(makePlace);
    const Item = {
      pk: 'p',
      sk: 's',
      number: 1.5,
      list: [1, null, { deep: true }],
      gone: undefined,
      map: { constructor: 'x', gone: undefined },
      words: new Set(['a']),
      bytes: Uint8Array.of(1),
    };
    await documents.send(new PutCommand({ TableName, Item }));
    const read = await documents.send(new GetCommand({ TableName, Key: { pk: 'p', sk: 's' } }));
    expect(read.Item).toEqual(Item);
    expect(read.Item && 'gone' in read.Item).toBe(false);
    const found = await documents.send(
      new QueryDocumentsCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': 'p' },
        Limit: 1,
      }),
    );
    expect([found.Items, found.LastEvaluatedKey]).toEqual([[Item], { pk: 'p', sk: 's' }]);
    await documents.send(new DeleteCommand({ TableName, Key: { pk: 'p', sk: 's' } }));
    expect(await documents.send(new GetCommand({ TableName, Key: { pk: 'p', sk: 's' } }))).not.toHaveProperty(
      'Item',
    );
  });

  it('a scan can start only after a complete key', async () => {
    const { documents, name: TableName } = await aTable(makePlace);
    const scan = (ExclusiveStartKey: Item) =>
      resultOf(documents.send(new ScanCommand({ TableName, ExclusiveStartKey })));
    expect(await scan({ pk: S('p') })).toBe('ValidationException');
    expect(await scan({ ...keyOf(), x: S('x') })).toBe('ValidationException');
    expect(await scan(keyOf())).toBe('OK');
  });

  it('a query of the index refuses consistent reads', async () => {
    const { documents, name: TableName } = await aTable(makePlace);
    const query = new QueryCommand({
      TableName,
      IndexName: 'due',
      KeyConditionExpression: 'due = :due',
      ExpressionAttributeValues: { ':due': S('DUE') },
      ConsistentRead: true,
    });
    expect(await resultOf(documents.send(query))).toBe('ValidationException');
  });
}
