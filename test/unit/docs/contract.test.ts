import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { CLOSE_REASONS, CLOSED_STATES, ERROR_CODES, LIVE_STATES } from '../../../shared/approval/round.ts';
import { HOLDS } from '../../../shared/approval/wanted.ts';
import { issueRecordSchema, stageSchema, TASK_STATUSES, taskSchema } from '../../../shared/issue/record.ts';
import { TRIGGERS } from '../../../shared/issue/triggers.ts';
import { enableRequestSchema } from '../../../shared/settings/enable-feishu.ts';
import { CHECK_NAMES, MAX_HOURS, MIN_HOURS } from '../../../shared/settings/settings.ts';

/** docs/contract.md is a promise to others: its tables and lists are those of the schemas. */
const page = readFileSync(new URL('../../../docs/contract.md', import.meta.url), 'utf8');
const section = (number: number): string => page.split(/^## /m)[number] ?? '';
const lineWith = (text: string): string => {
  const line = page.split('\n').find((one) => one.startsWith(text));
  if (line === undefined) throw new Error(`no line begins with ${text}`);
  return line;
};
const code = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
const capitals = (text: string): string[] => code(text).filter((name) => /^[A-Z_]+$/.test(name));
const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

it('the table of the issue record names every attribute, and says which are required', () => {
  const table = Object.fromEntries(
    rowsOf(section(1).split('stage: `')[0] ?? '').map(([name, , required]) => [
      code(name ?? '')[0],
      required,
    ]),
  );
  const schema = Object.fromEntries(
    Object.entries(issueRecordSchema.shape).map(([name, type]) => [
      name,
      z.safeParse(type, undefined).success ? 'no' : 'yes',
    ]),
  );
  expect(table).toEqual(schema);
});

it.each([
  ['stage: `', stageSchema],
  ['task: `', taskSchema],
])('the line %s names every attribute', (start, schema) => {
  const names = code(lineWith(start))[0]
    ?.replace(/[{}]/g, '')
    .split(/[,|]/)
    .map((name) => name.replace(/[?:].*/, '').trim());
  expect(names).toEqual(Object.keys(schema.shape));
});

it('the statuses of a task, the holds and the close reasons are those of the code', () => {
  expect(capitals(lineWith('- `status`:'))).toEqual([...TASK_STATUSES]);
  expect(capitals(lineWith('`closeReason` of WITHDRAWN'))).toEqual([...CLOSE_REASONS]);
  expect(capitals(lineWith('`approvalHold`:')).filter((name) => name !== 'PENDING_APPROVAL')).toEqual([
    ...HOLDS,
  ]);
});

it('the table of states is that of the code', () => {
  const states = rowsOf(section(1).split('| state |')[1] ?? '').flatMap(([name]) => code(name ?? ''));
  expect(states.sort()).toEqual([...LIVE_STATES, ...CLOSED_STATES].sort());
});

it('the triggers and error codes are those of the code', () => {
  expect(capitals(lineWith('`triggers`: why').split('.')[0] ?? '')).toEqual([...TRIGGERS]);
  const codes = capitals(lineWith('`error.code`:')).filter((name) =>
    ERROR_CODES.some((known) => known === name),
  );
  expect(codes).toEqual([...ERROR_CODES]);
});

it('the body of the settings, its hours, and the checks are those of the code', () => {
  const body = code(lineWith('| `PUT /settings/feishu`').split('body ')[1] ?? '')[0] ?? '';
  const names = body
    .slice(1, -1)
    .split(', ')
    .map((attribute) => attribute.replace(/\?.*/, ''));
  expect(names).toEqual(Object.keys(enableRequestSchema.shape));
  expect(lineWith('`reminderHours`, `expiryHours`')).toContain(`from ${MIN_HOURS} to ${MAX_HOURS};`);
  const checks = code(lineWith('A check:').split('names: ')[1] ?? '');
  expect(checks.filter((name) => CHECK_NAMES.some((known) => known === name))).toEqual([...CHECK_NAMES]);
});
