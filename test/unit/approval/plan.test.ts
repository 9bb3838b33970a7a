import { describe, expect, it } from 'vitest';
import type { Action } from '../../../shared/approval/plan/action.ts';
import { approvalOf } from '../../../shared/approval/plan/approval.ts';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import { plan } from '../../../shared/approval/plan/plan.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import type { Snapshot } from '../../../shared/approval/plan/snapshot.ts';
import { taskHashes } from '../../../shared/issue/content.ts';
import type { IssueRecord } from '../../../shared/issue/record.ts';
import { anIssue, aStage, aStep, aTask } from '../../support/issue.ts';
import { aRoundOf, aSnapshot, SETTINGS } from '../../support/round.ts';

const NOW = new Date('2026-03-01T08:01:00.000Z');
const LATER = new Date('2026-03-01T09:00:00.000Z');
const issue = anIssue();
const edited = anIssue({ stages: [aStage({ tasks: [aTask({ statement: 'SELECT 2' })] })] });
const ringing = anIssue({ bell: { seq: 1, rungBy: 'CREATOR@example.com', rungAt: '2026-03-01T08:00:30Z' } });

/** Bookkeeping, tested by itself. */
const BESIDE: Action['do'][] = ['WRITE_BACK', 'RECORD_ASKING', 'POSTPONE'];
const stepsOf = (snapshot: Snapshot, hints: Hint[] = [], now = NOW): Action[] =>
  plan(snapshot, now, hints).filter((step) => !BESIDE.includes(step.do));
const brief = (steps: Action[]) =>
  steps.map((step) => {
    switch (step.do) {
      case 'OPEN':
        return `OPEN ${step.opening.generation} ${step.opening.triggers.join('+')}`;
      case 'WITHDRAW':
        return `WITHDRAW ${step.reason}${step.next ? ` then ${step.next.triggers.join('+')}` : ''}`;
      case 'REQUIRE_APPROVAL':
        return `DEMAND ${step.taskIds.join()}`;
      default:
        return step.do;
    }
  });
const event = (round: Round, status: string, about: 'INSTANCE' | 'TASK' = 'INSTANCE'): Hint => ({
  kind: 'FEISHU_EVENT',
  issueId: round.issueId,
  approvalId: round.approvalId,
  eventId: 'e',
  appId: SETTINGS.appId,
  definitionCode: SETTINGS.definitionCode,
  instanceCode: 'INSTANCE',
  about,
  status,
});

