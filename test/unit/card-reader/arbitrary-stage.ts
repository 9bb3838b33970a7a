import fc from 'fast-check';
import { CHECK_STATUSES, type Stage, TASK_STATUSES, type Task } from '../../../shared/issue/record.ts';
import { aTask } from '../../support/issue.ts';

/** Random stages that a card must be able to show. */

/** Texts that a card could show wrongly: invisible, moved, or like our own texts or escapes. */
const PIECES = [
  'SELECT',
  ' ',
  '  ',
  '\t',
  '\n',
  '\r\n',
  '\r',
  '\n\n',
  '\u3000',
  '\u00A0',
  '\u200B',
  '\u202E',
  '\u2028',
  '\u0000',
  '\uFEFF',
  'א',
  'مرحبا',
  '١',
  '👩‍💻',
  '🇨🇳',
  '❤️',
  '\uFE0F',
  'e\u0301',
  '\u0301\u0301',
  '\u0336',
  '漢字',
  '𠮷',
  'а',
  '；',
  '▌',
  '│',
  '▌Task 2 · 1 line',
  '任务 2 · 1 行',
  '▌Cut after 1 of 2 characters, in line 1 of 1',
  '\\u{41}',
  '\\',
  '\\u',
  '{41}',
  '@i18n@value_sql',
  '(empty)',
  'Database: x',
  'pending approval',
  '1. Task',
  "it's",
  '\uE000',
  '\u2800',
];
const pieces = (most: number) =>
  fc.array(fc.constantFrom(...PIECES), { maxLength: most }).map((some) => some.join(''));
const text = fc.oneof(
  { weight: 3, arbitrary: pieces(8) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
);

/** Few names, so that neighbours are often equal. */
const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('prod-1', 'prod-2', 'Prod-1', 'prod-1 ', '', ' ') },
  { weight: 2, arbitrary: text },
  { weight: 1, arbitrary: fc.constantFrom('n'.repeat(41), 'n'.repeat(201), '字'.repeat(300)) },
);
const optionalName = fc.option(name, { freq: 3 });
const statement = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'SELECT 1',
      'SELECT  1',
      'SELECT 1\n',
      'SELECT 1\r\nFROM t',
      'SELECT 1\nFROM t',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '\n', ' \r\n\t') },
  { weight: 4, arbitrary: text },
  {
    weight: 1,
    arbitrary: fc
      .tuple(pieces(6), fc.constantFrom(40, 40, 40, 700, 700, 2_500))
      .map(([some, times]) => `SELECT 1;\n${some}`.repeat(times).slice(0, 110_000).toWellFormed()),
  },
);
const sheet = fc.record({
  uri: fc.constantFrom(
    's3://sheets/1',
    's3://sheets/2',
    's3://sheets/a\u200B\u{5C}b',
    `s3://${'u'.repeat(1_100)}`,
  ),
  sha256: fc.constantFrom('a'.repeat(64), 'A'.repeat(64), 'b'.repeat(64)),
  sizeBytes: fc.constantFrom(0, 1, 1_234_567),
  preview: fc.oneof(fc.constantFrom('', 'SELECT 1', '\n'), text),
});

const changes: fc.Arbitrary<Partial<Task>> = fc.record({
  title: name,
  type: optionalName,
  instance: optionalName,
  database: optionalName,
  status: fc.oneof(fc.constant('PENDING_APPROVAL' as const), fc.constantFrom(...TASK_STATUSES)),
  check: fc.option(fc.constantFrom(...CHECK_STATUSES)),
});
const sql: fc.Arbitrary<Partial<Task>> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ statement }) },
  { weight: 1, arbitrary: fc.record({ statement: fc.constant(null), sheet }) },
);

const task = fc.tuple(changes, sql).map(([one, other]) => aTask({ ...one, ...other }));
/** Tasks whose neighbours often differ in one field only. */
const tasks = fc
  .array(
    fc.oneof(
      { weight: 2, arbitrary: task.map((one): Partial<Task> => one) },
      {
        weight: 2,
        arbitrary: fc.oneof(fc.record({ database: optionalName }), fc.record({ instance: optionalName })),
      },
      { weight: 1, arbitrary: fc.oneof(fc.record({ type: optionalName }), fc.record({ title: name })) },
      { weight: 1, arbitrary: fc.constant({}) },
    ),
    { minLength: 1, maxLength: 9 },
  )
  .map((some) =>
    some.reduce<Task[]>((all, one, index) => {
      all.push({ ...(all.at(-1) ?? aTask()), ...one, taskId: `task-${index + 1}` });
      return all;
    }, []),
  );

export const stage: fc.Arbitrary<Stage> = fc.record({
  stageId: fc.constantFrom('s1', '阶段/2'),
  title: name,
  environment: optionalName,
  tasks,
});
export const issueTitle = text.map((some) => some.slice(0, 400).toWellFormed() || 'x');

/** An edit of a line of SQL, at a position from 0 to 1. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  by: fc.oneof(
    fc.constantFrom('REMOVE' as const, 'REPEAT' as const, 'WINDOWS' as const),
    pieces(3).map((inserted) => ({ inserted })),
  ),
});

function editSql(sql: string, { at, by }: { at: number; by: string | { inserted: string } }): string {
  const lines = sql.split('\n');
  const index = Math.min(lines.length - 1, Math.floor(at * lines.length));
  const line = lines[index] ?? '';
  const middle = Math.floor(at * line.length);
  if (by === 'REMOVE') lines.splice(index, 1);
  else if (by === 'REPEAT') lines.splice(index, 0, line);
  else if (by === 'WINDOWS') lines[index] = `${line}\r`;
  else if (typeof by === 'object') lines[index] = line.slice(0, middle) + by.inserted + line.slice(middle);
  return lines.join('\n').toWellFormed();
}

/** A statement with many long lines, which a list of changes cannot show whole. */
const longStatement = fc
  .tuple(pieces(4), fc.constantFrom(1, 3, 60), fc.constantFrom(1, 40, 200))
  .map(([some, lines, words]) =>
    Array.from({ length: lines }, (_, line) => `${line} ${`${some} `.repeat(words)}`)
      .join('\n')
      .toWellFormed(),
  );

/** A stage at one request and at the next: tasks are added, removed, moved and edited. */
export const changedStage: fc.Arbitrary<{ before: Stage; now: Stage }> = fc
  .tuple(stage, fc.array(longStatement, { maxLength: 3 }), fc.constantFrom(1, 1, 1, 30))
  .chain(([first, long, times]) => {
    const all = [...first.tasks, ...long.map((one) => aTask({ statement: one }))];
    const before: Task[] = Array.from({ length: times }, () => all)
      .flat()
      .map((one, index) => ({ ...one, taskId: `task-${index}` }));
    const edited = fc.tuple(
      ...before.map((one) =>
        fc.tuple(fc.array(edit, { maxLength: 3 }), fc.option(changes, { freq: 4 })).map(([edits, other]) => ({
          ...one,
          ...(other ?? {}),
          ...(one.sheet ? {} : { statement: edits.reduce(editSql, one.statement ?? '') }),
        })),
      ),
    );
    return fc
      .tuple(
        edited.chain((some) => fc.oneof(fc.constant(some), fc.shuffledSubarray(some))),
        fc.array(task, { maxLength: 2 }),
        optionalName,
      )
      .map(([kept, added, environment]) => ({
        before: { ...first, tasks: before },
        now: {
          ...first,
          environment,
          tasks: [...kept, ...added.map((one, index) => ({ ...one, taskId: `new-${index}` }))],
        },
      }));
  });
