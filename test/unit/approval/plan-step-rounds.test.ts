import { describe, expect, it } from 'vitest';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import { plan } from '../../../shared/approval/plan/plan.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import type { Snapshot } from '../../../shared/approval/plan/snapshot.ts';
import type { IssueRecord } from '../../../shared/issue/record.ts';
import { anIssue, aStage, aStep, aTask } from '../../support/issue.ts';
import { planBriefly } from '../../support/plan-briefly.ts';
import { anOaStep, aSnapshot, aStepRoundOf } from '../../support/round.ts';

const NOW = new Date('2026-03-01T08:01:00.000Z');
const LATER = new Date('2026-03-01T09:00:00.000Z');
const AGO = '2026-03-01T08:00:30.000Z';

const withStep = (changes: Partial<IssueRecord> = {}): IssueRecord =>
  anIssue({ approvalFlow: { steps: [anOaStep()] }, ...changes });
const issue = withStep();
const edited = { stages: [aStage({ tasks: [aTask({ statement: 'SELECT 2' })] })] };
const briefly = (snapshot: Snapshot, hints: Hint[] = [], now = NOW) => planBriefly(snapshot, now, hints);
const bell = { seq: 1, rungBy: 'CREATOR@example.com', rungAt: '2026-03-01T08:00:30Z' };

const reported = (round: Round): Hint => ({
  kind: 'EXTERNAL_EVENT',
  issueId: round.issueId,
  approvalId: round.approvalId,
  eventId: 'e',
});

describe('a live round of a step', () => {
  const dba = anIssue({ approvalFlow: { steps: [aStep({ stepId: 'oa' })] } });
  it.each<[string, IssueRecord, string]>([
    ['that was removed', anIssue(), 'FLOW_CHANGED'],
    ['that Frabit decides now', dba, 'FLOW_CHANGED'],
    ['of an issue that was closed', withStep({ status: 'CANCELED' }), 'ISSUE_CLOSED'],
    ['that was removed when the issue was closed', anIssue({ status: 'DONE' }), 'ISSUE_CLOSED'],
  ])('%s is withdrawn', (_, record, reason) => {
    expect(briefly(aSnapshot(record, [aStepRoundOf(issue)]))).toContain(`WITHDRAW oa ${reason}`);
  });

  it('of a deleted issue is withdrawn', () => {
    const issueId = issue.issueId;
    const memory = { issueId, stageId: null, arrival: 2, bellSeq: 0, life: 1, absent: true } as const;
    const gone = aSnapshot(issue, [aStepRoundOf(issue)], { issue: { kind: 'ABSENT' }, memory });
    expect(briefly(gone)).toEqual(['WITHDRAW oa ISSUE_DELETED']);
  });

  it('completes a withdrawal that was begun, and then asks again', () => {
    const round = aStepRoundOf(issue, { withdraw: { reason: 'ISSUE_CLOSED', at: AGO } });
    expect(briefly(aSnapshot(issue, [round]))).toEqual(['WITHDRAW oa ISSUE_CLOSED then NEW_STAGE']);
  });

  it('is looked at only after an event of the OA or when it is due', () => {
    const round = aStepRoundOf(issue);
    expect(briefly(aSnapshot(issue, [round]), [reported(round)])).toEqual(['LOOK oa']);
    expect(briefly(aSnapshot(issue, [round]), [], LATER)).toEqual(['LOOK oa']);
    expect(briefly(aSnapshot(issue, [round]), [reported(aStepRoundOf(issue))])).toEqual([]);
  });

  it('that is not sent is sent, even after an event of the OA', () => {
    const round = aStepRoundOf(issue, { state: 'REQUESTED' });
    expect(briefly(aSnapshot(issue, [round]), [reported(round)])).toEqual(['SEND oa']);
  });
});

