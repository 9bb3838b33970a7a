import { describe, expect, it } from 'vitest';
import { buildInstanceForm, type FormInput } from '../../../shared/feishu/form/build-form.ts';
import { FORM_WORDINGS } from '../../../shared/feishu/form/form-kind.ts';
import { findLookAlikes } from '../../../shared/feishu/form/look-alikes.ts';
import { findMixedScripts, SCRIPTS } from '../../../shared/feishu/form/mixed-scripts.ts';
import { aTask } from '../../support/issue.ts';
import { allValues, type Locale, readForm, textOfField } from './golden/read-form.ts';
import { aFormInput } from './golden/scenarios.ts';

const read = (input: FormInput, locale: Locale = 'en-US') => readForm(buildInstanceForm(input), locale);
const withSql = (...statements: string[]): FormInput =>
  aFormInput({
    stage: { tasks: statements.map((statement, index) => aTask({ taskId: `t${index}`, statement })) },
  });
const sqlOf = (statement: string, locale?: Locale) => textOfField(read(withSql(statement), locale), 'sql');
const mixed = (text: string) => findMixedScripts(text).map(({ codePoint }) => codePoint);
const alike = (text: string) => findLookAlikes(text).map(({ codePoint }) => codePoint);

describe('words with mixed scripts', () => {
  it.each([
    ['Cyrillic among Latin', 'SELECT * FROM раypal', ['U+0440', 'U+0430']],
    ['Latin among Cyrillic', 'таблицa', ['U+0061']],
    ['Greek among Latin', "'αdmin'", ['U+03B1']],
    ['Armenian among Latin', 'օrders', ['U+0585']],
    ['Cherokee among Latin', 'ᎪRDERS', ['U+13AA']],
    ['Greek among Cyrillic', 'оοо', ['U+03BF']],
    ['Cyrillic among Han', '订单а', ['U+0430']],
    ['Hangul among kana', '한かな', ['U+D55C']],
    ['Bopomofo among kana', 'ㄅかな', ['U+3105']],
    ['in a comment', '-- usеrs', ['U+0435']],
    ['beside a digit or an underscore', 'order_1_а', ['U+0430']],
  ])('are noted: %s', (_, text, found) => {
    expect(mixed(text)).toEqual(found);
  });

  it.each([
    'SELECT a_1, b$2, #tmp, @var FROM t',
    '订单orders表 ＶＩＰ客户 v2版本',
    'テーブルtable名 ひらがなカタカナ漢字ー々〆',
    '테이블table 漢字한글',
    '注音ㄅㄆㄇabc',
    "'Привет' 'Ελλάδα' 'नमस्ते' 'naïve' 'São'",
    '用户(users)：α、β',
    '数量≥10％，价格¥5～￥9',
    'résumé e\u0301 👩‍💻 Ⅳ ① ½',
  ])('are neither Latin with Han, kana, Hangul or Bopomofo nor words of one script: %s', (text) => {
    expect(mixed(text)).toEqual([]);
  });

  it('are judged by every script of this Unicode version', () => {
    const known = SCRIPTS.map((script) => `\\p{scx=${script}}`).join('');
    const letters = Array.from({ length: 0x110000 }, (_, codePoint) => codePoint).filter((codePoint) =>
      /[\p{L}--\p{scx=Common}]/v.test(String.fromCodePoint(codePoint)),
    );
    const cover = new RegExp(`[${known}]`, 'v');
    expect(letters.length).toBeGreaterThan(100_000);
    expect(letters.filter((codePoint) => !cover.test(String.fromCodePoint(codePoint)))).toEqual([]);
  });
});

