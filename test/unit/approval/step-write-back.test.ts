import { describe, expect, it } from 'vitest';
import { approvalOf } from '../../../shared/approval/plan/approval.ts';
import { plan } from '../../../shared/approval/plan/plan.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import type { WrittenBack } from '../../../shared/approval/plan/snapshot.ts';
import { planWriteBack } from '../../../shared/approval/plan/write-back.ts';
import { CLOSED_STATES, LIVE_STATES } from '../../../shared/issue/approval-words.ts';
import type { IssueRecord, Step } from '../../../shared/issue/record.ts';
import { anIssue, aStage, aStep, aTask } from '../../support/issue.ts';
import { anOaStep, aRoundOf, aSnapshot, aStepRoundOf, SETTINGS } from '../../support/round.ts';

const NOW = new Date('2026-03-01T08:01:00.000Z');
const STATES = [...LIVE_STATES, ...CLOSED_STATES];
const STATUSES = ['PENDING', 'APPROVED', 'REJECTED'] as const;
const withSteps = (...steps: Step[]): IssueRecord => anIssue({ approvalFlow: { steps } });
const at = (record: IssueRecord, rounds: Round[], ours: WrittenBack = {}) =>
  aSnapshot(record, rounds, { issue: { kind: 'VALID', record, ours, raw: {} } });
const writesOf = (record: IssueRecord, rounds: Round[], ours: WrittenBack = {}) =>
  planWriteBack(at(record, rounds, ours), NOW);
const statusesOf = (record: IssueRecord, ...rounds: Round[]) => writesOf(record, rounds)?.stepStatuses;

describe('the status of an EXTERNAL step in the record', () => {
  it.each(STATES.flatMap((state) => STATUSES.map((status) => [status, state] as const)))(
    '%s with a round %s is corrected',
    (status, state) => {
      const record = withSteps(anOaStep({ status }));
      const expected = state === 'APPROVED' || state === 'REJECTED' ? state : 'PENDING';
      expect(statusesOf(record, aStepRoundOf(record, { state }))).toEqual(
        status === expected ? {} : { oa: expected },
      );
    },
  );

  it.each(STATUSES)('%s without a round is PENDING', (status) => {
    const record = withSteps(anOaStep({ status }));
    expect(writesOf(record, [])?.stepStatuses).toEqual(status === 'PENDING' ? {} : { oa: 'PENDING' });
  });

  it.each(['APPROVED', 'REJECTED'] as const)('%s goes back to PENDING when the SQL changes', (state) => {
    const before = withSteps(anOaStep({ status: state }));
    const edited = { ...before, stages: [aStage({ tasks: [aTask({ statement: 'SELECT 2' })] })] };
    expect(statusesOf(edited, aStepRoundOf(before, { state }))).toEqual({ oa: 'PENDING' });
  });

  it('is set for each EXTERNAL step, and for no FRABIT step', () => {
    const record = withSteps(
      aStep({ stepId: 'dba', status: 'REJECTED' }),
      anOaStep({ stepId: 'first' }),
      anOaStep({ stepId: 'second', status: 'APPROVED' }),
    );
    const first = aStepRoundOf(record, { state: 'APPROVED' }, 'first');
    expect(statusesOf(record, first)).toEqual({ first: 'APPROVED', second: 'PENDING' });
  });

  it.each(['DONE', 'CANCELED'] as const)('is left alone once the issue is %s', (status) => {
    const record = { ...withSteps(anOaStep({ status: 'APPROVED' })), status };
    expect(statusesOf(record)).toBeUndefined();
  });

  it('is corrected before any stage, so that an old record does not cost a card', () => {
    const record = withSteps(anOaStep());
    const rounds = [aStepRoundOf(record, { state: 'APPROVED' }), aRoundOf(record)];
    const [first] = plan(at(record, rounds), NOW);
    expect(first).toMatchObject({ do: 'WRITE_BACK', writeBack: { stepStatuses: { oa: 'APPROVED' } } });
  });
});

