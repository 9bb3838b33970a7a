import type { Task } from '../../shared/issue/record.ts';

/** Pairs of tasks that differ in exactly one field. A card must show the difference (docs/lessons.md 43). */

const sheet = {
  uri: 's3://sheets/1',
  sha256: 'a'.repeat(64),
  sizeBytes: 1_048_576,
  preview: 'INSERT INTO kilo VALUES (1);',
};
const ofSheet = (changes: Partial<typeof sheet>): Partial<Task> => ({
  statement: null,
  sheet: { ...sheet, ...changes },
});
const ofSql = (statement: string | null): Partial<Task> => ({ statement, sheet: null });

const PAIRS = {
  INSTANCE: [{ instance: 'mysql-1' }, { instance: 'mysql-2' }],
  INSTANCE_CASE: [{ instance: 'mysql-1' }, { instance: 'MySQL-1' }],
  NO_INSTANCE: [{ instance: '' }, { instance: null }],
  TYPE: [{ type: 'DDL' }, { type: 'DML' }],
  NO_TYPE: [{ type: '' }, { type: null }],
  DATABASE: [{ database: 'juliet' }, { database: 'Juliet' }],
  NO_DATABASE: [{ database: '' }, { database: null }],
  SPACE: [ofSql("DELETE FROM lima WHERE a = 'b c';"), ofSql("DELETE FROM lima WHERE a = 'b  c';")],
  LAST_SPACE: [ofSql('DELETE FROM mike;'), ofSql('DELETE FROM mike; ')],
  LAST_LINE: [ofSql('DELETE FROM november;'), ofSql('DELETE FROM november;\n')],
  LINE_ENDS: [ofSql('DELETE\nFROM oscar;'), ofSql('DELETE\r\nFROM oscar;')],
  SQL_CASE: [ofSql("DELETE FROM papa WHERE a = 'b';"), ofSql("DELETE FROM papa WHERE a = 'B';")],
  UNSEEN: [ofSql("DELETE FROM quebec WHERE a = 'b';"), ofSql("DELETE FROM quebec WHERE a = 'b\u200B';")],
  NO_SQL: [ofSql(''), ofSql(null)],
  SHEET_HASH: [ofSheet({}), ofSheet({ sha256: 'b'.repeat(64) })],
  SHEET_ADDRESS: [ofSheet({}), ofSheet({ uri: 's3://sheets/2' })],
  SHEET_PREVIEW: [ofSheet({}), ofSheet({ preview: '' })],
  TITLE: [{ title: 'one' }, { title: 'other' }],
  CHECK: [{ check: 'SUCCESS' }, { check: 'WARN' }],
} as const satisfies Record<string, readonly [Partial<Task>, Partial<Task>]>;

export type Difference = keyof typeof PAIRS;
export const DIFFERENCES = Object.keys(PAIRS) as Difference[];

/** Makes the first task one of the pair and the second task the other. All their other fields become equal. */
export function makeAlike(tasks: Task[], difference: Difference): void {
  const [first, second] = tasks;
  if (!first) return;
  const [one, other] = PAIRS[difference];
  Object.assign(first, one, { status: 'PENDING_APPROVAL' });
  tasks.splice(1, 1, { ...first, ...other, taskId: second?.taskId ?? 'twin' });
}

/** Changes one field from one of the pair to the other, and nothing else. */
export function changeField(task: Task, difference: Difference): void {
  const [one, other] = PAIRS[difference];
  const isOne = Object.entries(one).every(
    ([name, value]) => JSON.stringify(task[name as keyof Task] ?? null) === JSON.stringify(value ?? null),
  );
  Object.assign(task, isOne ? other : one);
}