describe('characters that look like ASCII punctuation', () => {
  it.each(
    Array.from(
      '；，（）＇＂‘’“”′″‐‑‒–—−∕⁄∗＊＝＜＞‹›。、：！？［］｛｝＃＠；`ǃ─━⸺⎯¦∣∥‖ǀǁ￨„〝〞〟«»❛❝〖〛⟨⟩❪｟｡､﹑⁒'.replace(
        '`',
        '',
      ),
    ),
  )('are noted outside comments and strings: %s', (character) => {
    expect(findLookAlikes(`SELECT 1\n${character} x`)).toEqual([
      { codePoint: expect.stringMatching(/^U\+[0-9A-F]{4}$/), lines: [2] },
    ]);
  });

  it.each([
    ['a string', "SELECT '你好，世界（一）；“二”'"],
    ['a string with a doubled quote', "SELECT 'it''s，'"],
    ['a string of PostgreSQL with an escaped quote', "SELECT E'it\\'s，'"],
    ['a quoted name', 'SELECT "名称（旧）"'],
    ['a line comment', '-- 注释，见（一）；\nSELECT 1 -- 完；'],
    ['a line comment without a space', '--注释，见（一）；\nSELECT 1'],
    ['a block comment', '/* 注释，\n   “见”（一）；*/ SELECT 1'],
    ['names and comments in Chinese', 'SELECT 名称 FROM 订单 -- 订单，备注：无'],
  ])('are not noted in %s', (_, sql) => {
    expect(alike(sql)).toEqual([]);
  });

  it.each([
    ['a backslash before the quote ends the string in some dialects', "'a\\'，'"],
    ['`#` begins a comment in MySQL only', 'SELECT 1 # ，'],
    ['`--1` is arithmetic in MySQL', 'SELECT 5--1，2'],
    ['a backtick quotes in MySQL only', 'SELECT `，`'],
    ['a bracket quotes in SQL Server only', 'SELECT [，]'],
    ['the text between dollar signs is mostly code', 'DO $do$ BEGIN PERFORM 1， END $do$'],
    ['MySQL runs the text of such a comment', 'SELECT /*!50000 1， */ 2'],
    ['comments nest in PostgreSQL, not in MySQL', '/* /* */ ， */ SELECT 1'],
    ['an apostrophe in a comment of MySQL opens no string there', "SELECT 1 # it's\n， 'x'"],
    ['an apostrophe between dollar signs opens no string behind them', "SELECT $a$it's$a$ ， 'x'"],
    ['an apostrophe between dollar signs hides nothing there', "SELECT $a$it's ， $a$, 'x'"],
    ['the end of a nested comment is another in MySQL', "/* /* */ ' */ ， '"],
    ['an apostrophe in a name in brackets opens no string', "SELECT [it's] ， 'x'"],
    ['an apostrophe in a quote of Oracle opens no string behind it', "SELECT q'[it's]' ， 'x'"],
    ['a carriage return ends a comment in PostgreSQL', '-- a\rSELECT 1，2'],
    ['a carriage return ends no comment in MySQL', "-- it's\r' \n， 'x'"],
    ['a string that is not closed', "SELECT '，"],
    ['a comment that is not closed', 'SELECT /* ，'],
  ])('are noted if dialects differ: %s', (_, sql) => {
    expect(alike(sql)).toEqual(['U+FF0C']);
  });

  it('are found up to the end of a statement that is made to be slow', { timeout: 60_000 }, () => {
    for (const piece of ["'", '/*', '$a$', "q'[", '[', "''", '$a$ $b$ ', "\\'", '/* /* ', 'а1', '订α']) {
      const text = piece.repeat(100_000 / piece.length);
      expect([findLookAlikes(`${text}，`), findMixedScripts(text)]).toHaveLength(2);
    }
  });
});

