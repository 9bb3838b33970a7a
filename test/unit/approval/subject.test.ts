import { describe, expect, it } from 'vitest';
import { isRingingAtStage, isRingingAtStep } from '../../../shared/approval/plan/bell.ts';
import type { IssueMemory } from '../../../shared/approval/plan/issue-memory.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import { changesSince, isSpent, stepView, tasksOf, viewOf } from '../../../shared/approval/plan/subject.ts';
import { taskHash } from '../../../shared/issue/content-hash.ts';
import type { IssueRecord } from '../../../shared/issue/record.ts';
import type { Trigger } from '../../../shared/issue/triggers.ts';
import { anIssue, aStage, aStep, aTask } from '../../support/issue.ts';
import { anOaStep, aRoundOf, aSnapshot, aStepRoundOf } from '../../support/round.ts';

const withStep = (changes: Partial<IssueRecord> = {}): IssueRecord =>
  anIssue({ approvalFlow: { steps: [anOaStep()] }, ...changes });
const issue = withStep();
const RING = { seq: 1, rungBy: 'CREATOR@example.com', rungAt: '2026-03-01T08:00:30Z' };
const STEP = { kind: 'STEP', id: 'oa' } as const;

describe('a subject of the record', () => {
  it('is found by its kind and its id', () => {
    const same = withStep({ stages: [aStage({ stageId: 'oa' })], currentStageId: 'oa' });
    expect(viewOf(same, STEP)).toMatchObject({ kind: 'STEP', step: { stepId: 'oa' } });
    expect(viewOf(same, { kind: 'STAGE', id: 'oa' })).toMatchObject({
      kind: 'STAGE',
      stage: { stageId: 'oa' },
    });
    expect(viewOf(issue, { kind: 'STAGE', id: 'oa' })).toBeUndefined();
  });

  it('is not found for a removed step or a FRABIT step', () => {
    expect(viewOf(anIssue(), STEP)).toBeUndefined();
    expect(viewOf(anIssue({ approvalFlow: { steps: [aStep({ stepId: 'oa' })] } }), STEP)).toBeUndefined();
  });

  it('has its own tasks, or the tasks of all stages if it is a step', () => {
    const [own, other] = [aTask({ taskId: 'a' }), aTask({ taskId: 'b' })];
    const two = withStep({
      stages: [aStage({ tasks: [own] }), aStage({ stageId: 'stage-2', tasks: [other] })],
    });
    const tasksAt = (subject: Round['subject']) => {
      const view = viewOf(two, subject);
      return view && tasksOf(two, view);
    };
    expect(tasksAt({ kind: 'STAGE', id: 'stage-2' })).toEqual({ b: taskHash(other) });
    expect(tasksAt(STEP)).toEqual({ a: taskHash(own), b: taskHash(other) });
  });

  it('keeps both tasks if two stages have tasks with the same id', () => {
    const [one, other] = [aTask({ statement: 'SELECT 1' }), aTask({ statement: 'SELECT 2' })];
    const two = withStep({
      stages: [
        aStage({ tasks: [one] }),
        aStage({ stageId: 'stage-2', tasks: [other, aTask({ taskId: 'b' })] }),
      ],
    });
    expect(tasksOf(two, stepView(two, anOaStep()))).toEqual({
      'stage-1/task-1': taskHash(one),
      'stage-2/task-1': taskHash(other),
      b: taskHash(aTask({ taskId: 'b' })),
    });
  });
});

describe('a closed round', () => {
  const memory = { issueId: 'issue-1', stageId: 'stage-1', arrival: 2, bellSeq: 0, life: 0 };

  it('of a stage is spent when the issue was seen at another stage since', () => {
    expect(isSpent(aRoundOf(issue), memory)).toBe(true);
    expect(isSpent(aRoundOf(issue, { arrival: 2 }), memory)).toBe(false);
  });

  it('of a step is spent only when the issue was deleted since', () => {
    expect(isSpent(aStepRoundOf(issue), memory)).toBe(false);
    expect(isSpent(aStepRoundOf(issue), { ...memory, life: 1 })).toBe(true);
    expect(isSpent(aStepRoundOf(issue, { life: 1 }), { ...memory, life: 1 })).toBe(false);
  });
});

