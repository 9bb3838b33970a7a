import { describe, expect, it } from 'vitest';
import { buildInstanceForm, type FormInput } from '../../../shared/feishu/form/build-form.ts';
import { cutAfter } from '../../../shared/feishu/form/foreign-text.ts';
import type { Task } from '../../../shared/issue/record.ts';
import { aTask } from '../../support/issue.ts';
import { allValues, readForm, textOfField } from './golden/read-form.ts';
import { aFormInput } from './golden/scenarios.ts';

const read = (input: FormInput) => readForm(buildInstanceForm(input), 'en-US');
const manyTasks = (count: number, make: (index: number) => Partial<Task>): Task[] =>
  Array.from({ length: count }, (_, index) => aTask({ taskId: `task-${index}`, ...make(index) }));
const sqlOf = (...tasks: Partial<Task>[]): string => {
  const seen = read(aFormInput({ stage: { tasks: manyTasks(tasks.length, (index) => tasks[index] ?? {}) } }));
  return textOfField(seen, 'sql');
};

describe('the SQL in the form', () => {
  it('is shown once for equal texts, with the positions of the tasks', () => {
    const [a, b] = [{ statement: 'a' }, { statement: 'b' }];
    expect(sqlOf(a, b, a, a, a)).toBe('▌Tasks 1, 3–5 · 1 line\na\n\n▌Task 2 · 1 line\nb');
  });

  it('names every task that runs it, however many there are', () => {
    const sql = sqlOf(...Array.from({ length: 100 }, (_, index) => ({ statement: index % 2 ? 'b' : 'a' })));
    const odd = Array.from({ length: 50 }, (_, index) => 2 * index + 1).join(', ');
    expect(sql).toContain(`▌Tasks ${odd} · 1 line\na\n`);
  });

  it('is two texts if only white space differs', () => {
    expect(sqlOf({ statement: 'a b' }, { statement: 'a  b' })).toBe(
      '▌Task 1 · 1 line\na b\n\n▌Task 2 · 1 line\na  b',
    );
  });

  it('is two sheets if two hashes have one URI', () => {
    const sheet = (digit: string): Partial<Task> => ({
      statement: null,
      sheet: { uri: 's3://a', sha256: digit.repeat(64), sizeBytes: 1, preview: '' },
    });
    const sql = sqlOf(sheet('a'), sheet('b'), sheet('a'));
    expect(sql).toContain(`▌SHA-256 of the file: ${'a'.repeat(64)}`);
    expect(sql).toContain(`▌SHA-256 of the file: ${'b'.repeat(64)}`);
    expect(sql.match(/▌File/g)).toHaveLength(2);
  });

  it('is whole within the budget with 40 tasks of 2,000 characters (docs/contract.md 2)', () => {
    const statements = Array.from({ length: 40 }, (_, index) => `${index} `.padEnd(2_000, 'x'));
    const sent = buildInstanceForm(
      aFormInput({ stage: { tasks: manyTasks(40, (index) => ({ statement: statements[index] ?? '' })) } }),
    );
    const all = allValues(readForm(sent, 'en-US'));
    for (const statement of statements) expect(all).toContain(`\n${statement}`);
    expect([sent.whole, all.includes('⚠')]).toEqual([true, false]);
  });

  it('is shown even if it is only white space', () => {
    expect(sqlOf({ statement: ' \n' })).toBe('▌Task 1 · (only white space, 2 characters)\n \n');
  });

  it('is not called white space if other text follows much of it', () => {
    const tasks = [aTask({ statement: `${' '.repeat(150_000)}DROP TABLE orders` })];
    const all = allValues(read(aFormInput({ stage: { tasks } })));
    expect(all).not.toContain('white space');
    expect(all).toMatch(/▌Cut after 9\d,\d{3} of 150,017 characters, in line 1 of 1;/);
  });
});

describe('a cut', () => {
  it('is between characters, not inside one of several code points (docs/lessons.md 11)', () => {
    const family = '👨‍👩‍👧‍👦';
    const text = `${'x'.repeat(97)}${family} and more`;
    for (const limit of [97, 98, 100, 103]) {
      expect(cutAfter(text, limit)).toEqual({ text: 'x'.repeat(97), shown: 97, total: 113 });
    }
    expect(cutAfter(text, 104)).toEqual({ text: `${'x'.repeat(97)}${family}`, shown: 104, total: 113 });
  });

  it('is made even inside one very long character', () => {
    expect(cutAfter(`a${'\u0301'.repeat(5_000)}`, 2_000)).toMatchObject({ shown: 2_000, total: 5_001 });
  });

  it('keeps a text that has as many characters as the limit', () => {
    expect(cutAfter('😀😀', 2)).toEqual({ text: '😀😀', shown: 2, total: 2 });
    expect(cutAfter('😀😀', 1)).toEqual({ text: '😀', shown: 1, total: 2 });
  });
});
