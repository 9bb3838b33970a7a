import { describe, expect, it } from 'vitest';
import { buildInstanceForm, FORM_BUDGETS, type FormInput } from '../../../shared/feishu/form/build-form.ts';
import type { FormKind } from '../../../shared/feishu/form/form-kind.ts';
import { FORM_LEVELS, FORM_WORDINGS } from '../../../shared/feishu/form/form-kind.ts';
import { taskHash } from '../../../shared/issue/content-hash.ts';
import type { Task } from '../../../shared/issue/record.ts';
import { aTask } from '../../support/issue.ts';
import { allValues, type Locale, readForm, textOfField } from './golden/read-form.ts';
import { aFormInput, twoHundredTasks } from './golden/scenarios.ts';

const FULL: FormKind = { level: 'FULL', wording: 'KEYS' };
const MINIMAL: FormKind = { level: 'MINIMAL', wording: 'KEYS' };
const read = (input: FormInput, kind = FULL, locale: Locale = 'en-US') =>
  readForm(buildInstanceForm(input, kind), locale);
const withTasks = (tasks: Partial<Task>[]): FormInput =>
  aFormInput({ stage: { tasks: tasks.map((task, index) => aTask({ taskId: `t${index}`, ...task })) } });
const linesOf = (text: string): string[] => text.split('\n');
const URL = 'https://frabit.example.com/issues/1';
const sheet = { uri: 's3://a', sha256: 'a'.repeat(64), sizeBytes: 1, preview: 'p' };

describe('the first line of the card', () => {
  it('counts the tasks whose statement is not whole, of all with a statement, also if several have the same SQL', () => {
    const huge = 'x'.repeat(300_000);
    const input = withTasks([
      { statement: huge },
      { statement: 'a' },
      { statement: huge },
      { statement: '' },
      { statement: null, sheet },
    ]);
    expect(linesOf(textOfField(read(input), 'issue'))).toEqual([
      `▌⚠ 3 of 4 statements are not, or not wholly, on this card: open Frabit ${URL}`,
      'Orders get a note',
      'ID: issue-1',
    ]);
    expect(linesOf(textOfField(read(input, FULL, 'zh-CN'), 'issue'))[0]).toBe(
      `▌⚠ 本卡片未完整显示 4 条语句中的 3 条，请打开工单查看：${URL}`,
    );
    expect(linesOf(textOfField(read(input, { level: 'FULL', wording: 'PLAIN' }), 'issue'))[0]).toBe(
      '▌⚠ 本卡片未完整显示 4 条语句中的 3 条，请打开工单查看 / ' +
        `3 of 4 statements are not, or not wholly, on this card: open Frabit：${URL}`,
    );
  });

  it.each(FORM_LEVELS.flatMap((level) => FORM_WORDINGS.map((wording) => ({ level, wording }))))(
    'is there exactly when something is not whole: $level $wording',
    (kind) => {
      const firstOf = (input: FormInput) => linesOf(textOfField(read(input, kind), 'issue'))[0];
      const cases = [withTasks([{ statement: '' }]), withTasks([{ statement: 'a' }]), twoHundredTasks];
      for (const input of [...cases, withTasks([{ statement: null, sheet }])]) {
        expect(firstOf(input)?.startsWith('▌⚠ ')).toBe(!buildInstanceForm(input, kind).whole);
      }
      expect(buildInstanceForm(withTasks([{ statement: '' }]), kind).whole).toBe(true);
      expect(buildInstanceForm(withTasks([{ statement: 'a' }]), kind).whole).toBe(kind.level !== 'MINIMAL');
      expect(buildInstanceForm(withTasks([{ statement: null, sheet }]), kind).whole).toBe(false);
      expect(buildInstanceForm(twoHundredTasks, kind).whole).toBe(false);
    },
  );

  it('also says how many tasks are not listed', () => {
    const seen = read(twoHundredTasks, MINIMAL);
    const listed = textOfField(seen, 'tasks').match(/^▌\d+\. /gm)?.length ?? 0;
    expect(listed).toBeGreaterThan(10);
    expect(linesOf(textOfField(seen, 'issue'))[1]).toBe(
      `▌⚠ ${200 - listed} of 200 tasks are not listed: open Frabit ${URL}`,
    );
    expect(textOfField(seen, 'left_out')).toContain(`\nNot listed: tasks ${listed + 1}–200\n`);
  });

  it('leaves out a URL that is too long, which stands below', () => {
    const input = {
      ...twoHundredTasks,
      issue: { ...twoHundredTasks.issue, url: `https://x/${'y'.repeat(900)}` },
    };
    const seen = read(input, MINIMAL);
    expect(linesOf(textOfField(seen, 'issue'))[0]).toMatch(/on this card: open Frabit$/);
    expect(textOfField(seen, 'link')).toBe(input.issue.url);
  });
});