describe('a wanted stage', () => {
  it('without a round is opened', () => {
    expect(brief(stepsOf(aSnapshot(issue)))).toEqual(['OPEN 1 NEW_STAGE']);
  });

  it('with a RUNNING check is not opened, and what was opened before is not sent, unless Feishu has it already', () => {
    const checking = anIssue({ stages: [aStage({ tasks: [aTask({ check: 'RUNNING' })] })] });
    expect(stepsOf(aSnapshot(checking))).toEqual([]);
    const waiting = aRoundOf(checking, { state: 'REQUESTED', error: { code: 'FEISHU_SETUP', message: '' } });
    expect(stepsOf(aSnapshot(checking, [waiting]), [], LATER)).toEqual([]);
    expect(brief(stepsOf(aSnapshot(checking, [waiting]), [event(waiting, 'PENDING')]))).toEqual(['SEND']);
    expect(brief(stepsOf(aSnapshot(issue, [waiting]), [], LATER))).toEqual(['SEND']);
  });

  it('with a live round of the same content needs nothing', () => {
    expect(stepsOf(aSnapshot(issue, [aRoundOf(issue)]))).toEqual([]);
  });

  it('changed in title, description, task states or the case of an e-mail still has the same content', () => {
    const retitled = anIssue({
      title: 'another',
      description: 'another',
      assignee: { email: 'ASSIGNEE@example.com' },
    });
    expect(stepsOf(aSnapshot(retitled, [aRoundOf(issue)]))).toEqual([]);
  });

  it.each([
    ['SQL', edited, 'STATEMENT_CHANGED'],
    [
      'database',
      anIssue({ stages: [aStage({ tasks: [aTask({ database: 'other' })] })] }),
      'STATEMENT_CHANGED',
    ],
    ['environment', anIssue({ stages: [aStage({ environment: 'test' })] }), 'STATEMENT_CHANGED'],
    [
      'set of tasks',
      anIssue({ stages: [aStage({ tasks: [aTask(), aTask({ taskId: 'b' })] })] }),
      'STATEMENT_CHANGED',
    ],
    ['assignee', anIssue({ assignee: { email: 'other@example.com' } }), 'ASSIGNEE_CHANGED'],
  ])('whose %s changed has its live round replaced', (_, changed, trigger) => {
    expect(brief(stepsOf(aSnapshot(changed, [aRoundOf(issue)])))).toEqual([
      `WITHDRAW SUPERSEDED then ${trigger}`,
    ]);
  });

  it('of another app has its live round replaced', () => {
    const settings = { ...SETTINGS, appId: 'cli_b' };
    expect(brief(stepsOf(aSnapshot(issue, [aRoundOf(issue)], { settings })))).toEqual([
      'WITHDRAW SUPERSEDED then NEW_STAGE',
    ]);
  });

  it('asked for with a definition that is no longer the settings’ is asked for anew', () => {
    const { instanceCode: _, ...requested } = aRoundOf(issue, { state: 'REQUESTED', definitionCode: 'GONE' });
    for (const attempted of [false, true]) {
      expect(brief(stepsOf(aSnapshot(issue, [{ ...requested, attempted }])))).toEqual([
        'WITHDRAW SUPERSEDED then NEW_STAGE',
      ]);
    }
    const checking = anIssue({ stages: [aStage({ tasks: [aTask({ check: 'RUNNING' })] })] });
    expect(brief(stepsOf(aSnapshot(checking, [requested])))).toEqual(['WITHDRAW SUPERSEDED']);
  });

  it('docs/lessons.md 19: with its card in Feishu keeps the definition it was sent with', () => {
    expect(stepsOf(aSnapshot(issue, [aRoundOf(issue, { definitionCode: 'GONE' })]))).toEqual([]);
  });

  it('with a counting ring has its live round taken back and sent again', () => {
    expect(brief(stepsOf(aSnapshot(ringing, [aRoundOf(issue)])))).toEqual(['WITHDRAW BELL then BELL']);
  });

  it('with a counting ring keeps its card while a check is RUNNING: nothing could be sent in its place', () => {
    const checking = { ...ringing, stages: [aStage({ tasks: [aTask({ check: 'RUNNING' })] })] };
    expect(stepsOf(aSnapshot(checking, [aRoundOf(issue)]))).toEqual([]);
  });

  it('carries an intent through that may have reached Feishu, then asks anew', () => {
    const intending = aRoundOf(issue, { withdraw: { reason: 'CHECK_ERROR', at: NOW.toISOString() } });
    expect(brief(stepsOf(aSnapshot(issue, [intending])))).toEqual(['WITHDRAW CHECK_ERROR then NEW_STAGE']);
  });

  const closed: [Partial<Round>, string[], string[]][] = [
    [{ state: 'REJECTED' }, [], ['OPEN 2 BELL']],
    [{ state: 'CANCELED' }, [], ['OPEN 2 BELL']],
    [{ state: 'EXPIRED' }, [], ['OPEN 2 BELL']],
    [{ state: 'DELETED' }, [], ['OPEN 2 BELL']],
    [{ state: 'REVERTED' }, ['OPEN 2 NEW_STAGE'], ['OPEN 2 NEW_STAGE+BELL']],
    [{ state: 'FAILED', error: { code: 'FEISHU_REFUSED', message: '' } }, [], ['OPEN 2 BELL']],
    [{ state: 'FAILED', error: { code: 'ASSIGNEE_NOT_IN_FEISHU', message: '' } }, [], ['OPEN 2 BELL']],
    [{ state: 'WITHDRAWN', closeReason: 'EXPIRED_BY_US' }, [], ['OPEN 2 NEW_STAGE+BELL']],
    [{ state: 'WITHDRAWN', closeReason: 'ISSUE_CLOSED' }, ['OPEN 2 NEW_STAGE'], ['OPEN 2 NEW_STAGE+BELL']],
    [{ state: 'APPROVED' }, ['OPEN 2 NEW_STAGE'], ['OPEN 2 NEW_STAGE+BELL']],
  ];
  it.each(closed)('closed as %o: without a ring %o, with one %o', (changes, quiet, rung) => {
    const round = aRoundOf(issue, changes);
    expect(brief(stepsOf(aSnapshot(issue, [round])))).toEqual(quiet);
    expect(brief(stepsOf(aSnapshot(ringing, [round])))).toEqual(rung);
  });

  it.each(closed.map(([changes]) => changes))('closed as %o with other content is opened', (changes) => {
    expect(brief(stepsOf(aSnapshot(edited, [aRoundOf(issue, changes)])))).toEqual([
      'OPEN 2 STATEMENT_CHANGED',
    ]);
  });

  it.each(closed.map(([changes]) => changes))('closed as %o and left since is opened', (changes) => {
    const spent = aRoundOf(issue, { ...changes, arrival: 0 });
    expect(brief(stepsOf(aSnapshot(issue, [spent])))).toEqual(['OPEN 2 NEW_STAGE']);
  });

  it('whose assignee was unknown is tried again when its time has come, and by a resync, but not by an old hint', () => {
    const round = aRoundOf(issue, {
      state: 'FAILED',
      error: { code: 'ASSIGNEE_NOT_IN_FEISHU', message: '' },
      triggers: ['ASSIGNEE_CHANGED'],
    });
    expect(brief(stepsOf(aSnapshot(issue, [round]), [], LATER))).toEqual(['OPEN 2 ASSIGNEE_CHANGED']);
    const due: Hint = { kind: 'DUE', issueId: issue.issueId, approvalIds: [round.approvalId] };
    const waiting = { ...round, checkAfter: '2026-03-02T08:00:00.000Z' };
    const resync: Hint = { ...due, resync: true };
    expect(brief(stepsOf(aSnapshot(issue, [waiting]), [resync]))).toEqual(['OPEN 2 ASSIGNEE_CHANGED']);
    expect(brief(stepsOf(aSnapshot(issue, [waiting]), [due]))).toEqual([]);
  });

  it('ignores a ring that some round of the issue has heard', () => {
    const reported = aRoundOf(issue, {
      subject: { kind: 'STAGE', id: 'gone' },
      state: 'REJECTED',
      bellSeq: 1,
    });
    expect(stepsOf(aSnapshot(ringing, [reported, aRoundOf(issue, { state: 'REJECTED' })]))).toEqual([]);
  });
});

