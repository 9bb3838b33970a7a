import { describe, expect, it } from 'vitest';
import type { MakePlace } from '../place.ts';
import { aTable, type Given, L, M, N, S } from './table.ts';

const ITEM = {
  title: S('a'),
  author: S('b'),
  price: N('5'),
  huge: N('12345678901234567890.5'),
  yes: { BOOL: true },
  nothing: { NULL: true as const },
  bytes: { B: Uint8Array.of(1, 2) },
  words: { SS: ['a', 'b'] },
  numbers: { NS: ['1', '2'] },
  tree: M({ a: N('1'), twig: M({ b: S('x') }), pages: L(N('0'), M({ c: N('2') })) }),
  pages: L(N('0'), N('1'), L(S('deep'))),
};

const v = (...values: NonNullable<Given['values']>[string][]): Given => ({
  values: Object.fromEntries(values.map((value, index) => [`v${index}`, value])),
});

const HOLDS: [string, Given?][] = [
  ['price = :v0', v(N('5.0'))],
  [':v0 = price', v(N('5'))],
  [':v0 = :v1', v(N('1'), N('1.0'))],
  ['huge = :v0', v(N('12345678901234567890.50'))],
  ['price < :v0', v(N('10'))],
  ['huge < :v0', v(N('12345678901234567890.6'))],
  ['price <= :v0', v(N('5'))],
  ['price > :v0', v(N('-10'))],
  ['price >= :v0', v(N('5.00'))],
  ['title < author'],
  ['title < :v0', v(S('\u5ba1'))],
  [':v0 < :v1', v(S('\uFFFD'), S('\u{1F600}'))],
  ['bytes < :v0', v({ B: Uint8Array.of(1, 200) })],
  ['price <> :v0', v(S('5'))],
  ['absent <> :v0', v(S('5'))],
  ['absent <> gone'],
  ['yes = :v0', v({ BOOL: true })],
  ['nothing = :v0', v({ NULL: true })],
  ['words = :v0', v({ SS: ['b', 'a'] })],
  ['numbers = :v0', v({ NS: ['2.0', '1'] })],
  ['tree = :v0', v(M({ pages: L(N('-0'), M({ c: N('2.0') })), twig: M({ b: S('x') }), a: N('1') }))],
  ['pages = :v0', v(L(N('0'), N('1.00'), L(S('deep'))))],
  ['tree.twig.b = :v0', v(S('x'))],
  ['tree.#l[1].c = :v0', { names: { l: 'pages' }, ...v(N('2')) }],
  ['pages[2][0] = :v0', v(S('deep'))],
  ['tree . a = :v0 AND pages[ 1 ] = :v0', v(N('1'))],
  ['attribute_exists(tree.twig)'],
  ['attribute_exists(nothing)'],
  ['attribute_exists(pages[2])'],
  ['attribute_exists (title)'],
  ['attribute_not_exists(pages[3])'],
  ['attribute_not_exists(pages.a)'],
  ['attribute_not_exists(tree[0])'],
  ['attribute_not_exists(title.a.b[3])'],
  ['attribute_not_exists(tree.#c.#n)', { names: { c: 'constructor', n: 'name' } }],
  ['attribute_type(tree, :v0)', v(S('M'))],
  ['attribute_type(nothing, :v0)', v(S('NULL'))],
  ['attribute_type(:v0, :v1)', v(N('1'), S('N'))],
  ['title = :v0 OR price = :v0 AND price = :v0', v(S('a'))],
  ['(title = :v0 OR price = :v0) AND attribute_exists(yes)', v(S('a'))],
  ['((title = :v0) AND (attribute_exists(yes)))', v(S('a'))],
  ['title = :v0 and attribute_exists(yes) Or attribute_exists(gone)', v(S('a'))],
  ['#t=:v0', { names: { t: 'title' }, ...v(S('a')) }],
  ['price<:v0', v(N('6'))],
  ['title IN (:v0, :v1)', v(S('x'), S('a'))],
  ['title in (author, :v0)', v(S('a'))],
  [':v0 IN (gone, price) AND attribute_exists(yes)', v(N('5.0'))],
];

