import { describe, expect, it } from 'vitest';
import type { IssueMemory } from '../../../shared/approval/plan/issue-memory.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import type { Snapshot } from '../../../shared/approval/plan/snapshot.ts';
import type { IssueRecord } from '../../../shared/issue/record.ts';
import { anIssue, aStage, aStep, aTask } from '../../support/issue.ts';
import { planBriefly } from '../../support/plan-briefly.ts';
import { anOaStep, aRoundOf, aSnapshot, aStepRoundOf, SETTINGS } from '../../support/round.ts';

const NOW = new Date('2026-03-01T08:01:00.000Z');
const MEMORY: IssueMemory = { issueId: 'issue-1', stageId: 'stage-1', arrival: 1, bellSeq: 0, life: 0 };

/** An issue with one EXTERNAL step. */
const withStep = (changes: Partial<IssueRecord> = {}): IssueRecord =>
  anIssue({ approvalFlow: { steps: [anOaStep()] }, ...changes });
const withSteps = (...steps: ReturnType<typeof aStep>[]): IssueRecord => anIssue({ approvalFlow: { steps } });
const issue = withStep();
const passed = withSteps(anOaStep({ status: 'APPROVED' }));
const edited = { stages: [aStage({ tasks: [aTask({ statement: 'SELECT 2' })] })] };
const briefly = (snapshot: Snapshot, now = NOW) => planBriefly(snapshot, now);
const bell = { seq: 1, rungBy: 'CREATOR@example.com', rungAt: '2026-03-01T08:00:30Z' };

