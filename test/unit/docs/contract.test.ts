import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { ERROR_CODES } from '../../../shared/approval/plan/round.ts';
import { lookPause } from '../../../shared/approval/plan/schedule.ts';
import { CALL_TIMEOUT_MS } from '../../../shared/external/client.ts';
import { MAX_ANSWER_BYTES } from '../../../shared/external/transport.ts';
import { OA_STATUSES, oaCancelSchema, oaRequestSchema } from '../../../shared/external/wire.ts';
import { APPROVER_NODE_ID } from '../../../shared/feishu/definition.ts';
import { CLOSE_REASONS, CLOSED_STATES, HOLDS, LIVE_STATES } from '../../../shared/issue/approval-words.ts';
import { issueRecordSchema, stageSchema, TASK_STATUSES, taskSchema } from '../../../shared/issue/record.ts';
import { TRIGGERS } from '../../../shared/issue/triggers.ts';
import { MAX_BODY_BYTES } from '../../../shared/runtime/http.ts';
import { NODE_ID } from '../../../shared/settings/external-nodes.ts';
import { CHECK_NAMES, CUT_FORMS, MAX_HOURS, MIN_HOURS } from '../../../shared/settings/settings.ts';
import { enableRequestSchema } from '../../../shared/setup/enable-feishu.ts';
import { nodeRequestSchema } from '../../../shared/setup/save-external-node.ts';

/** Others rely on docs/contract.md, so its tables and lists must be those of the schemas. */
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
  expect(codes.toSorted()).toEqual(ERROR_CODES.toSorted());
});

it('the body of the settings, its hours, and the checks are those of the code', () => {
  const body = code(lineWith('| `PUT /settings/feishu`').split('body ')[1] ?? '')[0] ?? '';
  const names = body
    .slice(1, -1)
    .split(', ')
    .map((attribute) => attribute.replace(/\?.*/, ''));
  expect(names).toEqual(Object.keys(enableRequestSchema.shape));
  expect(body).toContain(`cutForms?: ${CUT_FORMS.map((choice) => `"${choice}"`).join(' \\| ')}`);
  expect(code(lineWith('`cutForms`: ')).filter((name) => /^[a-z]+$/.test(name))).toEqual([
    ...CUT_FORMS,
    enableRequestSchema.shape.cutForms.parse(undefined),
  ]);
  expect(lineWith('`withdrawalComments`: ')).toContain(
    `absent or null: ${enableRequestSchema.shape.withdrawalComments.parse(null)}`,
  );
  expect(lineWith('`approvalCode`: ')).toContain(`\`${APPROVER_NODE_ID}\``);
  expect(lineWith('`reminderHours`, `expiryHours`')).toContain(`from ${MIN_HOURS} to ${MAX_HOURS};`);
  const checks = code(lineWith('A check:').split('names: ')[1] ?? '');
  expect(checks.filter((name) => CHECK_NAMES.some((known) => known === name))).toEqual([...CHECK_NAMES]);
});

it('the body of an external node is the one of the code', () => {
  const body = code(lineWith('| `PUT` `GET` `DELETE /settings/external-approvals/{nodeId}`')).find((text) =>
    text.startsWith('{title'),
  );
  const names = namesIn(body ?? '');
  const schema = Object.keys(nodeRequestSchema({ allowLocal: false }).shape);
  expect(names).toEqual(schema.filter((name) => name !== 'rotate'));
  expect(schema).toContain('rotate');
  expect(lineWith('- `PUT`: 200')).toContain('`rotate: true`');
});

it('the rule of a node id is that of the code', () => {
  expect(lineWith('- `nodeId`: ')).toContain(
    '1–64 letters, digits, dots, hyphens and underscores, beginning with a letter or a digit',
  );
  const good = ['a', '9', 'A.b-c_d', 'x'.repeat(64)];
  const bad = ['', '.a', '-a', '_a', 'a/b', 'a b', 'ä', 'x'.repeat(65)];
  expect([good.every((id) => NODE_ID.test(id)), bad.some((id) => NODE_ID.test(id))]).toEqual([true, false]);
});

it('the request to an OA is the one that the code sends', () => {
  const { stages, step, ...rest } = oaRequestSchema.shape;
  const { tasks, ...stage } = stages.element.shape;
  const [body = ''] = code(lineWith('| `POST /approval`').split('|')[2] ?? '');
  const [outer, inner] = [
    /^\{(.*), step: \{(.*?)\}, stages/,
    /stages: \[\{(.*), tasks: \[\{(.*)\}\]\}\]/,
  ].map((pattern) => (pattern.exec(body) ?? []).slice(1).map((text) => text.split(', ')));
  const after = body.split('}]}]')[1] ?? '';
  expect([...(outer?.[0] ?? []), ...namesIn(after)].sort()).toEqual(Object.keys(rest).sort());
  expect(outer?.[1]).toEqual(Object.keys(step.shape));
  expect(inner?.[0]).toEqual(Object.keys(stage));
  expect(inner?.[1]).toEqual(Object.keys(tasks.element.shape).filter((name) => name !== 'sheet'));
  const [cancel = ''] = code(lineWith('| `PATCH /approval/{id}`').split('|')[2] ?? '');
  expect(namesIn(cancel)).toEqual(Object.keys(oaCancelSchema.shape));
});

it('the statuses, limits and pauses of an OA are those of the code', () => {
  expect(capitals(lineWith('`status`: `PENDING` `APPROVED`').split(';')[0] ?? '')).toEqual([...OA_STATUSES]);
  expect(section(5)).toContain(`${CALL_TIMEOUT_MS / 1_000} s limit`);
  expect(lineWith('- **Answers.**')).toContain(`at most ${MAX_ANSWER_BYTES / 1_024} KiB`);
  expect(lineWith('- **Events.**')).toContain(`413 over ${MAX_BODY_BYTES / 1_024} KiB`);
  const minutes = [0, 1, 2, 3, 4, 5, 6].map((looks) => lookPause({ looks, channel: 'EXTERNAL' }) / 60_000);
  expect(minutes).toEqual([1, 2, 5, 10, 30, 60, 60]);
  expect(lineWith('- **Asking.**')).toContain(
    '1, 2, 5, 10 and 30 minutes after the time before, then hourly',
  );
});

/** `{a, b?: c}` → a, b */
const namesIn = (text: string): string[] =>
  text
    .replace(/[{}]/g, '')
    .split(',')
    .map((name) => name.trim().replace(/[?:].*/, ''))
    .filter((name) => name !== '');
