import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import type { Item, MakePlace } from '../place.ts';
import { aTable, type Given, keyOf, L, M, N, S } from './table.ts';

const ITEM = {
  title: S('a'),
  price: N('5'),
  tree: M({ a: N('1'), twig: M({ b: S('x') }) }),
  pages: L(N('0'), N('1'), N('2')),
};

const v = (...values: NonNullable<Given['values']>[string][]): Given => ({
  values: Object.fromEntries(values.map((value, index) => [`v${index}`, value])),
});

/** The update, its names and values, and how the item differs afterwards. */
const CARRIED_OUT: [string, Given, Item][] = [
  ['SET title = :v0', v(S('')), { title: S('') }],
  ['set title = :v0 remove price', v(S('b')), { title: S('b'), price: S('REMOVED') }],
  ['REMOVE price SET title = :v0', v(S('b')), { title: S('b'), price: S('REMOVED') }],
  ['SET title = price, price = :v0', v(N('9')), { title: N('5'), price: N('9') }],
  ['SET tree.a = :v0', v(S('b')), { tree: M({ a: S('b'), twig: M({ b: S('x') }) }) }],
  ['SET tree.c = :v0', v(L()), { tree: M({ a: N('1'), twig: M({ b: S('x') }), c: L() }) }],
  [
    'SET tree.twig.b = :v0, tree.twig.#c = tree.a REMOVE tree.a',
    { names: { c: 'constructor' }, ...v(S('y')) },
    { tree: M({ twig: M({ b: S('y'), constructor: N('1') }) }) },
  ],
  ['SET pages[1] = :v0', v(S('b')), { pages: L(N('0'), S('b'), N('2')) }],
  [
    'SET pages[9] = :v1, pages[5] = :v0',
    v(S('x'), S('y')),
    { pages: L(N('0'), N('1'), N('2'), S('x'), S('y')) },
  ],
  ['SET pages[0] = pages[2]', {}, { pages: L(N('2'), N('1'), N('2')) }],
  ['REMOVE pages[0], pages[2]', {}, { pages: L(N('1')) }],
  ['REMOVE pages[0] SET pages[1] = :v0, pages[7] = :v0', v(S('x')), { pages: L(S('x'), N('2'), S('x')) }],
  ['REMOVE pages[9], tree.gone, gone', {}, {}],
  ['SET price = price + :v0', v(N('1')), { price: N('6') }],
  ['SET price = :v0 + price', v(N('-3')), { price: N('2') }],
  ['SET price = :v0 + :v1', v(N('0.1'), N('0.2')), { price: N('0.3') }],
  ['SET price = price + :v0', v(N('9007199254740993')), { price: N('9007199254740998') }],
  ['SET price = price + :v0', v(N('1E-36')), { price: N(`5.${'0'.repeat(35)}1`) }],
  ['SET gone = if_not_exists(gone, :v0)', v(N('1')), { gone: N('1') }],
  ['SET gone = if_not_exists(price, :v0)', v(N('1')), { gone: N('5') }],
  ['SET gone = if_not_exists(gone, :v0) + :v1', v(N('0'), N('1')), { gone: N('1') }],
  ['SET tree = if_not_exists(tree.twig, :v0)', v(N('1')), { tree: M({ b: S('x') }) }],
];

const REFUSED: [string, Given][] = [
  ['', {}],
  ['SET', {}],
  ['SET title', {}],
  ['SET title = :v0,', v(S('a'))],
  ['SET title = :v0 SET price = :v0', v(S('a'))],
  ['title = :v0', v(S('a'))],
  ['SET gone.x = :v0', v(S('a'))],
  ['SET tree.gone.x = :v0', v(S('a'))],
  ['SET title.x = :v0', v(S('a'))],
  ['SET title[0] = :v0', v(S('a'))],
  ['SET pages.x = :v0', v(S('a'))],
  ['SET tree[0] = :v0', v(S('a'))],
  ['SET pages[7][0] = :v0', v(S('a'))],
  ['REMOVE gone.x', {}],
  ['REMOVE title[0]', {}],
  ['SET title = :v0, gone.x = :v0', v(S('a'))],
  ['SET tree = :v0, tree.a = :v0', v(S('a'))],
  ['SET tree.a = :v0 REMOVE tree', v(S('a'))],
  ['SET tree.a = :v0, #m.a = :v0', { names: { m: 'tree' }, ...v(S('a')) }],
  ['SET tree.a = :v0, tree[0] = :v0', v(S('a'))],
  ['SET gone = if_not_exists(gone, :v0), gone.x = :v0', v(M({}))],
  ['SET title = gone', {}],
  ['SET title = if_not_exists(gone, lost)', {}],
  ['SET title = if_not_exists(:v0, price)', v(S('a'))],
  ['SET price = gone + :v0', v(N('1'))],
  ['SET price = title + :v0', v(N('1'))],
  ['SET price = price + :v0', v(S('1'))],
  ['SET price = price + :v0', v(N('1E-38'))],
  ['SET price = price + :v0', v(N('9E125'))],
  ['SET price = price + price + price', {}],
  ['SET pk = :v0', v(S('p'))],
  ['REMOVE sk', {}],
  ['SET pk.x = :v0', v(S('p'))],
  ['SET due = :v0', v(N('1'))],
  ['SET due = :v0', v(S(''))],
  ['SET due = price', {}],
  ['SET due.x = :v0', v(S('a'))],
  ['SET status = :v0', v(S('a'))],
  ['SET title = :v0', v(S('a'), S('unused'))],
  ['SET title = :v1', v(S('a'))],
  ['SET title = :v0', {}],
  ['SET #t = :v0', v(S('a'))],
  ['SET title = :v0', v({ NS: ['1', '1.0'] })],
  ['SET title = :v0', v(S('x'.repeat(410_000)))],
];

