import { describe, expect, it } from 'vitest';
import { decisionCounts, recordLateDecision } from '../../../shared/approval/actions/decide.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import type { Snapshot } from '../../../shared/approval/plan/snapshot.ts';
import type { IssueRecord } from '../../../shared/issue/record.ts';
import { anIssue, aStage, aStep, aTask } from '../../support/issue.ts';
import { anOaStep, aRoundOf, aSnapshot, aStepRoundOf } from '../../support/round.ts';

const issue = anIssue();
const INVALID: Snapshot['issue'] = { kind: 'INVALID', message: '', ours: {}, raw: {} };

describe('a decision on the card of a stage', () => {
  const countsFor = (record: IssueRecord, changes: Partial<Round> = {}) =>
    decisionCounts(aRoundOf(issue, changes), aSnapshot(record));

  it('counts while the record is unchanged', () => {
    expect(countsFor(issue)).toBe(true);
  });

  it.each<[string, Partial<IssueRecord>]>([
    ['the issue is closed', { status: 'DONE' }],
    ['the issue is at no stage', { currentStageId: null }],
    ['the issue is at another stage', { currentStageId: 'b', stages: [aStage(), aStage({ stageId: 'b' })] }],
    ['the stage is gone', { stages: [aStage({ stageId: 'b' })], currentStageId: 'b' }],
    ['the SQL is different', { stages: [aStage({ tasks: [aTask({ statement: 'SELECT 2' })] })] }],
    ['another person is asked', { assignee: { email: 'another@example.com' } }],
    ['the flow is not approved', { approvalFlow: { steps: [aStep()] } }],
    ['no task asks', { stages: [aStage({ tasks: [aTask({ status: 'PENDING' })] })] }],
  ])('does not count once %s', (_, changes) => {
    expect(countsFor(anIssue(changes))).toBe(false);
  });

  it('does not count for a task that did not ask when the request was composed', () => {
    expect(countsFor(issue, { asking: [] })).toBe(false);
  });

  it('does not count while the record is invalid or absent', () => {
    for (const state of [INVALID, { kind: 'ABSENT' } as const]) {
      expect(decisionCounts(aRoundOf(issue), aSnapshot(issue, [], { issue: state }))).toBe(false);
    }
  });
});

describe("an OA's decision on a step", () => {
  const inFlow = anIssue({ approvalFlow: { steps: [aStep({ status: 'APPROVED' }), anOaStep()] } });
  const countsFor = (record: IssueRecord) => decisionCounts(aStepRoundOf(inFlow), aSnapshot(record));

  it('counts when it is the turn of the step, even if no task asks', () => {
    expect(countsFor(inFlow)).toBe(true);
    const { approvalFlow } = inFlow;
    expect(
      countsFor(anIssue({ approvalFlow, stages: [aStage({ tasks: [aTask({ status: 'DONE' })] })] })),
    ).toBe(true);
  });

  it.each<[string, Partial<IssueRecord>]>([
    ['the issue is closed', { approvalFlow: inFlow.approvalFlow, status: 'CANCELED' }],
    ['the step is gone', { approvalFlow: { steps: [aStep({ status: 'APPROVED' })] } }],
    ['an earlier step is not approved', { approvalFlow: { steps: [aStep(), anOaStep()] } }],
  ])('does not count once %s', (_, changes) => {
    expect(countsFor(anIssue(changes))).toBe(false);
  });
});

describe('a decision on a closed round', () => {
  const decision = (email: string) =>
    ({ result: 'APPROVED', by: { email }, at: '2026-03-01T09:00:00.000Z' }) as const;
  const closed = aRoundOf(issue, { state: 'WITHDRAWN' });

  it('is stored as not applied', () => {
    expect(recordLateDecision(closed, decision('a@example.com')).decisions).toEqual([
      { ...decision('a@example.com'), applied: false },
    ]);
  });

  it.each([true, false])('never replaces a stored decision with applied %s', (applied) => {
    const decided = { ...closed, decisions: [{ ...decision('a@example.com'), applied }] };
    expect(recordLateDecision(decided, decision('b@example.com'))).toEqual(decided);
  });
});
