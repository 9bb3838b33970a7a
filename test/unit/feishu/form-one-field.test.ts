import { describe, expect, it } from 'vitest';
import { buildInstanceForm, type FormInput } from '../../../shared/feishu/form/build-form.ts';
import { FORM_WORDINGS, type FormKind } from '../../../shared/feishu/form/form-kind.ts';
import { shownOf } from '../../../shared/feishu/shown-content.ts';
import type { Task } from '../../../shared/issue/record.ts';
import { aTask } from '../../support/issue.ts';
import { readForm, textOfField } from './golden/read-form.ts';
import { aFormInput } from './golden/scenarios.ts';

/** Two tasks that differ in one field, and how a card shows both values. */
interface Case {
  name: string;
  one: Partial<Task>;
  other: Partial<Task>;
  field: 'tasks' | 'sql';
  /** Lines of the card. */
  shown: [one: string, other: string];
}

const sheet = { uri: 's3://sheets/1', sha256: 'a'.repeat(64), sizeBytes: 7, preview: 'SELECT 1' };
const ofSheet = (changes: Partial<typeof sheet>): Partial<Task> => ({
  statement: null,
  sheet: { ...sheet, ...changes },
});

const CASES: Case[] = [
  {
    name: 'instance',
    one: { instance: 'mysql-1' },
    other: { instance: 'mysql-2' },
    field: 'tasks',
    shown: ['实例：mysql-1', '实例：mysql-2'],
  },
  {
    name: 'instance, of which one has none',
    one: { instance: 'mysql-1' },
    other: { instance: null },
    field: 'tasks',
    shown: ['▌1. Add a column', '▌2. Add a column'],
  },
  {
    name: 'case of the instance',
    one: { instance: 'mysql-1' },
    other: { instance: 'MySQL-1' },
    field: 'tasks',
    shown: ['实例：mysql-1', '实例：MySQL-1'],
  },
  {
    name: 'type',
    one: { type: 'DDL' },
    other: { type: 'DML' },
    field: 'tasks',
    shown: ['类型：DDL', '类型：DML'],
  },
  {
    name: 'database',
    one: { database: 'a' },
    other: { database: 'b' },
    field: 'tasks',
    shown: ['数据库 1：a', '数据库 2：b'],
  },
  {
    name: 'case of the database',
    one: { database: 'a' },
    other: { database: 'A' },
    field: 'tasks',
    shown: ['数据库 1：a', '数据库 2：A'],
  },
  {
    name: 'white space in the SQL',
    one: { statement: "SELECT 'a b'" },
    other: { statement: "SELECT 'a  b'" },
    field: 'sql',
    shown: ["SELECT 'a b'", "SELECT 'a  b'"],
  },
  {
    name: 'white space at the end of the SQL',
    one: { statement: 'SELECT 1' },
    other: { statement: 'SELECT 1\n' },
    field: 'sql',
    shown: ['▌任务 1 · 1 行', '▌任务 2 · 2 行'],
  },
  {
    name: 'line ends of the SQL',
    one: { statement: 'SELECT 1\nFROM t' },
    other: { statement: 'SELECT 1\r\nFROM t' },
    field: 'sql',
    shown: ['▌任务 1 · 2 行', '▌任务 2 · 2 行'],
  },
  {
    name: 'composition of a letter in the SQL',
    one: { statement: "SELECT '\u00E9'" },
    other: { statement: "SELECT 'e\u0301'" },
    field: 'sql',
    shown: ["SELECT '\u00E9'", "SELECT 'e\u0301'"],
  },
  {
    name: 'size of the sheet',
    one: ofSheet({}),
    other: ofSheet({ sizeBytes: 8 }),
    field: 'sql',
    shown: ['▌大小：7 字节', '▌大小：8 字节'],
  },
  {
    name: 'hash of the sheet',
    one: ofSheet({}),
    other: ofSheet({ sha256: 'b'.repeat(64) }),
    field: 'sql',
    shown: [`▌文件校验值：${'a'.repeat(64)}`, `▌文件校验值：${'b'.repeat(64)}`],
  },
  {
    name: 'address of the sheet',
    one: ofSheet({}),
    other: ofSheet({ uri: 's3://sheets/2' }),
    field: 'sql',
    shown: ['▌文件：s3://sheets/1', '▌文件：s3://sheets/2'],
  },
];