describe('an unwanted stage', () => {
  const unwanted: [string, IssueRecord, Partial<Snapshot>, string][] = [
    ['closed', anIssue({ status: 'DONE' }), {}, 'ISSUE_CLOSED'],
    ['left', anIssue({ currentStageId: null }), { memory: undefined }, 'STAGE_LEFT'],
    ['disabled', issue, { settings: { ...SETTINGS, enabled: false } }, 'DISABLED'],
    ['never set up', issue, { settings: undefined }, 'DISABLED'],
    ['flow', anIssue({ approvalFlow: { steps: [aStep()] } }), {}, 'FLOW_CHANGED'],
    [
      'approved in Frabit',
      anIssue({ stages: [aStage({ tasks: [aTask({ status: 'PENDING' })] })] }),
      {},
      'APPROVED_IN_FRABIT',
    ],
    ['nobody to ask', anIssue({ assignee: null }), {}, 'NO_ASSIGNEE'],
    [
      'failed check',
      anIssue({ stages: [aStage({ tasks: [aTask({ check: 'ERROR' })] })] }),
      {},
      'CHECK_ERROR',
    ],
  ];
  it.each(unwanted)('%s: its live round is withdrawn', (_, changed, changes, reason) => {
    const memory = {
      issueId: issue.issueId,
      stageId: changed.currentStageId ?? null,
      arrival: 1,
      bellSeq: 0,
      life: 0,
    };
    const snapshot = aSnapshot(changed, [aRoundOf(issue)], { ...changes, memory });
    expect(brief(stepsOf(snapshot))).toEqual([`WITHDRAW ${reason}`]);
  });

  it('of a deleted issue is withdrawn', () => {
    const memory = {
      issueId: issue.issueId,
      stageId: null,
      arrival: 2,
      bellSeq: 0,
      life: 1,
      absent: true as const,
    };
    const snapshot = aSnapshot(issue, [aRoundOf(issue)], { issue: { kind: 'ABSENT' }, memory });
    expect(brief(stepsOf(snapshot))).toEqual(['WITHDRAW ISSUE_DELETED']);
  });

  it('without a live round needs nothing', () => {
    expect(stepsOf(aSnapshot(anIssue({ status: 'DONE' }), [aRoundOf(issue, { state: 'REJECTED' })]))).toEqual(
      [],
    );
  });
});

