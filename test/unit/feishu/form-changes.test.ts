import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildInstanceForm, type FormInput } from '../../../shared/feishu/form/build-form.ts';
import { shownOf } from '../../../shared/feishu/shown-content.ts';
import type { Task } from '../../../shared/issue/record.ts';
import { aTask } from '../../support/issue.ts';
import { readForm, textOfField } from './golden/read-form.ts';
import { aFormInput } from './golden/scenarios.ts';

const read = (input: FormInput) => readForm(buildInstanceForm(input), 'en-US');
const manyTasks = (count: number, make: (index: number) => Partial<Task>): Task[] =>
  Array.from({ length: count }, (_, index) => aTask({ taskId: `task-${index}`, ...make(index) }));

describe('the changes since the last request', () => {
  const change = (before: Parameters<typeof aFormInput>[0], now: Parameters<typeof aFormInput>[0]) => {
    const { issue, stage } = aFormInput(before);
    return textOfField(read(aFormInput({ ...now, previous: shownOf(issue, stage) })), 'changes');
  };
  const sql = (statement: string, more: Partial<Task> = {}) => ({
    stage: { tasks: [aTask({ statement, ...more })] },
  });

  it('are absent in the first request and after another stage', () => {
    expect(textOfField(read(aFormInput()), 'changes')).toBe('');
    expect(change({ stage: { stageId: 'other' } }, {})).toBe('');
  });

  it('say if nothing changed that the approval covers', () => {
    expect(change({}, { issue: { title: 'New', assignee: { email: 'ASSIGNEE@example.com' } } })).toBe(
      'SQL, targets and approver are the same as before',
    );
  });

  it('have a short diff of the SQL, once for tasks with the same change', () => {
    const two = (statement: string) => ({
      stage: { tasks: ['a', 'b'].map((taskId) => aTask({ taskId, statement })) },
    });
    expect(change(two('1\n2\n3\n4\n5'), two('1\n2\n3\nfour\n5'))).toBe(
      '▌SQL of tasks 1–2 (all): 1 line added, 1 removed\n▌Line 3\n  3\n- 4\n+ four\n  5',
    );
  });

  it('put foreign lines after a sign and show changed white space', () => {
    expect(change(sql('▌x\n--y'), sql('▌x \r\n--y'))).toBe(
      '▌SQL of task 1: 1 line added, 1 removed\n- \\u{258C}x\n+ \\u{258C}x\\u{20}\n  --y',
    );
  });

  it('say if only line ends changed', () => {
    expect(change(sql('a\nb'), sql('a\r\nb'))).toBe(
      '▌SQL of task 1: only the (invisible) line ends have changed',
    );
  });

  it('show a long line around its only difference, and how much is left out before and after', () => {
    const line = (word: string) => `${', x'.repeat(500)} ${word} ${'y, '.repeat(20)}`;
    const gap = '▌…1,471 characters unchanged…▌ x, x, x, x, x, x, x, x, x, x ';
    const rest = ' y, y, y, y, y, y, y, y, y, y, y, y, y, y, y, y, y, y, y, y,';
    expect(change(sql(line('old')), sql(line('new')))).toBe(
      `▌SQL of task 1: 1 line added, 1 removed\n- ${gap}old${rest}\\u{20}\n+ ${gap}new${rest}\\u{20}`,
    );
  });

  it('show both of two changes in one line of 3,000 characters (docs/lessons.md 39)', () => {
    const line = (limit: string, end: string) =>
      `SELECT ${'a, '.repeat(490)}LIMIT_${limit}, ${'b, '.repeat(490)} FROM t WHERE id = 5${end}`;
    const text = change(sql(line('1', '')), sql(line('900', ' OR 1=1')));
    expect(text.split('\n').slice(1)).toEqual([
      expect.stringMatching(
        /^- ▌…[\d,]+ characters unchanged…▌.*LIMIT_1,.*▌…[\d,]+ characters unchanged…▌.* WHERE id = 5$/,
      ),
      expect.stringMatching(
        /^\+ ▌…[\d,]+ characters unchanged…▌.*LIMIT_900,.*▌…[\d,]+ characters unchanged…▌.* WHERE id = 5 OR 1=1$/,
      ),
    ]);
    expect(text.length).toBeLessThan(700);
  });

  it('show every difference of a long line if there is room, else that there are more', () => {
    const line = (note: string, end: string) =>
      `UPDATE t SET note = '${note}'${' '.repeat(300)}WHERE id = 5${end}`;
    const [before, now] = [line('a', ''), line('b', ' OR 1=1')];
    expect(change(sql(before), sql(now))).toContain('WHERE id = 5 OR 1=1');
    const many = (text: string) => sql(Array.from({ length: 150 }, (_, n) => `${n} ${text}`).join('\n'));
    expect(change(many(before), many(now))).toContain('▌…253 characters unchanged…▌');
    const rewritten = (word: string) =>
      many(Array.from({ length: 40 }, (_, n) => `${word}_${n} ${'same '.repeat(20)}`).join(', '));
    const some = change(rewritten('old'), rewritten('new'));
    expect(some).toMatch(/^- \d+ old_0 .*▌…\d+ more changed places not shown…▌$/m);
    expect(some).not.toContain('old_39');
  });

  it('show a new long line to its end', () => {
    expect(change(sql('SELECT 1;'), sql(`SELECT 1;\n${'y'.repeat(400)} DROP TABLE users;`))).toContain(
      'DROP TABLE users;',
    );
  });

  const lines = (count: number, mark: string) =>
    Array.from({ length: count }, (_, index) => `${mark}${index}`).join('\n');

  it('are whole if there is room', () => {
    const text = change(sql(lines(60, 'a')), sql(lines(60, 'b')));
    expect(text).toContain('- a59\n+ b0\n');
    expect(text).not.toContain('not listed');
    const titles = (mark: string) => ({
      stage: { tasks: manyTasks(50, (n) => ({ taskId: `${mark}${n}` })) },
    });
    expect(change(titles('a'), titles('b')).match(/\n[+-] /g)).toHaveLength(100);
  });

  it('count what they do not list of a long diff, of a rewrite and of many changes', () => {
    const long = (mark: string) =>
      sql(Array.from({ length: 180 }, (_, index) => `${mark}${index}`.padEnd(150, mark)).join('\n'));
    expect(change(long('a'), long('b'))).toContain('\n▌320 more changed lines not listed');
    expect(change(sql(lines(900, 'a')), sql(lines(900, 'b')))).toBe(
      '▌SQL of task 1: too different to list (900 lines before, 900 now)',
    );
    const many = (count: number, mark: string) => ({
      stage: { tasks: manyTasks(count, (index) => ({ statement: `${mark}${index}`.padEnd(100, mark) })) },
    });
    const some = change(many(200, 'a'), many(200, 'b'));
    expect(some).toContain('▌SQL of task 1: 1 line added, 1 removed\n- a0a');
    expect(some).toContain('▌SQL of task 200: 1 line added, 1 removed\n▌2 more changed lines not listed');
    expect(some).not.toContain('more changes');
    const all = change(many(900, 'a'), many(900, 'b'));
    const named = all.match(/▌SQL of task/g)?.length ?? 0;
    expect(named).toBeGreaterThan(200);
    expect(all.endsWith(`\n▌${900 - named} more changes not listed; see the tasks and the SQL below`)).toBe(
      true,
    );
  });

  it('make tabs visible only if the white space of a line is its only change', () => {
    expect(change(sql("SELECT ' a'"), sql("SELECT '\ta'"))).toContain("\n- SELECT ' a'\n+ SELECT '\\u{9}a'");
    expect(change(sql('\tSELECT 1'), sql('\tSELECT 2'))).toContain('\n- \tSELECT 1\n+ \tSELECT 2');
  });

  it('make white space at the end of a changed line visible, including CJK spaces', () => {
    expect(change(sql('SELECT 1'), sql('SELECT 1 \t\u3000'))).toContain(
      '\n- SELECT 1\n+ SELECT 1\\u{20}\\u{9}\\u{3000}',
    );
  });

  it('name added, removed and moved tasks, but no task that only shifted', () => {
    const stage = (...ids: string[]) => ({
      stage: { tasks: ids.map((taskId) => aTask({ taskId, title: `T ${taskId}` })) },
    });
    expect(change(stage('a', 'b', 'c', 'd'), stage('new', 'a', 'd', 'b'))).toBe(
      '▌Added: task 1\n+ T new\n▌Removed: former task 3\n- T c\n▌Order changed: now task 3, was task 4',
    );
  });

  it('name the fewest moved tasks that explain any new order', () => {
    const order = (ids: readonly number[]) => ({
      stage: { tasks: ids.map((id) => aTask({ taskId: `t${id}` })) },
    });
    const longestRun = (ids: readonly number[]): number => {
      const ending: number[] = [];
      for (const [at, id] of ids.entries()) {
        ending[at] = 1 + Math.max(0, ...ending.slice(0, at).filter((_, index) => (ids[index] ?? 0) < id));
      }
      return Math.max(...ending);
    };
    const ids = [0, 1, 2, 3, 4, 5, 6];
    fc.assert(
      fc.property(fc.shuffledSubarray(ids, { minLength: ids.length }), (shuffled) => {
        const moved = change(order(ids), order(shuffled)).match(/Order changed/g)?.length ?? 0;
        expect(moved).toBe(ids.length - longestRun(shuffled));
      }),
    );
  });

  it('name a new instance, database, type, environment and approver', () => {
    const now = {
      stage: { environment: null, tasks: [aTask({ instance: 'i2', database: null, type: 'DML' })] },
    };
    expect(change({}, { ...now, issue: { assignee: { email: 'new@example.com' } } })).toBe(
      [
        '▌Approver\n- assignee@example.com\n+ new@example.com',
        '▌Environment\n- prod\n+ (none named)',
        '▌Instance of task 1\n- mysql-prod-1\n+ i2',
        '▌Database of task 1\n- shop\n+ (none named)',
        '▌Type of task 1\n- DDL\n+ DML',
      ].join('\n'),
    );
  });

  it.each([
    [
      'hash',
      { sha256: 'b'.repeat(64) },
      `SHA-256 of the file: ${'a'.repeat(64)}`,
      `SHA-256 of the file: ${'b'.repeat(64)}`,
    ],
    ['size', { sizeBytes: 11 }, 'Size: 10 bytes', 'Size: 11 bytes'],
    ['address', { uri: 's3://b' }, 'File: s3://a', 'File: s3://b'],
  ])('show a new %s of a sheet', (_, changes, was, is) => {
    const sheet = { uri: 's3://a', sha256: 'a'.repeat(64), sizeBytes: 10, preview: 'p' };
    const of = (value: typeof sheet) => ({ stage: { tasks: [aTask({ statement: null, sheet: value })] } });
    const lines = change(of(sheet), of({ ...sheet, ...changes })).split('\n');
    expect(lines.filter((line) => /^[-+] /.test(line))).toEqual([`- ${was}`, `+ ${is}`]);
  });

  it('name a new version of a sheet, and SQL that became a sheet', () => {
    const sheet = { uri: 's3://a?v=1', sha256: 'a'.repeat(64), sizeBytes: 10, preview: 'p' };
    const next = { ...sheet, uri: 's3://a?v=2', sha256: 'b'.repeat(64) };
    const of = (value: typeof sheet) => ({ stage: { tasks: [aTask({ statement: null, sheet: value })] } });
    expect(change(of(sheet), of(next))).toContain('- File: s3://a?v=1\n+ File: s3://a?v=2');
    expect(change(sql('SELECT 1'), of(next))).toContain('- SELECT 1\n+ File: s3://a?v=2');
  });
});