describe('what is left out', () => {
  it('is in a field of its own, with the tasks and how much', () => {
    const seen = read(withTasks([{ statement: 'x'.repeat(300_000) }, { statement: 'y'.repeat(100) }]));
    const shown =
      allValues(seen)
        .match(/x{50,}/g)
        ?.join('').length ?? 0;
    expect(textOfField(seen, 'left_out')).toBe(
      `${(300_000 - shown).toLocaleString('en-US')} of 300,100 characters of SQL are left out (task 1)\n` +
        `Read the whole in Frabit before you decide: ${URL}`,
    );
    expect(textOfField(read(aFormInput()), 'left_out')).toBe('');
  });

  it('names no more than twenty ranges of tasks', () => {
    const tasks = Array.from({ length: 100 }, (_, index) => ({
      statement: index % 2 ? '' : `${index}`.padEnd(6_000, 'x'),
    }));
    expect(textOfField(read(withTasks(tasks)), 'left_out')).toContain('37, 39, … (50 in all))');
  });

  it('is said instead of all SQL, if there is none', () => {
    const kinds = read(twoHundredTasks, MINIMAL);
    expect(textOfField(kinds, 'sql')).toBe(`▌There is no SQL on this card; read it in Frabit: ${URL}`);
    expect(textOfField(read(withTasks([{ statement: '' }]), MINIMAL), 'sql')).toBe('');
  });
});