describe('looks', () => {
  const round = aRoundOf(issue);
  it.each([
    ['APPROVED', ['LOOK']],
    ['REJECTED', ['LOOK']],
    ['TRANSFERRED', ['LOOK']],
    ['OVERTIME_CLOSE', ['LOOK']],
    ['SOMETHING_NEW', ['LOOK']],
    ['PENDING', []],
    ['DONE', []],
  ])('at a pending round, an event that says %s leads to %o', (status, expected) => {
    expect(brief(stepsOf(aSnapshot(issue, [round]), [event(round, status)]))).toEqual(expected);
  });

  it('at a pending round, when its time has come', () => {
    expect(brief(stepsOf(aSnapshot(issue, [round]), [], LATER))).toEqual(['LOOK']);
  });

  it('at a round that does not know its instance yet, any event leads to the send, which adopts it', () => {
    const { instanceCode: _, ...requested } = aRoundOf(issue, {
      state: 'REQUESTED',
      error: { code: 'FEISHU_UNAVAILABLE', message: '' },
    });
    expect(stepsOf(aSnapshot(issue, [requested]))).toEqual([]);
    expect(brief(stepsOf(aSnapshot(issue, [requested]), [event(requested, 'PENDING')]))).toEqual(['SEND']);
  });

  it.each([
    ['WITHDRAWN', 'APPROVED', ['LOOK']],
    ['WITHDRAWN', 'CANCELED', []],
    ['APPROVED', 'APPROVED', []],
    ['APPROVED', 'REVERTED', ['LOOK']],
    ['APPROVED', 'CANCELED', ['LOOK']],
    ['EXPIRED', 'OVERTIME_RECOVER', ['LOOK']],
  ] as const)('at a round %s, an event that says %s leads to %o', (state, status, expected) => {
    const decisions: Round['decisions'] =
      state === 'APPROVED' ? [{ result: 'APPROVED', by: {}, at: NOW.toISOString(), applied: true }] : [];
    const closed = aRoundOf(issue, { state, decisions });
    const done = anIssue({ status: 'DONE' });
    expect(brief(stepsOf(aSnapshot(done, [closed]), [event(closed, status)]))).toEqual(expected);
  });
});

describe('a stage that has come to need approval again', () => {
  const passed = anIssue({ stages: [aStage({ tasks: [aTask({ status: 'FAILED' })] })] });

  it.each([
    ['REJECTED', {}],
    ['CANCELED', {}],
    ['EXPIRED', {}],
    ['FAILED', {}],
    ['WITHDRAWN', { closeReason: 'EXPIRED_BY_US' }],
  ] as const)('after %s is a new stage, if it was seen without need since', (state, changes) => {
    const round = aRoundOf(issue, { ...changes, state });
    expect(stepsOf(aSnapshot(issue, [round]))).toEqual([]);
    expect(brief(stepsOf(aSnapshot(passed, [round])))).toEqual(['REST']);
    const rested = { ...round, rested: true } as const;
    expect(stepsOf(aSnapshot(passed, [rested]))).toEqual([]);
    expect(brief(stepsOf(aSnapshot(issue, [rested])))).toEqual(['OPEN 2 NEW_STAGE']);
  });
});