describe('the notes on a statement', () => {
  const odd = 'SELECT *\nFROM раypal；\n-- аdmin';

  it('are one for each kind, with code points and lines', () => {
    expect(sqlOf(odd)).toBe(
      '▌Task 1 · 3 lines\n' +
        '▌⚠ Mixed scripts, may look like another word: U+0440 in line 2, U+0430 in lines 2–3\n' +
        `▌⚠ Look like ASCII punctuation, but are not: U+FF1B in line 2\n${odd}`,
    );
    expect(sqlOf(odd, 'zh-CN')).toContain('▌⚠ 形似英文标点，但不是：U+FF1B（第 2 行）\n');
    expect(sqlOf(odd, 'zh-CN')).toContain('：U+0440（第 2 行）、U+0430（第 2–3 行）\n');
  });

  it('are short, whatever the statement contains', () => {
    const words = Array.from({ length: 500 }, (_, index) => `a${String.fromCodePoint(0x430 + (index % 32))}`);
    const [note = ''] = sqlOf(words.join('\n')).match(/^▌⚠ .*$/m) ?? [];
    expect(note).toContain('U+0430 in lines 1, 33, 65, 97, 129, 161, 193, 225…, U+0431');
    expect(note.endsWith(', 24 more characters not listed')).toBe(true);
    expect(note.length).toBeLessThan(700);
  });

  it('are shorter with many statements, to leave room for the SQL', () => {
    const words = (from: number) =>
      Array.from({ length: 20 }, (_, index) => `a${String.fromCodePoint(0x430 + ((from + index) % 32))}`);
    const many = (count: number) =>
      textOfField(
        read(withSql(...Array.from({ length: count }, (_, index) => words(index).join('\n')))),
        'sql',
      );
    expect(many(20)).toMatch(/^▌⚠ (?:.*U\+){8}.*, 12 more characters not listed$/m);
    expect(many(21)).toMatch(/^▌⚠ (?:[^U]*U\+[^U]*){3}, 17 more characters not listed$/m);
    const all = buildInstanceForm(
      withSql(...Array.from({ length: 200 }, (_, index) => `${words(index).join('；\n')} ${index}`)),
    );
    expect(allValues(readForm(all, 'en-US'))).toContain('\naа；\n');
  });

  it('stand on one page with the beginning of the SQL', () => {
    const first = textOfField(read(withSql(`SELECT раypal； ${'x'.repeat(10_000)}`)), 'sql');
    expect(first.split('\n')).toHaveLength(4);
    expect(first).toContain('\nSELECT ');
  });

  it('are present for cut SQL, for a sheet, and in both wordings', () => {
    const cut = sqlOf(`${'x'.repeat(300_000)}\nраypal`);
    expect(cut).toMatch(/^▌⚠ Mixed scripts.* U\+0440 in line 2, U\+0430 in line 2$/m);
    const sheet = { uri: 's3://a', sha256: 'a'.repeat(64), sizeBytes: 1, preview: odd };
    const input = aFormInput({ stage: { tasks: [aTask({ statement: null, sheet })] } });
    expect(textOfField(read(input), 'sql')).toContain('▌⚠ Mixed scripts');
    for (const level of ['FULL', 'COMPACT'] as const) {
      for (const wording of FORM_WORDINGS) {
        const seen = readForm(buildInstanceForm(withSql(odd), { level, wording }), 'zh-CN');
        expect(textOfField(seen, 'sql').match(/^▌⚠ /gm)).toHaveLength(2);
      }
    }
  });

  it('name the tasks if the card shows no SQL', () => {
    const form = buildInstanceForm(withSql('SELECT 1', odd, "SELECT 'א'", 'SELECT 2；'), {
      level: 'MINIMAL',
      wording: 'KEYS',
    });
    expect(textOfField(readForm(form, 'en-US'), 'sql').split('\n')[1]).toBe(
      '▌⚠ SQL with mixed scripts, look-alike characters or letters that run from right to left: tasks 2–4',
    );
  });

  it('name a single task if the card shows no SQL', () => {
    const form = buildInstanceForm(withSql('SELECT 1', odd), { level: 'MINIMAL', wording: 'KEYS' });
    expect(textOfField(readForm(form, 'en-US'), 'sql')).toMatch(/^▌⚠ SQL with mixed scripts.*: task 2$/m);
  });

  it('are absent for SQL without oddities', () => {
    const sql = "SELECT '订单，（备注）' AS 名称 -- 说明：“旧”表；见 orders 表";
    expect(allValues(read(withSql(sql)))).not.toContain('▌⚠');
  });
});