describe('an EXTERNAL step', () => {
  it('without a round is opened, and no stage is opened', () => {
    expect(briefly(aSnapshot(issue))).toEqual(['OPEN oa 1 NEW_STAGE']);
  });

  it('with a live round of the same content needs no action', () => {
    expect(briefly(aSnapshot(issue, [aStepRoundOf(issue)]))).toEqual([]);
  });

  it.each<[string, IssueRecord, string]>([
    ['the SQL', withStep(edited), 'STATEMENT_CHANGED'],
    ['the environment', withStep({ stages: [aStage({ environment: 'test' })] }), 'STATEMENT_CHANGED'],
    [
      'the SQL of a later stage',
      withStep({ stages: [aStage(), aStage({ stageId: 'stage-2' })] }),
      'STATEMENT_CHANGED',
    ],
    ['the OA', withSteps(anOaStep({ externalNodeId: 'another' })), 'NEW_STAGE'],
  ])('is asked again when %s changed, whatever the state of its round', (_, changed, trigger) => {
    const planned = (round: Partial<Round>) => briefly(aSnapshot(changed, [aStepRoundOf(issue, round)]));
    expect(planned({})).toEqual([`WITHDRAW oa SUPERSEDED then ${trigger}`]);
    expect(planned({ state: 'REQUESTED', attempted: false })).toEqual([
      `WITHDRAW oa SUPERSEDED then ${trigger}`,
    ]);
    expect(planned({ state: 'APPROVED' })).toEqual([`OPEN oa 2 ${trigger}`]);
    expect(planned({ state: 'REJECTED' })).toEqual([`OPEN oa 2 ${trigger}`]);
  });

  it('is not asked again when titles, people, the stage or the statuses of tasks change', () => {
    const changed = withStep({
      title: 'another',
      description: 'another',
      assignee: { email: 'other@example.com' },
      stages: [aStage({ title: 'another', tasks: [aTask({ status: 'RUNNING', check: 'ERROR' })] })],
    });
    expect(briefly(aSnapshot(changed, [aStepRoundOf(issue)]))).toEqual([]);
  });

  const closed: [Partial<Round>, string[], string[]][] = [
    [{ state: 'REJECTED' }, [], ['OPEN oa 2 BELL']],
    [{ state: 'CANCELED' }, [], ['OPEN oa 2 BELL']],
    [{ state: 'DELETED' }, [], ['OPEN oa 2 BELL']],
    [
      { state: 'WITHDRAWN', closeReason: 'ISSUE_CLOSED' },
      ['OPEN oa 2 NEW_STAGE'],
      ['OPEN oa 2 NEW_STAGE+BELL'],
    ],
    [
      { state: 'WITHDRAWN', closeReason: 'FLOW_CHANGED' },
      ['OPEN oa 2 NEW_STAGE'],
      ['OPEN oa 2 NEW_STAGE+BELL'],
    ],
    [{ state: 'APPROVED' }, [], []],
  ];
  it.each(closed)('with a round closed as %o: without a ring %o, with one %o', (changes, quiet, rung) => {
    const round = aStepRoundOf(issue, changes);
    expect(briefly(aSnapshot(issue, [round]))).toEqual(quiet);
    expect(briefly(aSnapshot(withStep({ bell }), [round]))).toEqual(rung);
  });

  it.each(closed)(
    'with a round closed as %o does not change when the issue goes to another stage',
    (changes, quiet) => {
      const round = aStepRoundOf(issue, { ...changes, arrival: 0 });
      expect(briefly(aSnapshot(issue, [round]))).toEqual(quiet);
    },
  );

  it.each(closed)(
    'with a round closed as %o is opened when the issue was deleted and written again',
    (changes) => {
      const round = aStepRoundOf(issue, changes);
      const memory = { ...MEMORY, arrival: 3, life: 1 };
      expect(briefly(aSnapshot(issue, [round], { memory }))).toEqual(['OPEN oa 2 NEW_STAGE']);
    },
  );

  it('is asked again after a ring of the creator while it is pending, but not after other rings', () => {
    const round = aStepRoundOf(issue);
    expect(briefly(aSnapshot(withStep({ bell }), [round]))).toEqual(['WITHDRAW oa BELL then BELL']);
    const another = withStep({ bell: { ...bell, rungBy: 'assignee@example.com' } });
    expect(briefly(aSnapshot(another, [round]))).toEqual([]);
    expect(briefly(aSnapshot(withStep({ bell }), [{ ...round, bellSeq: 1 }]))).toEqual([]);
  });

  it.each<[string, Partial<IssueRecord>, Partial<Snapshot>]>([
    ['Feishu is disabled', {}, { settings: { ...SETTINGS, enabled: false } }],
    ['Feishu was never set up', {}, { settings: undefined }],
    ['nobody is assigned', { assignee: null }, {}],
    ['stages wait for the bell', { approvalMode: 'BELL_ONLY' }, {}],
    ['a check is running', { stages: [aStage({ tasks: [aTask({ check: 'RUNNING' })] })] }, {}],
    ['a check failed', { stages: [aStage({ tasks: [aTask({ check: 'ERROR' })] })] }, {}],
    ['the issue is at no stage', { currentStageId: null }, { memory: { ...MEMORY, stageId: null } }],
  ])('is asked even if %s', (_, changes, circumstances) => {
    const record = withStep(changes);
    expect(briefly(aSnapshot(record, [], circumstances))).toEqual(['OPEN oa 1 NEW_STAGE']);
    const requested = aStepRoundOf(record, { state: 'REQUESTED', attempted: false });
    expect(briefly(aSnapshot(record, [requested], circumstances))).toEqual(['SEND oa']);
    expect(briefly(aSnapshot(record, [aStepRoundOf(record)], circumstances))).toEqual([]);
  });

  it('does not depend on the app, definition, reminders and expiry of Feishu', () => {
    const settings = { ...SETTINGS, appId: 'b', definitionCode: 'b', reminderHours: 1, expiryHours: 1 };
    const at = (state: Round['state']) => aSnapshot(issue, [aStepRoundOf(issue, { state })], { settings });
    expect(briefly(at('PENDING'))).toEqual([]);
    expect(briefly(at('PENDING'), new Date('2026-03-05T08:00:00Z'))).toEqual(['LOOK oa']);
    expect(briefly(at('REQUESTED'))).toEqual(['SEND oa']);
  });
});