describe('what is left behind', () => {
  it('an unsettled instance is settled when its time has come, or an event speaks of it', () => {
    const round = aRoundOf(issue, { state: 'WITHDRAWN', settle: { what: 'UNKNOWN', tries: 0 } });
    const done = aSnapshot(anIssue({ status: 'DONE' }), [round]);
    expect(stepsOf(done)).toEqual([]);
    expect(brief(stepsOf(done, [], LATER))).toEqual(['CLOSE_LEFTOVER']);
    expect(brief(stepsOf(done, [event(round, 'PENDING')]))).toEqual(['CLOSE_LEFTOVER']);
  });

  it('a remark is posted at once, and after a failure when its time has come', () => {
    const round = aRoundOf(issue, {
      state: 'FAILED',
      error: { code: 'DECIDED_BY_ANOTHER', message: '' },
      remarks: ['DECIDED_BY_ANOTHER'],
    });
    expect(brief(stepsOf(aSnapshot(issue, [round])))).toEqual(['COMMENT']);
    const failed = { ...round, remarkTries: 1, remarkAfter: '2026-03-01T08:02:00.000Z' };
    expect(stepsOf(aSnapshot(issue, [failed]))).toEqual([]);
    expect(brief(stepsOf(aSnapshot(issue, [failed]), [], LATER))).toEqual(['COMMENT']);
  });
});

describe('what was approved and has changed since', () => {
  const pending = (statement: string) =>
    anIssue({ stages: [aStage({ tasks: [aTask({ status: 'PENDING', statement })] })] });
  const round = aRoundOf(issue, { state: 'APPROVED' });
  const approvedTasks = { 'stage-1': taskHashes(aStage()) };
  const at = (record: IssueRecord, ours: object) =>
    aSnapshot(record, [round], { issue: { kind: 'VALID', record, ours, raw: {} } });

  it('is put back to PENDING_APPROVAL while it is PENDING', () => {
    expect(brief(stepsOf(at(pending('DROP TABLE x'), { approvedTasks })))).toEqual(['DEMAND task-1']);
  });
  it('is left alone when it stands as it was approved', () => {
    const same = pending(aTask().statement ?? '');
    expect(stepsOf(at(same, { approvedTasks }))).toEqual([]);
  });
  it('is put back when the entry of the approval is gone', () => {
    expect(brief(stepsOf(at(pending(aTask().statement ?? ''), {})))).toEqual(['DEMAND task-1']);
  });
  it('is put back also when its approval was revoked in Feishu', () => {
    const record = pending('DROP TABLE x');
    const reverted = aRoundOf(issue, { state: 'REVERTED' });
    const issueState = { kind: 'VALID', record, ours: { approvedTasks }, raw: {} } as const;
    expect(brief(stepsOf(aSnapshot(record, [reverted], { issue: issueState })))).toEqual(['DEMAND task-1']);
  });
  it('is left alone once it runs', () => {
    const running = anIssue({
      stages: [aStage({ tasks: [aTask({ status: 'RUNNING', statement: 'DROP TABLE x' })] })],
    });
    expect(stepsOf(at(running, { approvedTasks }))).toEqual([]);
  });
});

describe('what is remembered and written', () => {
  it('plans nothing but its error for an invalid record', () => {
    const invalid = { kind: 'INVALID', message: 'title: wrong', ours: {}, raw: {} } as const;
    const snapshot = aSnapshot(issue, [aRoundOf(edited)], { issue: invalid });
    expect(plan(snapshot, NOW)).toMatchObject([
      { do: 'WRITE_BACK', writeBack: { approvalError: { code: 'INVALID_RECORD', message: 'title: wrong' } } },
    ]);
    const approvalError = { code: 'INVALID_RECORD', message: 'title: wrong', at: NOW.toISOString() };
    const known = { ...snapshot, issue: { ...invalid, ours: { approvalError } } };
    expect(plan(known, NOW)).toEqual([]);
  });

  it('writes nothing when the record says it all', () => {
    const round = aRoundOf(issue);
    const ours = { stageApprovals: { 'stage-1': approvalOf(round) } };
    const snapshot = aSnapshot(issue, [round], { issue: { kind: 'VALID', record: issue, ours, raw: {} } });
    expect(plan(snapshot, NOW)).toEqual([]);
  });
});