/** PLAIN has both languages in one text. */
const zhOf = (line: string): string =>
  line
    .replace(/ (?:Instance|Type|Database|File|Size|SHA-256 of the file|task)(?=[： ])/, '')
    .replace(/ \/ \d+ lines?$/, '')
    .replace(/ bytes?$/, '');

describe.each(CASES)(
  'two tasks that differ only in: $name (docs/lessons.md 43)',
  ({ one, other, field, shown }) => {
    const tasks = [aTask({ taskId: '1', ...one }), aTask({ taskId: '2', ...other })];
    const kinds = (['FULL', 'COMPACT', 'MINIMAL'] as const)
      .filter((level) => field === 'tasks' || level !== 'MINIMAL')
      .flatMap((level) => FORM_WORDINGS.map((wording): FormKind => ({ level, wording })));

    it.each(kinds)('are both shown: $level $wording', (kind) => {
      const text = textOfField(
        readForm(buildInstanceForm(aFormInput({ stage: { tasks } }), kind), 'zh-CN'),
        field,
      );
      const lines = text.split('\n').map(zhOf);
      for (const line of shown) expect(lines.filter((each) => each === line)).toHaveLength(1);
    });

    it('are different in the changes if one becomes the other', () => {
      const [before, now] = [one, other].map((changes) =>
        aFormInput({ stage: { tasks: [aTask({ taskId: '1', ...changes })] } }),
      );
      if (!before || !now) throw new Error('there are two');
      const previous = shownOf(before.issue, before.stage);
      const card = readForm(buildInstanceForm({ ...now, previous }), 'en-US');
      expect(textOfField(card, 'changes')).toMatch(/^▌(?:Instance|Type|Database|SQL) of task 1/);
    });

    it('are named one by one if both change', () => {
      const becomes = (changes: Partial<Task>, taskId: string) => aTask({ taskId, ...changes });
      const before = aFormInput({ stage: { tasks } });
      const now = aFormInput({ stage: { tasks: [becomes(other, '1'), becomes(one, '2')] } });
      const previous = shownOf(before.issue, before.stage);
      const text = textOfField(readForm(buildInstanceForm({ ...now, previous }), 'en-US'), 'changes');
      expect(text.match(/^▌(?:Instance|Type|Database|SQL) of task [12]\b/gm)).toHaveLength(2);
    });
  },
);

describe('tasks that share an entry (docs/lessons.md 43)', () => {
  const ofTasks = (...changes: Partial<Task>[]) =>
    aFormInput({
      stage: { tasks: changes.map((change, index) => aTask({ taskId: `${index}`, ...change })) },
    });
  const changesOf = (before: FormInput, now: FormInput): string => {
    const previous = shownOf(before.issue, before.stage);
    return textOfField(readForm(buildInstanceForm({ ...now, previous }), 'en-US'), 'changes');
  };

  it('show no database for a task without one', () => {
    const card = readForm(buildInstanceForm(ofTasks({ database: 'a' }, { database: null })), 'en-US');
    expect(textOfField(card, 'tasks')).toContain('\nDatabase 1: a\nTask hash');
  });

  it('show each preview of the same file', () => {
    const card = readForm(buildInstanceForm(ofTasks(ofSheet({}), ofSheet({ preview: 'DROP' }))), 'en-US');
    expect(textOfField(card, 'sql')).toMatch(/\nSELECT 1\n.*\nDROP\n/s);
  });

  it.each(['instance', 'database', 'type', 'statement'] as const)(
    'are named one by one if they had or have another %s',
    (field) => {
      const [a, b, c] = ['a', 'b', 'c'].map((value): Partial<Task> => ({ [field]: value }));
      if (!a || !b || !c) throw new Error('there are three');
      const named = /^▌(?:Instance|Type|Database|SQL) of task [12]\b/gm;
      expect(changesOf(ofTasks(a, b), ofTasks(c, c)).match(named)).toHaveLength(2);
      expect(changesOf(ofTasks(a, a), ofTasks(b, c)).match(named)).toHaveLength(2);
    },
  );
});