const FAILS: [string, Given?][] = [
  ['price = :v0', v(S('5'))],
  ['title = :v0', v(S('A'))],
  ['absent = :v0', v(S('a'))],
  ['absent = gone'],
  ['absent < :v0', v(N('1'))],
  ['title < :v0', v(N('1'))],
  ['yes < nothing'],
  ['huge = :v0', v(N('12345678901234567890.4'))],
  ['huge < :v0', v(N('12345678901234567890.4'))],
  ['words = :v0', v({ SS: ['a'] })],
  ['words = :v0', v(L(S('a'), S('b')))],
  ['tree = :v0', v(M({ a: N('1') }))],
  ['pages = :v0', v(L(N('1'), N('0'), L(S('deep'))))],
  ['pages[0] = :v0', v(N('1'))],
  ['pages[9] = :v0', v(N('1'))],
  ['tree.gone.b = :v0', v(N('1'))],
  ['attribute_exists(tree.toString)'],
  ['attribute_exists(pages[3])'],
  ['attribute_not_exists(tree)'],
  ['attribute_type(title, :v0)', v(S('N'))],
  ['attribute_type(gone, :v0)', v(S('S'))],
  ['(title = :v0 OR price = :v0) AND attribute_exists(gone)', v(S('a'))],
  ['title IN (:v0, :v1)', v(S('x'), N('1'))],
  ['gone IN (:v0)', v(S('x'))],
];

const REFUSED: [string, Given?][] = [
  ['', undefined],
  ['  ', undefined],
  ['title', undefined],
  ['title AND attribute_exists(yes)', undefined],
  ['title = :v0 AND', v(S('a'))],
  ['title = :v0 = :v0', v(S('a'))],
  ['title IN :v0', v(S('a'))],
  ['title IN ()', undefined],
  ['title IN (:v0', v(S('a'))],
  ['title == :v0', v(S('a'))],
  ['title != :v0', v(S('a'))],
  ['title = "a"', undefined],
  ['price = 5', undefined],
  ['(title = :v0', v(S('a'))],
  ['title = :v0)', v(S('a'))],
  ['((title = :v0))', v(S('a'))],
  ['_text = :v0', v(S('a'))],
  ['1text = :v0', v(S('a'))],
  ['te-xt = :v0', v(S('a'))],
  ['\u5ba1 = :v0', v(S('a'))],
  ['pages[01] = :v0', v(S('a'))],
  ['pages[-1] = :v0', v(S('a'))],
  ['pages[:v0] = :v0', v(S('a'))],
  ['pages[99999999999] = :v0', v(S('a'))],
  ['pages[] = :v0', v(S('a'))],
  ['tree..a = :v0', v(S('a'))],
  ['title = title', undefined],
  ['#t = title', { names: { t: 'title' } }],
  ['price < :v0', v({ BOOL: true })],
  ['attribute_exists(gone) AND price > :v0', v(L())],
  ['attribute_exists(:v0)', v(S('a'))],
  ['attribute_exists()', undefined],
  ['attribute_exists(title, price)', undefined],
  ['attribute_exists title', undefined],
  ['attribute_exists(title) attribute_exists(price)', undefined],
  ['ATTRIBUTE_EXISTS(title)', undefined],
  ['exists(title)', undefined],
  ['if_not_exists(title, :v0) = :v0', v(S('a'))],
  ['price + :v0 = :v0', v(N('1'))],
  ['attribute_type(title, :v0)', v(S('TEXT'))],
  ['attribute_type(title, :v0)', v(N('1'))],
  ['attribute_type(title, author)', undefined],
  ['status = :v0', v(S('a'))],
  ['STATE = :v0', v(S('a'))],
  ['tree.lock = :v0', v(S('a'))],
  ['pk.a = :v0', v(S('a'))],
  ['due.a = :v0', v(S('a'))],
  ['title = :v1', v(S('a'))],
  ['title = :v0', undefined],
  ['#t = :v0', v(S('a'))],
  ['title = :v0', v(S('a'), S('unused'))],
  ['title = :v0', { names: { t: 'unused' }, ...v(S('a')) }],
  ['title = :v0', { names: {}, ...v(S('a')) }],
  ['attribute_exists(title)', { values: {} }],
  ['#t = :v0', { names: { t: '' }, ...v(S('a')) }],
  ['#t-t = :v0', { names: { 't-t': 'title' }, ...v(S('a')) }],
  ['title = :v0', v({ SS: [] })],
  ['title = :v0', v(N('x'))],
  ['title = :v0', v(M({ '': N('1') }))],
];