export function describeUpdates(makePlace: MakePlace): void {
  it.each(CARRIED_OUT)('%s %j', async (UpdateExpression, given, changes) => {
    const { put, update, get } = await aTable(makePlace);
    await put(ITEM);
    expect(await update({ UpdateExpression, ...given })).toBe('OK');
    const after = Object.entries({ ...ITEM, ...changes }).filter(([, value]) => value.S !== 'REMOVED');
    expect(await get()).toEqual(Object.fromEntries(after));
  });

  it.each(REFUSED)('%s is refused and changes nothing', async (UpdateExpression, given) => {
    const { put, update, get } = await aTable(makePlace);
    await put(ITEM);
    expect(await update({ UpdateExpression, ...given })).toBe('ValidationException');
    expect(await get()).toEqual(ITEM);
  });

  it.each(['SET title = :v0', 'REMOVE gone', undefined])(
    'create an item if there is none: %s',
    async (title) => {
      const { update, get } = await aTable(makePlace);
      const change = title?.startsWith('SET') ? v(S('a')) : {};
      expect(await update({ ...(title && { UpdateExpression: title }), ...change })).toBe('OK');
      expect(await get()).toEqual(title?.startsWith('SET') ? { title: S('a') } : {});
    },
  );

  it('accept expressions of at most 4,096 bytes', async () => {
    const { update } = await aTable(makePlace);
    const change = (bytes: number) => ({ UpdateExpression: 'SET title = :v0'.padEnd(bytes), ...v(S('a')) });
    expect(await update(change(4_096))).toBe('OK');
    expect(await update(change(4_097))).toBe('ValidationException');
  });

  it('create no item if they are refused', async () => {
    const { update, get } = await aTable(makePlace);
    expect(await update({ UpdateExpression: 'SET tree.a = :v0', ...v(S('a')) })).toBe('ValidationException');
    expect(await get()).toBeUndefined();
  });

  it('allow at most 32 levels', async () => {
    const { update, put } = await aTable(makePlace);
    await put(ITEM);
    let deep = S('x');
    for (let level = 0; level < 30; level++) deep = L(deep);
    expect(await update({ UpdateExpression: 'SET tree.a = :v0', ...v(deep) })).toBe('OK');
    expect(await update({ UpdateExpression: 'SET tree.a = :v0', ...v(L(deep)) })).toBe('ValidationException');
    expect(await update({ UpdateExpression: 'SET title = :v0', ...v(L(deep)) })).toBe('OK');
    expect(await update({ UpdateExpression: 'SET title = :v0', ...v(L(L(deep))) })).toBe(
      'ValidationException',
    );
  });

  const RETURNED: ['NONE' | 'ALL_OLD' | 'ALL_NEW', Item | undefined][] = [
    ['NONE', undefined],
    ['ALL_OLD', { ...ITEM, ...keyOf() }],
    ['ALL_NEW', { ...ITEM, title: S('b'), ...keyOf() }],
  ];
  it.each(RETURNED)('return what %s asks for', async (ReturnValues, expected) => {
    const { documents, name, put } = await aTable(makePlace);
    await put(ITEM);
    const { Attributes } = await documents.send(
      new UpdateItemCommand({
        TableName: name,
        Key: keyOf(),
        UpdateExpression: 'SET #t = :v0',
        ExpressionAttributeNames: { '#t': 'title' },
        ExpressionAttributeValues: { ':v0': S('b') },
        ReturnValues,
      }),
    );
    expect(Attributes).toEqual(expected);
  });
}
