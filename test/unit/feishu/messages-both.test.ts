import { describe, expect, it } from 'vitest';
import { MESSAGES } from '../../../shared/feishu/message-tables.ts';
import { BOTH } from '../../../shared/feishu/messages-both.ts';

/** Foreign texts are arguments, and appear once each. */
const A = '«a»';
const B = '«b»';

type Form = typeof BOTH.form;
type Changes = typeof BOTH.changes;
type Tables = Pick<typeof BOTH, 'form' | 'changes'>;

/** Every text with arguments, by name. */
const FORM: {
  [K in keyof Form as Form[K] extends (...args: never[]) => string ? K : never]: (form: Form) => string;
} = {
  onlyWhiteSpace: (form) => form.onlyWhiteSpace(7),
  issueId: (form) => form.issueId(A),
  requester: (form) => form.requester(A, B),
  taskCount: (form) => form.taskCount(7),
  standingCount: (form) => form.standingCount(A, 7),
  tasks: (form) => form.tasks(A, 7, true),
  morePositions: (form) => form.morePositions(7),
  heading: (form) => form.heading(A, B),
  warned: (form) => form.warned(A),
  instance: (form) => form.instance(A),
  database: (form) => form.database(A),
  databaseOfTask: (form) => form.databaseOfTask(7, A),
  type: (form) => form.type(A),
  taskHash: (form) => form.taskHash(A),
  hashOfTask: (form) => form.hashOfTask(7, A),
  lines: (form) => form.lines(7),
  coversOnly: (form) => form.coversOnly(A),
  mixedScripts: (form) => form.mixedScripts(A),
  lookAlikes: (form) => form.lookAlikes(A),
  place: (form) => form.place(A, B, 7),
  morePlaces: (form) => form.morePlaces(7),
  oddSql: (form) => form.oddSql(A),
  shortened: (form) => form.shortened(7, 8),
  cut: (form) => form.cut({ shown: 7, total: 8, line: 2, lines: 3, url: A }),
  sheetUri: (form) => form.sheetUri(A),
  sheetSize: (form) => form.sheetSize(7),
  sheetHash: (form) => form.sheetHash(A),
  previewEnds: (form) => form.previewEnds(A),
  leftOutSql: (form) => form.leftOutSql(7, 8, A),
  leftOutSheets: (form) => form.leftOutSheets(A),
  leftOutTasks: (form) => form.leftOutTasks(A),
  leftOutTargets: (form) => form.leftOutTargets(A),
  readTheWhole: (form) => form.readTheWhole(A),
  incomplete: (form) => form.incomplete(7, 8, A),
  unlisted: (form) => form.unlisted(7, 8, A),
  shortenedTargets: (form) => form.shortenedTargets(7, 8, A),
  noSql: (form) => form.noSql(A),
  contentHash: (form) => form.contentHash('0123456789abcdef'),
};
const CHANGES: {
  [K in keyof Changes as Changes[K] extends (...args: never[]) => string ? K : never]: (
    changes: Changes,
  ) => string;
} = {
  instance: (changes) => changes.instance(A),
  database: (changes) => changes.database(A),
  type: (changes) => changes.type(A),
  added: (changes) => changes.added(A),
  removed: (changes) => changes.removed(A),
  moved: (changes) => changes.moved(A, B),
  sql: (changes) => changes.sql(A, 7, 8),
  lineEnds: (changes) => changes.lineEnds(A),
  tooDifferent: (changes) => changes.tooDifferent(A, 7, 8),
  atLine: (changes) => changes.atLine(7),
  moreLines: (changes) => changes.moreLines(7),
  unchangedCharacters: (changes) => changes.unchangedCharacters(7),
  moreCharacters: (changes) => changes.moreCharacters(7),
  morePlaces: (changes) => changes.morePlaces(7),
  asksNow: (changes) => changes.asksNow(A),
  asksNoLonger: (changes) => changes.asksNoLonger(A),
  moreTitles: (changes) => changes.moreTitles(7),
  moreChanges: (changes) => changes.moreChanges(7),
};

const PHRASES: [name: string, phrase: (tables: Tables) => string][] = [
  ...Object.entries(FORM).map(([name, phrase]): [string, (tables: Tables) => string] => [
    `form.${name}`,
    ({ form }) => phrase(form),
  ]),
  ...Object.entries(CHANGES).map(([name, phrase]): [string, (tables: Tables) => string] => [
    `changes.${name}`,
    ({ changes }) => phrase(changes),
  ]),
];

/** Fixed texts by their path. */
const textsOf = (table: object, prefix = ''): [string, string][] =>
  Object.entries(table).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[`${prefix}${key}`, value] as [string, string]]
      : typeof value === 'object' && value !== null
        ? textsOf(value, `${prefix}${key}.`)
        : [],
  );
const texts = new Map(textsOf(BOTH));

const wordsOf = (text: string): string[] =>
  text
    .replaceAll(A, ' ')
    .replaceAll(B, ' ')
    .toLowerCase()
    .match(/\p{Script=Han}+|[a-z]{2,}/gu) ?? [];

/** Texts that join the languages in another way, and why. */
const OTHERWISE: Record<string, string[]> = {
  // The short text of a note that stands at many places.
  'form.cut': ['以上为前', '共', '止于第', 'of', 'in'],
  // The list stands after the text, not inside it.
  'changes.instance': ['的实例', 'of'],
  'changes.database': ['的数据库', 'of'],
  'changes.type': ['的类型', 'of'],
  'changes.removed': ['原'],
  'changes.sql': ['的语句', 'of'],
  'changes.lineEnds': ['的语句', 'of'],
  'changes.tooDifferent': ['的语句', 'of'],
};

describe('the table of both languages', () => {
  it.each(PHRASES)('%s has both languages, and foreign text once', (name, phrase) => {
    const both = phrase(BOTH);
    const others = [phrase(MESSAGES['zh-CN']), phrase(MESSAGES['en-US'])];
    const missing = others.flatMap(wordsOf).filter((word) => !both.toLowerCase().includes(word));
    expect(missing.filter((word) => !OTHERWISE[name]?.includes(word))).toEqual([]);
    for (const argument of [A, B]) {
      expect(both.split(argument).length).toBe(others[0]?.split(argument).length);
      expect(both.split(argument).length).toBeLessThanOrEqual(2);
    }
  });

  it('has every fixed text in both languages', () => {
    const [zh, en] = [MESSAGES['zh-CN'], MESSAGES['en-US']].map((messages) => new Map(textsOf(messages)));
    expect(texts.size).toBeGreaterThan(30);
    for (const [path, text] of texts) {
      const missing = [zh?.get(path) ?? '?', en?.get(path) ?? '?']
        .flatMap(wordsOf)
        .filter((word) => !text.toLowerCase().includes(word));
      expect({ path, missing }).toEqual({ path, missing: [] });
    }
  });

  it('has the whole hash once', () => {
    const hash = 'f'.repeat(64);
    expect(BOTH.form.contentHash(hash).split(hash)).toHaveLength(2);
  });
});