describe('stepApprovals', () => {
  const record = withSteps(anOaStep());

  it.each(STATES)('contains the round %s as an approval of the channel EXTERNAL', (state) => {
    const round = aStepRoundOf(record, { state });
    const writes = writesOf(record, [round]);
    expect(writes?.stepApprovals).toEqual({ set: { oa: approvalOf(round) }, remove: [] });
    expect(writes?.stepApprovals.set.oa).toMatchObject({
      state,
      channel: 'EXTERNAL',
      approvers: [],
      ref: { externalId: 'CHG-oa' },
    });
    expect(writes?.stageApprovals).toEqual({ set: {}, remove: [] });
  });

  it('contains the latest round of each step, and no round of a stage with the same id', () => {
    const both = withSteps(anOaStep(), anOaStep({ stepId: 'stage-1' }));
    const first = aStepRoundOf(both, { state: 'WITHDRAWN' });
    const second = aStepRoundOf(both, { generation: 2 });
    const other = aStepRoundOf(both, {}, 'stage-1');
    const ofStage = aRoundOf(both);
    const writes = writesOf(both, [second, first, other, ofStage]);
    expect(writes?.stepApprovals.set).toEqual({ oa: approvalOf(second), 'stage-1': approvalOf(other) });
    expect(writes?.stageApprovals.set).toEqual({ 'stage-1': approvalOf(ofStage) });
  });

  it('keeps the entry of a removed step, and loses an entry without a round', () => {
    const round = aStepRoundOf(record, { state: 'WITHDRAWN' });
    const stepApprovals = { oa: approvalOf(round), invented: { state: 'APPROVED' } };
    expect(writesOf(anIssue(), [round], { stepApprovals })?.stepApprovals).toEqual({
      set: {},
      remove: ['invented'],
    });
  });

  it('is not written when the record is up to date', () => {
    const round = aStepRoundOf(record);
    const ours = { stepApprovals: { oa: approvalOf(round) }, approvalHold: 'FLOW_PENDING' };
    expect(writesOf(record, [round], ours)).toBeUndefined();
    expect(plan(at(record, [round], ours), NOW)).toEqual([]);
  });
});

describe('the hold', () => {
  const record = withSteps(anOaStep());
  const holdOf = (issue: IssueRecord, rounds: Round[], settings = SETTINGS) =>
    planWriteBack({ ...at(issue, rounds), settings }, NOW)?.approvalHold;

  it.each(STATES.filter((state) => state !== 'APPROVED'))(
    'is the hold of the flow for a step %s',
    (state) => {
      expect(holdOf(record, [aStepRoundOf(record, { state })])).toBe(
        state === 'REJECTED' ? 'FLOW_REJECTED' : 'FLOW_PENDING',
      );
    },
  );

  it('ends when the step is approved', () => {
    const passed = withSteps(anOaStep({ status: 'APPROVED' }));
    expect(holdOf(passed, [aStepRoundOf(passed, { state: 'APPROVED' })])).toBeUndefined();
  });

  it('is removed by a live round of the stage, but not by one of a step', () => {
    expect(holdOf(record, [aStepRoundOf(record)])).toBe('FLOW_PENDING');
    expect(holdOf(record, [aStepRoundOf(record), aRoundOf(record)])).toBeUndefined();
    const alike = withSteps(anOaStep({ stepId: 'stage-1' }));
    expect(holdOf(alike, [aStepRoundOf(alike)])).toBe('FLOW_PENDING');
  });

  it('is DISABLED before any other, and the holds after the flow come last', () => {
    const rejected = aStepRoundOf(record, { state: 'REJECTED' });
    expect(holdOf(record, [rejected], { ...SETTINGS, enabled: false })).toBe('DISABLED');
    expect(holdOf({ ...record, assignee: null }, [rejected])).toBe('FLOW_REJECTED');
  });
});
