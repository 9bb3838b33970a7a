import { describe, expect, it } from 'vitest';
import {
  canonicalContent,
  currentStage,
  stageContent,
  taskHash,
  taskHashes,
} from '../../../shared/issue/content-hash.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { taskHashVectors } from '../../support/task-hash-vectors.ts';

describe('the task hash', () => {
  it('follows the contract for a task with SQL', () => {
    expect(
      taskHash({
        taskId: 'task-1',
        title: 'Add the column note',
        type: 'DDL',
        status: 'PENDING_APPROVAL',
        instance: 'mysql-prod-1',
        database: 'shop',
        statement: 'ALTER TABLE orders ADD COLUMN note TEXT NULL;',
      }),
    ).toBe('777c424c63792475788f8da9d34e27a682d7df39b53776f098ec6f646a6dea93');
  });

  it.each(taskHashVectors.map((vector) => [vector.what, vector] as const))(
    'is the published one for %s',
    (_what, { task, sha256 }) => {
      expect(taskHash(task)).toBe(sha256);
    },
  );

  const sheet = { uri: 'u', sha256: 'a'.repeat(64), sizeBytes: 1, preview: 'p' };
  const bySheet = aTask({ statement: null, sheet });
  it.each([
    ['taskId', aTask(), aTask({ taskId: 'task-2' })],
    ['type', aTask(), aTask({ type: 'DML' })],
    ['instance', aTask(), aTask({ instance: 'mysql-2' })],
    ['database', aTask(), aTask({ database: 'other' })],
    ['statement', aTask(), aTask({ statement: 'SELECT 1' })],
    ['white space of the statement', aTask(), aTask({ statement: `${aTask().statement} ` })],
    ['uri of the sheet', bySheet, aTask({ statement: null, sheet: { ...sheet, uri: 'v' } })],
    ['hash of the sheet', bySheet, aTask({ statement: null, sheet: { ...sheet, sha256: 'b'.repeat(64) } })],
    ['instance and database, exchanged', aTask(), aTask({ instance: 'shop', database: 'mysql-prod-1' })],
  ])('changes with %s (docs/lessons.md 30)', (_what, one, other) => {
    expect(taskHash(one)).not.toBe(taskHash(other));
  });

  it.each([
    ['title', aTask(), aTask({ title: 'other' })],
    ['status', aTask(), aTask({ status: 'DONE' })],
    ['check', aTask(), aTask({ check: 'ERROR' })],
    [
      'size and preview of the sheet',
      bySheet,
      aTask({ statement: null, sheet: { ...sheet, sizeBytes: 9, preview: '' } }),
    ],
    ['null instead of an absent type', aTask({ type: undefined }), aTask({ type: null })],
    ['an empty statement instead of none', aTask({ statement: undefined }), aTask({ statement: '' })],
  ])('does not change with %s', (_what, one, other) => {
    expect(taskHash(one)).toBe(taskHash(other));
  });
});

describe('the content of a stage', () => {
  it('is what the approver must have seen, in canonical JSON', () => {
    const issue = anIssue({ assignee: { email: 'Assignee@Example.com' } });

    expect(canonicalContent(stageContent(issue, aStage()))).toBe(
      `{"v":1,"stageId":"stage-1","environment":"prod","assignee":"assignee@example.com","tasks":["${taskHash(aTask())}"]}`,
    );
  });

  it('has null without environment and assignee', () => {
    expect(stageContent(anIssue({ assignee: null }), aStage({ environment: undefined }))).toMatchObject({
      environment: null,
      assignee: null,
    });
  });

  it('depends on the order of the tasks', () => {
    const tasks = [aTask(), aTask({ taskId: 'task-2' })];

    expect(stageContent(anIssue(), aStage({ tasks }))).not.toEqual(
      stageContent(anIssue(), aStage({ tasks: tasks.toReversed() })),
    );
  });
});

it('returns the hashes of a stage by task id', () => {
  expect(taskHashes(aStage())).toEqual({ 'task-1': taskHash(aTask()) });
});

it('returns the current stage, or undefined if the issue has none', () => {
  expect(currentStage(anIssue())).toEqual(aStage());
  expect(currentStage(anIssue({ currentStageId: null }))).toBeUndefined();
  expect(currentStage(anIssue({ currentStageId: undefined }))).toBeUndefined();
});