describe('what must not be lost or repeated for ever', () => {
  const names = (steps: Action[]) => steps.map((step) => step.do);

  it('keeps what events tell while the record is invalid, and looks once it is valid', () => {
    const round = aRoundOf(issue, { state: 'APPROVED', decisions: [] });
    const invalid = { kind: 'INVALID', message: 'title: wrong', ours: {}, raw: {} } as const;
    const reverted = event(round, 'REVERTED');
    expect(plan(aSnapshot(issue, [round], { issue: invalid }), NOW, [reverted])).toContainEqual({
      do: 'KEEP_EVENTS',
      approvalId: round.approvalId,
      missed: ['REVERTED'],
    });
    const kept = { ...round, missed: ['REVERTED'] };
    expect(names(plan(aSnapshot(issue, [kept], { issue: invalid }), NOW, [reverted]))).not.toContain(
      'KEEP_EVENTS',
    );

    const approvalError = { code: 'INVALID_RECORD', message: '', at: '' };
    const mended = {
      kind: 'VALID',
      record: anIssue({ status: 'DONE' }),
      ours: { approvalError },
      raw: {},
    } as const;
    expect(names(plan(aSnapshot(issue, [kept], { issue: mended }), NOW))).toContain('LOOK');
  });

  it('gives a round whose time has come another time when nothing is to be done about it', () => {
    const failed = aRoundOf(issue, {
      state: 'FAILED',
      error: { code: 'ASSIGNEE_NOT_IN_FEISHU', message: '' },
    });
    const done = aSnapshot(anIssue({ status: 'DONE' }), [failed]);
    expect(names(plan(done, LATER))).toContain('POSTPONE');
    expect(names(plan(done, NOW))).not.toContain('POSTPONE');
    expect(names(plan(aSnapshot(issue, [failed]), LATER))).not.toContain('POSTPONE');
  });

  it('does not look for a hint that piled up behind a look made since', () => {
    const due: Hint = { kind: 'DUE', issueId: issue.issueId, approvalIds: [] };
    const looked = aRoundOf(issue, { looks: 1 });
    expect(
      names(plan(aSnapshot(issue, [looked]), NOW, [{ ...due, approvalIds: [looked.approvalId] }])),
    ).not.toContain('LOOK');
  });

  it('leaves the call to the message that holds the slot', () => {
    const slot = new Date(NOW.getTime() + 60_000).toISOString();
    const sending = aRoundOf(issue, { state: 'REQUESTED', slots: { create: slot } });
    expect(stepsOf(aSnapshot(issue, [sending]))).toEqual([]);
    const later = new Date(slot);
    expect(brief(stepsOf(aSnapshot(issue, [sending]), [], later))).toEqual(['SEND']);
    const leaving = aRoundOf(issue, { withdraw: { reason: 'BELL', at: '' }, slots: { cancel: slot } });
    expect(stepsOf(aSnapshot(issue, [leaving]))).toEqual([]);
    // Of the version before, which handed slots out hours ahead: no message comes back for it any more.
    const far = new Date(NOW.getTime() + 63_000).toISOString();
    const upgraded = aRoundOf(issue, { state: 'REQUESTED', slots: { create: far } });
    expect(brief(stepsOf(aSnapshot(issue, [upgraded])))).toEqual(['SEND']);
  });

  it('retries an unknown assignee in BELL_ONLY without another ring', () => {
    const bellOnly = anIssue({
      approvalMode: 'BELL_ONLY',
      bell: { seq: 1, rungBy: 'creator@example.com', rungAt: '2026-03-01T08:00:30Z' },
    });
    const failed = aRoundOf(bellOnly, {
      state: 'FAILED',
      error: { code: 'ASSIGNEE_NOT_IN_FEISHU', message: '' },
      triggers: ['BELL'],
    });
    expect(stepsOf(aSnapshot(bellOnly, [failed]))).toEqual([]);
    expect(brief(stepsOf(aSnapshot(bellOnly, [failed]), [], LATER))).toEqual(['OPEN 2 BELL']);
  });

  it.each<[string, Partial<Round>]>([
    ['an unknown assignee', { state: 'FAILED', error: { code: 'ASSIGNEE_NOT_IN_FEISHU', message: '' } }],
    ['a card that would be cut', { state: 'WITHDRAWN', closeReason: 'TOO_LARGE_TO_SHOW' }],
  ])('waits for a ring in BELL_ONLY when the issue has come back since %s', (_, changes) => {
    const bellOnly = anIssue({ approvalMode: 'BELL_ONLY' });
    const closed = aRoundOf(bellOnly, { triggers: ['BELL'], ...changes });
    const { memory } = aSnapshot(bellOnly);
    const arrivedAnew = memory && { ...memory, arrival: closed.arrival + 1 };
    expect(stepsOf(aSnapshot(bellOnly, [closed], { memory: arrivedAnew }), [], LATER)).toEqual([]);
  });
});