describe('the changes since the round of a step', () => {
  const edited = aStage({ tasks: [aTask({ statement: 'SELECT 2' })] });

  it.each<[string, Partial<IssueRecord>, Trigger[]]>([
    ['nothing', {}, []],
    ['other SQL', { stages: [edited] }, ['STATEMENT_CHANGED']],
    ['another environment', { stages: [aStage({ environment: 'test' })] }, ['STATEMENT_CHANGED']],
    [
      'a new stage that is not the present one',
      { stages: [aStage(), aStage({ stageId: 'stage-2', tasks: [] })] },
      ['STATEMENT_CHANGED'],
    ],
    ['a ring', { bell: RING }, ['BELL']],
    ['other SQL and a ring', { stages: [edited], bell: RING }, ['STATEMENT_CHANGED', 'BELL']],
    ['a ring of somebody else', { bell: { ...RING, rungBy: 'assignee@example.com' } }, []],
    ['another assignee', { assignee: { email: 'other@example.com' } }, []],
    ['another current stage', { currentStageId: null }, []],
    ['another title and description', { title: 'another', description: 'another' }, []],
    [
      'other titles and statuses of tasks',
      { stages: [aStage({ title: 'another', tasks: [aTask({ title: 'another', status: 'DONE' })] })] },
      [],
    ],
  ])('are the right triggers: %s', (_, changes, expected) => {
    const round = aStepRoundOf(issue);
    const record = withStep(changes);
    const ringing = isRingingAtStep({ issue: record, rounds: [round] });
    expect(changesSince(round, record, ringing)).toEqual(expected);
  });

  it('do not include a trigger for another OA, although the content changes', () => {
    const round = aStepRoundOf(issue);
    const elsewhere = anIssue({ approvalFlow: { steps: [anOaStep({ externalNodeId: 'another' })] } });
    expect(changesSince(round, elsewhere, false)).toEqual([]);
    expect(stepView(elsewhere, anOaStep({ externalNodeId: 'another' })).content).not.toBe(round.content);
  });

  it('do not include a trigger for a removed step', () => {
    const round = aStepRoundOf(issue);
    expect(changesSince(round, anIssue(), false)).toEqual([]);
  });

  it('have BELL as the last trigger', () => {
    const changed = withStep({ stages: [aStage({ tasks: [aTask({ statement: 'SELECT 2' })] })] });
    expect(changesSince(aStepRoundOf(issue), withStep({ bell: RING }), true)).toEqual(['BELL']);
    expect(changesSince(aStepRoundOf(issue), changed, true)).toEqual(['STATEMENT_CHANGED', 'BELL']);
    expect(changesSince(aRoundOf(issue), changed, true)).toEqual(['STATEMENT_CHANGED', 'BELL']);
    // A ring that does not count is not a trigger, whatever the record says.
    expect(changesSince(aRoundOf(issue), withStep({ bell: RING }), false)).toEqual([]);
  });
});

describe('a ring', () => {
  const record = withStep({ bell: RING });
  const memory = { ...aSnapshot(record).memory, rung: RING.seq } as IssueMemory;
  const ofStage = [aRoundOf(issue), aRoundOf(record, { generation: 2 })] as const;
  const ofStep = [aStepRoundOf(issue), aStepRoundOf(record, { generation: 2 })] as const;

  it('is counted for a step if any round of the issue counted it', () => {
    expect(isRingingAtStep({ issue: record, rounds: [ofStep[0]] })).toBe(true);
    expect(isRingingAtStep({ issue: record, rounds: ofStep })).toBe(false);
    expect(isRingingAtStep({ issue: record, rounds: [ofStep[0], ofStage[1]] })).toBe(false);
  });

  it('is not counted for a stage if only a step counted it', () => {
    expect(isRingingAtStage({ issue: record, rounds: [ofStage[0], ofStep[1]], memory })).toBe(true);
    expect(isRingingAtStage({ issue: record, rounds: ofStage, memory })).toBe(false);
  });
});