describe('the turn of a step', () => {
  const first = anOaStep({ stepId: 'first' });
  const second = anOaStep({ stepId: 'second' });
  const dba = aStep({ stepId: 'dba' });
  const done = { status: 'APPROVED' } as const;

  it.each<[string, IssueRecord, Round['state'] | undefined, string[]]>([
    ['the first of two', withSteps(first, second), undefined, ['OPEN first 1 NEW_STAGE']],
    ['none after a step that Frabit has not decided', withSteps(dba, first), undefined, []],
    [
      'none after a step that Frabit rejected',
      withSteps({ ...dba, status: 'REJECTED' }, first),
      undefined,
      [],
    ],
    [
      'one after a step that Frabit approved',
      withSteps({ ...dba, ...done }, first),
      undefined,
      ['OPEN first 1 NEW_STAGE'],
    ],
    [
      'one before a step that Frabit has not decided',
      withSteps(first, dba),
      undefined,
      ['OPEN first 1 NEW_STAGE'],
    ],
    ['none after a pending step', withSteps(first, second), 'PENDING', []],
    ['none after a rejected step', withSteps({ ...first, status: 'REJECTED' }, second), 'REJECTED', []],
    [
      'none before the record shows that the previous step is approved',
      withSteps(first, second),
      'APPROVED',
      [],
    ],
    [
      'none after a step that only the record shows as approved',
      withSteps({ ...first, ...done }, second),
      'PENDING',
      [],
    ],
    [
      'the second after an approved step',
      withSteps({ ...first, ...done }, second),
      'APPROVED',
      ['OPEN second 1 NEW_STAGE'],
    ],
    ['no stage before the last step is approved', withSteps({ ...first, ...done }, dba), 'APPROVED', []],
    [
      'the stage once all steps are approved',
      withSteps({ ...first, ...done }, { ...dba, ...done }),
      'APPROVED',
      ['OPEN stage-1 1 NEW_STAGE'],
    ],
  ])('is given to %s', (_, record, state, expected) => {
    const rounds = state ? [aStepRoundOf(record, { state }, 'first')] : [];
    expect(briefly(aSnapshot(record, rounds))).toEqual(expected);
  });

  it('may end while the step is pending, which is then withdrawn', () => {
    const record = withSteps(dba, first);
    expect(briefly(aSnapshot(record, [aStepRoundOf(record)]))).toEqual(['WITHDRAW first FLOW_CHANGED']);
  });

  it('may return after it ended', () => {
    const record = withSteps({ ...dba, ...done }, first);
    const round = aStepRoundOf(record, { state: 'WITHDRAWN', closeReason: 'FLOW_CHANGED' });
    expect(briefly(aSnapshot(record, [round]))).toEqual(['OPEN first 2 NEW_STAGE']);
  });

  it('returns to the first of two approved steps when the SQL changes', () => {
    const before = withSteps({ ...first, ...done }, { ...second, ...done });
    const rounds = ['first', 'second'].map((id) => aStepRoundOf(before, { state: 'APPROVED' }, id));
    const planned = briefly(aSnapshot({ ...before, ...edited }, rounds));
    expect(planned).toEqual(['OPEN first 2 STATEMENT_CHANGED']);
  });
});

describe('the stage after a step', () => {
  it('is opened once the step is approved', () => {
    const round = aStepRoundOf(passed, { state: 'APPROVED' });
    expect(briefly(aSnapshot(passed, [round]))).toEqual(['OPEN stage-1 1 NEW_STAGE']);
  });

  it('is withdrawn when the SQL changes, and only the OA is asked', () => {
    const rounds = [aStepRoundOf(passed, { state: 'APPROVED' }), aRoundOf(passed)];
    expect(briefly(aSnapshot({ ...passed, ...edited }, rounds))).toEqual([
      'OPEN oa 2 STATEMENT_CHANGED',
      'WITHDRAW stage-1 FLOW_CHANGED',
    ]);
  });

  it('is withdrawn when the SQL of another stage changes', () => {
    const rounds = [aStepRoundOf(passed, { state: 'APPROVED' }), aRoundOf(passed)];
    const stages = [...passed.stages, aStage({ stageId: 'stage-2' })];
    expect(briefly(aSnapshot({ ...passed, stages }, rounds))).toEqual([
      'OPEN oa 2 STATEMENT_CHANGED',
      'WITHDRAW stage-1 FLOW_CHANGED',
    ]);
  });

  it('is withdrawn when a step is added to the flow', () => {
    expect(briefly(aSnapshot(issue, [aRoundOf(issue)]))).toEqual([
      'OPEN oa 1 NEW_STAGE',
      'WITHDRAW stage-1 FLOW_CHANGED',
    ]);
  });

  it('is opened when the step is removed, whatever the state of its round', () => {
    for (const state of ['REJECTED', 'APPROVED', 'WITHDRAWN'] as const) {
      expect(briefly(aSnapshot(anIssue(), [aStepRoundOf(issue, { state })]))).toEqual([
        'OPEN stage-1 1 NEW_STAGE',
      ]);
    }
  });

  it('is opened in BELL_ONLY by the ring with which the OA was asked again', () => {
    const record: IssueRecord = { ...passed, bell, approvalMode: 'BELL_ONLY' };
    const round = aStepRoundOf(record, { state: 'APPROVED', triggers: ['BELL'] });
    expect(round.bellSeq).toBe(1);
    expect(briefly(aSnapshot(record, [round]))).toEqual(['OPEN stage-1 1 NEW_STAGE+BELL']);
    const quiet: IssueRecord = { ...passed, approvalMode: 'BELL_ONLY' };
    expect(briefly(aSnapshot(quiet, [aStepRoundOf(quiet, { state: 'APPROVED' })]))).toEqual([]);
  });

  it('is sent again, not the step, when the creator rings after the step was approved', () => {
    const record: IssueRecord = { ...passed, bell };
    const rounds = [aStepRoundOf(passed, { state: 'APPROVED' }), aRoundOf(passed)];
    expect(briefly(aSnapshot(record, rounds))).toEqual(['WITHDRAW stage-1 BELL then BELL']);
  });
});