describe('an OA that fails', () => {
  const failing = (changes: Partial<Round> = {}) =>
    aStepRoundOf(issue, { failingSince: AGO, setbacks: 1, ...changes });

  it.each<[string, IssueRecord, string]>([
    ['a look', issue, 'LOOK oa'],
    ['a withdrawal after an edit', withStep(edited), 'WITHDRAW oa SUPERSEDED then STATEMENT_CHANGED'],
    ['a withdrawal after a ring', withStep({ bell }), 'WITHDRAW oa BELL then BELL'],
    ['a withdrawal after the issue was closed', withStep({ status: 'DONE' }), 'WITHDRAW oa ISSUE_CLOSED'],
    ['a withdrawal after the step was removed', anIssue(), 'WITHDRAW oa FLOW_CHANGED'],
  ])('is called for %s only when the round is due', (_, record, action) => {
    const at = aSnapshot(record, [failing()]);
    expect(briefly(at)).not.toContain(action);
    expect(briefly(at, [], LATER)).toContain(action);
  });

  it('is called after an event', () => {
    const round = failing();
    expect(briefly(aSnapshot(issue, [round]), [reported(round)])).toEqual(['LOOK oa']);
  });

  it('is asked for the first time only when the round is due', () => {
    const at = aSnapshot(issue, [failing({ state: 'REQUESTED' })]);
    expect(briefly(at)).toEqual([]);
    expect(briefly(at, [], LATER)).toEqual(['SEND oa']);
  });

  it('does not delay a stage that does not wait for it', () => {
    expect(briefly(aSnapshot(anIssue(), [failing()]))).toEqual(['OPEN stage-1 1 NEW_STAGE']);
  });

  it('is called only by the message that waits for its slot', () => {
    const slots = { call: '2026-03-01T08:01:30.000Z' };
    for (const round of [
      aStepRoundOf(issue, { slots }),
      aStepRoundOf(issue, { slots, state: 'REQUESTED' }),
    ]) {
      expect(briefly(aSnapshot(issue, [round]), [reported(round)])).toEqual([]);
      expect(briefly(aSnapshot(withStep(edited), [round]))).toEqual([]);
      const then = new Date('2026-03-01T08:01:29.000Z');
      expect(briefly(aSnapshot(issue, [round]), [reported(round)], then)).toHaveLength(1);
    }
  });
});

describe('a closed round of a step', () => {
  it('is looked at after a late event, unless it has a decision', () => {
    const decisions: Round['decisions'] = [{ result: 'REJECTED', by: {}, at: AGO, applied: true }];
    for (const [round, expected] of [
      [aStepRoundOf(issue, { state: 'WITHDRAWN' }), ['LOOK oa']],
      [aStepRoundOf(issue, { state: 'REJECTED', decisions }), []],
    ] as const) {
      const done = aSnapshot(withStep({ status: 'DONE' }), [round]);
      expect(briefly(done, [reported(round)])).toEqual(expected);
    }
  });

  it('has its leftover closed when it is due or after an event', () => {
    const round = aStepRoundOf(issue, { state: 'WITHDRAWN', settle: { what: 'UNKNOWN', tries: 0 } });
    const done = aSnapshot(withStep({ status: 'DONE' }), [round]);
    expect(briefly(done)).toEqual([]);
    expect(briefly(done, [], LATER)).toEqual(['CLOSE_LEFTOVER oa']);
    expect(briefly(done, [reported(round)])).toEqual(['CLOSE_LEFTOVER oa']);
  });
});

describe('an event of the OA while the record is invalid', () => {
  const round = aStepRoundOf(issue);
  const message = 'approvalFlow.steps[0].externalNodeId: …';

  it('is kept and changes nothing', () => {
    const invalid = { kind: 'INVALID', message, ours: {}, raw: {} } as const;
    const planned = plan(aSnapshot(issue, [round], { issue: invalid }), NOW, [reported(round)]);
    expect(planned).toMatchObject([
      { do: 'WRITE_BACK', writeBack: { approvalError: { code: 'INVALID_RECORD' }, stepStatuses: {} } },
      { do: 'KEEP_EVENTS', missed: ['CHANGED'] },
    ]);
  });

  it('leads to a look once the record is valid', () => {
    const ours = { approvalError: { code: 'INVALID_RECORD', message, at: AGO } };
    const corrected = { kind: 'VALID', record: issue, ours, raw: {} } as const;
    expect(briefly(aSnapshot(issue, [round], { issue: corrected }))).toEqual(['LOOK oa']);
  });
});