export function describeConditions(makePlace: MakePlace): void {
  const anItem = async () => {
    const table = await aTable(makePlace);
    await table.put(ITEM);
    return table;
  };

  it.each(HOLDS)('%s holds %j', async (condition, given) => {
    expect(await (await anItem()).holds(condition, given)).toBe('OK');
  });

  it.each(FAILS)('%s does not hold %j', async (condition, given) => {
    expect(await (await anItem()).holds(condition, given)).toBe('ConditionalCheckFailedException');
  });

  it.each(REFUSED)('%s is refused %j', async (condition, given) => {
    expect(await (await anItem()).holds(condition, given)).toBe('ValidationException');
  });

  it('accept a name of 128 Chinese characters', async () => {
    const { put, holds } = await aTable(makePlace);
    const name = '\u5ba1'.repeat(128);
    await put({ [name]: S('a') });
    expect(await holds('#n = :v0', { names: { n: name }, ...v(S('a')) })).toBe('OK');
  });

  it('accept at most 32 parts of a path, 300 operators and 4,096 bytes', async () => {
    const { put, holds } = await aTable(makePlace);
    await put(ITEM);
    const results = await Promise.all([
      holds(`attribute_not_exists(tree${'.a'.repeat(31)})`),
      holds(Array.from({ length: 150 }, () => 'title = :v0').join(' OR '), v(S('a'))),
      holds('title = :v0'.padEnd(4_096), v(S('a'))),
      holds(`attribute_not_exists(tree${'.a'.repeat(32)})`),
      holds(Array.from({ length: 151 }, () => 'title = :v0').join(' OR '), v(S('a'))),
      holds('title = :v0'.padEnd(4_097), v(S('a'))),
    ]);
    expect(results).toEqual(['OK', 'OK', 'OK', ...Array.from({ length: 3 }, () => 'ValidationException')]);
  });

  describe('on an item that does not exist', () => {
    it('hold only if they are about missing attributes', async () => {
      const { holds } = await aTable(makePlace);
      expect(await holds('attribute_exists(pk)')).toBe('ConditionalCheckFailedException');
      expect(await holds('title = :v0', v(S('a')))).toBe('ConditionalCheckFailedException');
      expect(await holds('attribute_not_exists(pk)')).toBe('OK');
    });
  });

  it('are checked before the update, and after errors that need no item', async () => {
    const { update, put } = await aTable(makePlace);
    await put(ITEM);
    const never = { ConditionExpression: 'attribute_not_exists(pk)' };
    expect(await update({ UpdateExpression: 'SET gone.x = :v0', ...never, ...v(S('a')) })).toBe(
      'ConditionalCheckFailedException',
    );
    expect(await update({ UpdateExpression: 'SET pk = :v0', ...never, ...v(S('a')) })).toBe(
      'ConditionalCheckFailedException',
    );
    expect(await update({ UpdateExpression: 'SET tree = :v0, tree.a = :v0', ...never, ...v(S('a')) })).toBe(
      'ValidationException',
    );
  });
}
