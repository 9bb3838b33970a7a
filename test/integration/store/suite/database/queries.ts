import { QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import type { Item, MakePlace } from '../place.ts';
import { aTable, keyOf, N, resultOf, S } from './table.ts';

type Asked = Omit<QueryCommandInput, 'TableName'>;

const ask = (condition: string, values: Item = {}, more: Partial<Asked> = {}): Asked => ({
  KeyConditionExpression: condition,
  ExpressionAttributeValues: { ':p': S('p'), ...values },
  ...more,
});

const ALL = ['a', 'b', 'b1', 'c', '\u5ba1', '\uFFFD', '\u{1F600}'];

const FOUND: [string, Asked, string[]][] = [
  ['a partition', ask('pk = :p'), ALL],
  ['one sort key', ask('pk = :p AND sk = :s', { ':s': S('b') }), ['b']],
  ['all below', ask('pk = :p AND sk < :s', { ':s': S('b1') }), ['a', 'b']],
  ['all up to', ask('pk = :p and sk <= :s', { ':s': S('b1') }), ['a', 'b', 'b1']],
  ['all above, keys turned', ask('sk > :s AND pk = :p', { ':s': S('\uFFFD') }), ['\u{1F600}']],
  ['all from', ask('(pk = :p) AND (sk >= :s)', { ':s': S('\uFFFD') }), ['\uFFFD', '\u{1F600}']],
  [
    'all between two, both included',
    ask('pk = :p AND sk BETWEEN :s AND :t', { ':s': S('b'), ':t': S('c') }),
    ['b', 'b1', 'c'],
  ],
  [
    'all between two that are not there',
    ask('pk = :p AND sk between :s AND :t', { ':s': S('a0'), ':t': S('b0') }),
    ['b'],
  ],
  [
    'backwards between two',
    ask('(sk BETWEEN :s AND :t) AND pk = :p', { ':s': S('b'), ':t': S('c') }, { ScanIndexForward: false }),
    ['c', 'b1', 'b'],
  ],
  ['backwards', ask('pk = :p', {}, { ScanIndexForward: false }), ALL.toReversed()],
  ['after a key that does not exist', ask('pk = :p', {}, { ExclusiveStartKey: keyOf('b0') }), ALL.slice(2)],
  [
    'backwards behind a key',
    ask('pk = :p', {}, { ScanIndexForward: false, ExclusiveStartKey: keyOf('b1') }),
    ['b', 'a'],
  ],
];

const REFUSED: [string, Asked][] = [
  ['no condition', {}],
  ['no partition', ask('sk = :p')],
  ['a range of partitions', ask('pk < :p')],
  ['either of two', ask('pk = :p OR sk = :p')],
  ['all but one', ask('pk = :p AND sk <> :p')],
  ['two conditions for one key', ask('pk = :p AND sk > :p AND sk < :s', { ':s': S('z') })],
  ['another attribute', ask('pk = :p AND x = :p')],
  ['partitions between two', ask('pk BETWEEN :p AND :s', { ':s': S('z') })],
  ['between two in the wrong order', ask('pk = :p AND sk BETWEEN :s AND :t', { ':s': S('c'), ':t': S('b') })],
  ['between a key and a number', ask('pk = :p AND sk BETWEEN :s AND :t', { ':s': S('b'), ':t': N('1') })],
  ['between one and nothing', ask('pk = :p AND sk BETWEEN :s', { ':s': S('b') })],
  ['a function', ask('pk = :p AND attribute_exists(sk)')],
  ['a number for a key', ask('pk = :n', { ':n': N('1') })],
  ['an empty text for a key', ask('pk = :e', { ':e': S('') })],
  ['a part of a key', ask('pk.a = :p')],
  ['a value that is not used', ask('pk = :p', { ':x': S('x') })],
  ['a filter of a key', ask('pk = :p', {}, { FilterExpression: 'sk = :p' })],
  ['an empty filter', ask('pk = :p', {}, { FilterExpression: '' })],
  ['a limit of nothing', ask('pk = :p', {}, { Limit: 0 })],
  ['an index that does not exist', ask('pk = :p', {}, { IndexName: 'none' })],
  ['a start in another partition', ask('pk = :p', {}, { ExclusiveStartKey: { pk: S('q'), sk: S('s') } })],
  ['a start of half a key', ask('pk = :p', {}, { ExclusiveStartKey: { pk: S('p') } })],
];

export function describeQueries(makePlace: MakePlace): void {
  const filled = async () => {
    const table = await aTable(makePlace);
    for (const sort of ALL.toReversed()) await table.put({}, sort);
    const query = (asked: Asked) =>
      table.documents.send(new QueryCommand({ TableName: table.name, ...asked }));
    return { ...table, query };
  };

  it.each(FOUND)('%s', async (_, asked, expected) => {
    const { query } = await filled();
    const { Items, Count, LastEvaluatedKey } = await query(asked);
    expect(Items?.map((item) => item.sk?.S)).toEqual(expected);
    expect([Count, LastEvaluatedKey]).toEqual([expected.length, undefined]);
  });

  it.each(REFUSED)('%s is refused', async (_, asked) => {
    const { query } = await filled();
    expect(await resultOf(query(asked))).toBe('ValidationException');
  });

  it.each([1, 2, 3, 7])(
    'with a limit of %i return everything once, and end with a page without a key',
    async (Limit) => {
      const { query } = await filled();
      const found: (string | undefined)[] = [];
      let pages = 0;
      let from: Item | undefined;
      do {
        const page = await query(ask('pk = :p', {}, { Limit, ...(from && { ExclusiveStartKey: from }) }));
        found.push(...(page.Items ?? []).map((item) => item.sk?.S));
        from = page.LastEvaluatedKey;
        pages++;
      } while (from);
      expect(found).toEqual(ALL);
      expect(pages).toBe(Math.floor(ALL.length / Limit) + 1);
    },
  );

  it('a filter removes items after the page is cut', async () => {
    const { put, query } = await filled();
    for (const sort of ['b', 'c']) await put({ state: S('OPEN') }, sort);
    const open = ask(
      'pk = :p',
      { ':open': S('OPEN'), ':new': S('NEW') },
      { FilterExpression: '#s IN (:open, :new)', ExpressionAttributeNames: { '#s': 'state' } },
    );
    const { Items, Count, ScannedCount } = await query(open);
    expect(Items?.map((item) => item.sk?.S)).toEqual(['b', 'c']);
    expect([Count, ScannedCount]).toEqual([2, ALL.length]);
    const first = await query({ ...open, Limit: 1 });
    expect([first.Items, first.Count, first.ScannedCount]).toEqual([[], 0, 1]);
    expect(first.LastEvaluatedKey).toEqual(keyOf('a'));
  });

  it('the index has only items with both keys, in the order of the second one', async () => {
    const { put, documents, name: TableName } = await aTable(makePlace);
    await put({ due: S('DUE'), checkAfter: S('3'), more: S('x') }, 'a');
    await put({ due: S('DUE'), checkAfter: S('1') }, 'b');
    await put({ due: S('DUE') }, 'c');
    await put({ checkAfter: S('1') }, 'd');
    await put({ due: S('OTHER'), checkAfter: S('1') }, 'e');
    await put({ due: S('DUE'), checkAfter: S('2') }, 'f');
    const query = (asked: Partial<Asked>) =>
      documents.send(
        new QueryCommand({
          TableName,
          IndexName: 'due',
          KeyConditionExpression: 'due = :due AND checkAfter <= :at',
          ExpressionAttributeValues: { ':due': S('DUE'), ':at': S('3') },
          ...asked,
        }),
      );
    const entry = (sort: string, at: string): Item => ({ ...keyOf(sort), due: S('DUE'), checkAfter: S(at) });
    expect((await query({})).Items).toEqual([entry('b', '1'), entry('f', '2'), entry('a', '3')]);
    const first = await query({ Limit: 2 });
    expect(first.LastEvaluatedKey).toEqual(entry('f', '2'));
    await put({}, 'f');
    expect((await query({ ExclusiveStartKey: first.LastEvaluatedKey })).Items).toEqual([entry('a', '3')]);
  });
}