describe('the list of tasks', () => {
  it('has the hash of every task, in full if there is room', () => {
    const input = withTasks([{ title: 'a' }, { title: 'b', database: 'x' }, { title: 'b', database: 'y' }]);
    const [a, b, c] = input.stage.tasks.map(taskHash);
    expect(textOfField(read(input), 'tasks')).toBe(
      `▌3 tasks; pending approval\n▌1. a\nType: DDL\nInstance: mysql-prod-1\nDatabase: shop\nTask hash: ${a}\n` +
        '▌2–3. b\nType: DDL\nInstance: mysql-prod-1\nDatabase 2: x\nDatabase 3: y\n' +
        `Task hash 2: ${b}\nTask hash 3: ${c}`,
    );
  });

  it('separates neighbours that differ in title, type, instance, status or check', () => {
    const others: Partial<Task>[] = [
      { title: 'z' },
      { type: 'DML' },
      { instance: 'i2' },
      { status: 'DONE' },
      { check: 'WARN' },
    ];
    for (const other of others) {
      expect(textOfField(read(withTasks([{}, other])), 'tasks').match(/^▌\d+\. /gm)).toHaveLength(2);
    }
  });

  const distinct = (count: number, statement: (index: number) => string) =>
    withTasks(
      Array.from({ length: count }, (_, index) => ({
        title: `${index} `.padEnd(60, 't'),
        instance: `${index} `.padEnd(60, 'i'),
        check: index % 100 === 99 ? ('ERROR' as const) : ('SUCCESS' as const),
        statement: statement(index),
      })),
    );

  it('is shortened before a task is left out: names to 40 characters, hashes to 16 digits', () => {
    const input = distinct(300, (index) => `SELECT ${index} FROM orders`);
    const sent = buildInstanceForm(input);
    const all = allValues(readForm(sent, 'en-US'));
    for (const task of input.stage.tasks) {
      expect(all).toContain(`. ${task.title.slice(0, 40)}… (cut after 40 of 60 characters)\n`);
      expect(all).toContain(`Task hash: ${taskHash(task).slice(0, 16)}…\n`);
    }
    expect(all).not.toContain('not listed');
  });

  it('counts unlisted tasks by status and check', () => {
    const seen = read(distinct(1_000, () => 'SELECT 1'));
    const all = allValues(seen);
    const listed = all.match(/^▌\d+\. \d/gm)?.length ?? 0;
    const rest = 1_000 - listed;
    const failed = 10 - Math.floor(listed / 100);
    expect(all).toContain(
      `▌⚠ ${rest} of 1,000 tasks are not listed: open Frabit; pending approval: ${rest}; ` +
        `check passed: ${rest - failed}; ⚠ check failed: ${failed}`,
    );
    expect(all).toContain(`▌${listed}. `);
    expect(textOfField(seen, 'sql')).toBe('▌Tasks 1–1000 (all) · 1 line\nSELECT 1');
  });

  it('says if a stage has no tasks', () => {
    expect(textOfField(read(withTasks([])), 'tasks')).toBe('▌This stage has no tasks');
  });
});

describe.each(['type', 'instance', 'database'] as const)(
  'a list of tasks of which one %s is cut',
  (field) => {
    const input = withTasks([{ [field]: 'x'.repeat(300) }, {}]);

    it('is not whole, and the first line and the field of what is left out say so', () => {
      const card = buildInstanceForm(input);
      expect(card.whole).toBe(false);
      const seen = readForm(card, 'en-US');
      expect(linesOf(textOfField(seen, 'issue'))[0]).toMatch(
        /^▌⚠ 1 of 2 tasks has a shortened type, instance or database: open Frabit /,
      );
      expect(textOfField(seen, 'left_out')).toMatch(/^Type, instance or database shortened: task 1\n/);
    });
  },
);

it('says if a target is cut, because it is part of what is approved', () => {
  const database = (end: string) => `${'orders_'.repeat(40)}${end}`;
  const input = withTasks(['production', 'staging'].map((end) => ({ database: database(end) })));
  const card = buildInstanceForm(input, { level: 'FULL', wording: 'KEYS' });
  expect(card.whole).toBe(false);
  const [first] = linesOf(textOfField(read(input), 'issue'));
  expect(first).toMatch(/^▌⚠ 2 of 2 tasks have a shortened type, instance or database: open Frabit /);
});

it.each(FORM_LEVELS)('a card names its level: %s', (level) => {
  const names = { FULL: ['full', '标准'], COMPACT: ['compact', '精简'], MINIMAL: ['minimal', '最简'] };
  const [en, zh] = names[level];
  const hashOf = (locale: Locale, wording: FormKind['wording']) =>
    linesOf(textOfField(read(aFormInput(), { level, wording }, locale), 'content_hash')).at(-1);
  expect(hashOf('en-US', 'KEYS')).toMatch(new RegExp(`^Form of this card: ${en}\\. `));
  expect(hashOf('zh-CN', 'KEYS')).toMatch(new RegExp(`^卡片形式：${zh}。`));
  expect(hashOf('zh-CN', 'PLAIN')).toMatch(new RegExp(`^卡片形式：${zh}。.* / Form of this card: ${en}\\. `));
});

it('a card has the budgets that ADR 13 names', () => {
  expect(FORM_BUDGETS).toEqual({ FULL: 200_000, COMPACT: 60_000, MINIMAL: 16_000 });
});
