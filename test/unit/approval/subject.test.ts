import { describe, expect, it } from 'vitest';
import { isRingingAtStage, isRingingAtStep } from '../../../shared/approval/plan/bell.ts';
import type { IssueMemory } from '../../../shared/approval/plan/issue-memory.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import { changesSince, isSpent, stepView, tasksOf, viewOf } from '../../../shared/approval/plan/subject.ts';
import { taskHash } from '../../../shared/issue/content.ts';
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

  it('is no step that went, or that Frabit decides', () => {
    expect(viewOf(anIssue(), STEP)).toBeUndefined();
    expect(viewOf(anIssue({ approvalFlow: { steps: [aStep({ stepId: 'oa' })] } }), STEP)).toBeUndefined();
  });

  it('asks for its own tasks, or as a step for those of all stages', () => {
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

  it('loses no task of two stages that call it the same', () => {
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

describe('what a closed round says', () => {
  const memory = { issueId: 'issue-1', stageId: 'stage-1', arrival: 2, bellSeq: 0, life: 0 };

  it('of a stage is used up when the issue was seen at another one since', () => {
    expect(isSpent(aRoundOf(issue), memory)).toBe(true);
    expect(isSpent(aRoundOf(issue, { arrival: 2 }), memory)).toBe(false);
  });

  it('of a step is used up only when the issue was deleted since', () => {
    expect(isSpent(aStepRoundOf(issue), memory)).toBe(false);
    expect(isSpent(aStepRoundOf(issue), { ...memory, life: 1 })).toBe(true);
    expect(isSpent(aStepRoundOf(issue, { life: 1 }), { ...memory, life: 1 })).toBe(false);
  });
});

describe('what moved since the round of a step', () => {
  const edited = aStage({ tasks: [aTask({ statement: 'SELECT 2' })] });

  it.each<[string, Partial<IssueRecord>, Trigger[]]>([
    ['nothing', {}, []],
    ['the SQL', { stages: [edited] }, ['STATEMENT_CHANGED']],
    ['where it runs', { stages: [aStage({ environment: 'test' })] }, ['STATEMENT_CHANGED']],
    [
      'a stage that came, though the issue is not at it,',
      { stages: [aStage(), aStage({ stageId: 'stage-2', tasks: [] })] },
      ['STATEMENT_CHANGED'],
    ],
    ['the bell', { bell: RING }, ['BELL']],
    ['SQL and bell', { stages: [edited], bell: RING }, ['STATEMENT_CHANGED', 'BELL']],
    ["another's bell", { bell: { ...RING, rungBy: 'assignee@example.com' } }, []],
    ['the assignee', { assignee: { email: 'other@example.com' } }, []],
    ['the stage', { currentStageId: null }, []],
    ['title and description', { title: 'another', description: 'another' }, []],
    [
      'titles and the states of tasks',
      { stages: [aStage({ title: 'another', tasks: [aTask({ title: 'another', status: 'DONE' })] })] },
      [],
    ],
  ])('%s is told as what it is', (_, changes, expected) => {
    const round = aStepRoundOf(issue);
    const record = withStep(changes);
    const ringing = isRingingAtStep({ issue: record, rounds: [round] });
    expect(changesSince(round, record, ringing)).toEqual(expected);
  });

  it('the OA is none of the triggers', () => {
    const round = aStepRoundOf(issue);
    const elsewhere = anIssue({ approvalFlow: { steps: [anOaStep({ externalNodeId: 'another' })] } });
    expect(changesSince(round, elsewhere, false)).toEqual([]);
    expect(stepView(elsewhere, anOaStep({ externalNodeId: 'another' })).content).not.toBe(round.content);
  });

  it('the step itself, by going, is none of the triggers', () => {
    const round = aStepRoundOf(issue);
    expect(changesSince(round, anIssue(), false)).toEqual([]);
  });

  it('the bell is the last one', () => {
    const changed = withStep({ stages: [aStage({ tasks: [aTask({ statement: 'SELECT 2' })] })] });
    expect(changesSince(aStepRoundOf(issue), withStep({ bell: RING }), true)).toEqual(['BELL']);
    expect(changesSince(aStepRoundOf(issue), changed, true)).toEqual(['STATEMENT_CHANGED', 'BELL']);
    expect(changesSince(aRoundOf(issue), changed, true)).toEqual(['STATEMENT_CHANGED', 'BELL']);
    // A ring that does not count, of another stage: whatever the record says of it.
    expect(changesSince(aRoundOf(issue), withStep({ bell: RING }), false)).toEqual([]);
  });
});

describe('whether a ring was heard', () => {
  const record = withStep({ bell: RING });
  const memory = { ...aSnapshot(record).memory, rung: RING.seq } as IssueMemory;
  const ofStage = [aRoundOf(issue), aRoundOf(record, { generation: 2 })] as const;
  const ofStep = [aStepRoundOf(issue), aStepRoundOf(record, { generation: 2 })] as const;

  it('a step hears what any round of the issue has heard', () => {
    expect(isRingingAtStep({ issue: record, rounds: [ofStep[0]] })).toBe(true);
    expect(isRingingAtStep({ issue: record, rounds: ofStep })).toBe(false);
    expect(isRingingAtStep({ issue: record, rounds: [ofStep[0], ofStage[1]] })).toBe(false);
  });

  it('a stage does not hear what a step has heard', () => {
    expect(isRingingAtStage({ issue: record, rounds: [ofStage[0], ofStep[1]], memory })).toBe(true);
    expect(isRingingAtStage({ issue: record, rounds: ofStage, memory })).toBe(false);
  });
});
