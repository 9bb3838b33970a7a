import { describe, expect, it } from 'vitest';
import type { IssueRecord } from '../../../shared/issue/record.ts';
import { creatorsRing, detectTriggers, type Trigger, triggerView } from '../../../shared/issue/triggers.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';

const ring = (seq: number, rungBy = 'creator@example.com') => ({
  bell: { seq, rungBy, rungAt: '2026-03-01T08:00:00Z' },
});
const ofTasks = (...tasks: ReturnType<typeof aTask>[]) => ({ stages: [aStage({ tasks })] });
const stages = [aStage(), aStage({ stageId: 'stage-2' })];
const other = { assignee: { email: 'other@example.com' } };
const otherSql = ofTasks(aTask({ statement: 'SELECT 1' }));

type Changes = Partial<IssueRecord>;

describe('the triggers between two records', () => {
  it.each<[string, Changes | undefined, Changes, Trigger[]]>([
    ['a new issue at a stage', undefined, {}, ['NEW_STAGE']],
    ['a new issue at no stage', undefined, { currentStageId: null }, []],
    ['a new issue with a ring: nobody has rung for it yet', undefined, ring(3), ['NEW_STAGE']],
    ['nothing', {}, {}, []],
    ['the first stage reached', { currentStageId: null }, {}, ['NEW_STAGE']],
    ['the next stage', { stages }, { stages, currentStageId: 'stage-2' }, ['NEW_STAGE']],
    ['an earlier stage again', { stages, currentStageId: 'stage-2' }, { stages }, ['NEW_STAGE']],
    ['the last stage left', {}, { currentStageId: null }, []],
    [
      'another stage under another assignee',
      { stages },
      { stages, currentStageId: 'stage-2', ...other },
      ['NEW_STAGE'],
    ],
    ['another assignee', {}, other, ['ASSIGNEE_CHANGED']],
    ['the first assignee', { assignee: null }, {}, ['ASSIGNEE_CHANGED']],
    ['no assignee any more', {}, { assignee: null }, ['ASSIGNEE_CHANGED']],
    ['the same assignee in other case', {}, { assignee: { email: 'ASSIGNEE@example.com' } }, []],
    [
      'the same assignee under another name',
      {},
      { assignee: { email: 'assignee@example.com', name: 'X' } },
      [],
    ],
    ['other SQL', {}, otherSql, ['STATEMENT_CHANGED']],
    [
      'another instance (docs/lessons.md 30)',
      {},
      ofTasks(aTask({ instance: 'mysql-2' })),
      ['STATEMENT_CHANGED'],
    ],
    [
      'another database (docs/lessons.md 30)',
      {},
      ofTasks(aTask({ database: 'other' })),
      ['STATEMENT_CHANGED'],
    ],
    ['another environment', {}, { stages: [aStage({ environment: 'dr' })] }, ['STATEMENT_CHANGED']],
    ['one task more', {}, ofTasks(aTask(), aTask({ taskId: 'task-2' })), ['STATEMENT_CHANGED']],
    ['one task less', ofTasks(aTask(), aTask({ taskId: 'task-2' })), {}, ['STATEMENT_CHANGED']],
    [
      'the tasks in another order',
      ofTasks(aTask(), aTask({ taskId: 'task-2' })),
      ofTasks(aTask({ taskId: 'task-2' }), aTask()),
      ['STATEMENT_CHANGED'],
    ],
    [
      'SQL of another stage',
      { stages },
      { stages: [aStage(), aStage({ stageId: 'stage-2', tasks: [] })] },
      [],
    ],
    ['the status of a task', {}, ofTasks(aTask({ status: 'PENDING' })), []],
    ['the check of a task', {}, ofTasks(aTask({ check: 'WARN' })), []],
    ['titles and description', {}, { title: 'x', description: 'x', stages: [aStage({ title: 'x' })] }, []],
    ["the creator's first ring", {}, ring(1), ['BELL']],
    ["the creator's next ring", ring(1), ring(2), ['BELL']],
    ['two rings at once', ring(1), ring(3), ['BELL']],
    ['no new ring', ring(2), ring(2), []],
    ['a ring taken back', ring(2), ring(1), []],
    ["the creator's ring in other case", {}, ring(1, 'CREATOR@example.com'), ['BELL']],
    ["somebody else's ring (docs/lessons.md 23)", {}, ring(1, 'other@example.com'), []],
    ["the approver's ring (docs/lessons.md 23)", ring(1), ring(2, 'assignee@example.com'), []],
    ["the creator's ring after somebody else's", ring(1, 'other@example.com'), ring(2), ['BELL']],
    ["an older ring of the creator put back over somebody else's", ring(3, 'other@example.com'), ring(2), []],
    ['a ring at no stage', { currentStageId: null }, { currentStageId: null, ...ring(1) }, []],
    [
      'assignee, SQL and bell at once',
      {},
      { ...other, ...otherSql, ...ring(1) },
      ['ASSIGNEE_CHANGED', 'STATEMENT_CHANGED', 'BELL'],
    ],
    [
      'the next stage and a ring',
      { stages },
      { stages, currentStageId: 'stage-2', ...ring(1) },
      ['NEW_STAGE', 'BELL'],
    ],
  ])('%s', (_name, before, after, triggers) => {
    expect(detectTriggers(before && triggerView(anIssue(before)), triggerView(anIssue(after)))).toEqual(
      triggers,
    );
  });
});

it("returns the number of the latest ring if it is the creator's, else 0", () => {
  expect(creatorsRing(anIssue(ring(7)))).toBe(7);
  expect(creatorsRing(anIssue(ring(7, 'other@example.com')))).toBe(0);
  expect(creatorsRing(anIssue())).toBe(0);
});