describe('approved, changed, and approved in Frabit itself', () => {
  const approved = { approvedTasks: { 'stage-1': taskHashes(aStage()) } };
  const at = (status: 'PENDING' | 'PENDING_APPROVAL', rounds: Round[]) => {
    const record = anIssue({
      assignee: null,
      stages: [aStage({ tasks: [aTask({ status, statement: 'SELECT 2' })] })],
    });
    return aSnapshot(record, rounds, { issue: { kind: 'VALID', record, ours: approved, raw: {} } });
  };
  const hash = taskHashes(aStage({ tasks: [aTask({ statement: 'SELECT 2' })] }));

  it('a task seen asking again is not put back when Frabit approves it', () => {
    const round = aRoundOf(issue, { state: 'APPROVED' });
    expect(plan(at('PENDING_APPROVAL', [round]), NOW)).toContainEqual({
      do: 'RECORD_ASKING',
      approvalId: round.approvalId,
      asked: hash,
    });
    expect(brief(plan(at('PENDING', [round]), NOW))).toContain('DEMAND task-1');
    expect(brief(plan(at('PENDING', [{ ...round, asked: hash }]), NOW))).not.toContain('DEMAND task-1');
  });

  it('a change that was asked for, given up and made again without asking is put back', () => {
    const round = aRoundOf(issue, { state: 'APPROVED', asked: hash });
    const record = anIssue({ stages: [aStage({ tasks: [aTask({ status: 'PENDING' })] })] });
    const givenUp = aSnapshot(record, [round], {
      issue: { kind: 'VALID', record, ours: approved, raw: {} },
    });
    expect(plan(givenUp, NOW)).toContainEqual({
      do: 'RECORD_ASKING',
      approvalId: round.approvalId,
      asked: {},
    });
    expect(brief(plan(at('PENDING', [{ ...round, asked: {} }]), NOW))).toContain('DEMAND task-1');
  });

  it('a forgotten task is put back also while a later round stands', () => {
    const round = aRoundOf(issue, { state: 'APPROVED' });
    const rejected = aRoundOf(issue, { state: 'REJECTED', generation: 2 });
    expect(brief(plan(at('PENDING', [round, rejected]), NOW))).toContain('DEMAND task-1');
  });

  it('a task that joined an approved stage is asked, whatever its name', () => {
    const round = aRoundOf(issue, { state: 'APPROVED' });
    const record = anIssue({
      stages: [
        aStage({ tasks: [aTask({ status: 'DONE' }), aTask({ taskId: 'toString', status: 'PENDING' })] }),
      ],
    });
    const snapshot = aSnapshot(record, [round], {
      issue: { kind: 'VALID', record, ours: approved, raw: {} },
    });
    expect(brief(stepsOf(snapshot))).toEqual(['DEMAND toString']);
  });
});
