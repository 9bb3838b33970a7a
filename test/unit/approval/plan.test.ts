import { describe, expect, it } from 'vitest';
import type { Action } from '../../../shared/approval/plan/action.ts';
import { approvalOf } from '../../../shared/approval/plan/approval.ts';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import { plan } from '../../../shared/approval/plan/plan.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import type { Snapshot } from '../../../shared/approval/plan/snapshot.ts';
import { taskHashes } from '../../../shared/issue/content-hash.ts';
import type { IssueRecord } from '../../../shared/issue/record.ts';
import { anIssue, aStage, aStep, aTask } from '../../support/issue.ts';
import { aRoundOf, aSnapshot, SETTINGS } from '../../support/round.ts';

const NOW = new Date('2026-03-01T08:01:00.000Z');
const LATER = new Date('2026-03-01T09:00:00.000Z');
const issue = anIssue();
const edited = anIssue({ stages: [aStage({ tasks: [aTask({ statement: 'SELECT 2' })] })] });
const ringing = anIssue({ bell: { seq: 1, rungBy: 'CREATOR@example.com', rungAt: '2026-03-01T08:00:30Z' } });

/** Actions that have their own tests. */
const BESIDE: Action['do'][] = ['WRITE_BACK', 'RECORD_ASKING', 'POSTPONE'];
const actionsOf = (snapshot: Snapshot, hints: Hint[] = [], now = NOW): Action[] =>
  plan(snapshot, now, hints).filter((action) => !BESIDE.includes(action.do));
const brief = (actions: Action[]) =>
  actions.map((action) => {
    switch (action.do) {
      case 'OPEN':
        return `OPEN ${action.opening.generation} ${action.opening.triggers.join('+')}`;
      case 'WITHDRAW':
        return `WITHDRAW ${action.reason}${action.next ? ` then ${action.next.triggers.join('+')}` : ''}`;
      case 'REQUIRE_APPROVAL':
        return `DEMAND ${action.taskIds.join()}`;
      default:
        return action.do;
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
    expect(brief(actionsOf(aSnapshot(issue)))).toEqual(['OPEN 1 NEW_STAGE']);
  });

  it('with a RUNNING check is not opened, and an open round is sent only if Feishu may have it already', () => {
    const checking = anIssue({ stages: [aStage({ tasks: [aTask({ check: 'RUNNING' })] })] });
    expect(actionsOf(aSnapshot(checking))).toEqual([]);
    const waiting = aRoundOf(checking, { state: 'REQUESTED', error: { code: 'FEISHU_SETUP', message: '' } });
    expect(actionsOf(aSnapshot(checking, [waiting]), [], LATER)).toEqual([]);
    expect(brief(actionsOf(aSnapshot(checking, [waiting]), [event(waiting, 'PENDING')]))).toEqual(['SEND']);
    expect(brief(actionsOf(aSnapshot(issue, [waiting]), [], LATER))).toEqual(['SEND']);
  });

  it('with a live round of the same content needs no action', () => {
    expect(actionsOf(aSnapshot(issue, [aRoundOf(issue)]))).toEqual([]);
  });

  it('has the same content after a change of title, description, task statuses or the case of an e-mail', () => {
    const retitled = anIssue({
      title: 'another',
      description: 'another',
      assignee: { email: 'ASSIGNEE@example.com' },
    });
    expect(actionsOf(aSnapshot(retitled, [aRoundOf(issue)]))).toEqual([]);
  });

  it.each([
    ['the SQL', edited, 'STATEMENT_CHANGED'],
    [
      'the database',
      anIssue({ stages: [aStage({ tasks: [aTask({ database: 'other' })] })] }),
      'STATEMENT_CHANGED',
    ],
    ['the environment', anIssue({ stages: [aStage({ environment: 'test' })] }), 'STATEMENT_CHANGED'],
    [
      'the set of tasks',
      anIssue({ stages: [aStage({ tasks: [aTask(), aTask({ taskId: 'b' })] })] }),
      'STATEMENT_CHANGED',
    ],
    ['the assignee', anIssue({ assignee: { email: 'other@example.com' } }), 'ASSIGNEE_CHANGED'],
  ])('replaces its live round when %s changes', (_, changed, trigger) => {
    expect(brief(actionsOf(aSnapshot(changed, [aRoundOf(issue)])))).toEqual([
      `WITHDRAW SUPERSEDED then ${trigger}`,
    ]);
  });

  it('replaces its live round when the app changes', () => {
    const settings = { ...SETTINGS, appId: 'cli_b' };
    expect(brief(actionsOf(aSnapshot(issue, [aRoundOf(issue)], { settings })))).toEqual([
      'WITHDRAW SUPERSEDED then NEW_STAGE',
    ]);
  });

  it('replaces an unsent round when the settings name another definition', () => {
    const { instanceCode: _, ...requested } = aRoundOf(issue, { state: 'REQUESTED', definitionCode: 'GONE' });
    for (const attempted of [false, true]) {
      expect(brief(actionsOf(aSnapshot(issue, [{ ...requested, attempted }])))).toEqual([
        'WITHDRAW SUPERSEDED then NEW_STAGE',
      ]);
    }
    const checking = anIssue({ stages: [aStage({ tasks: [aTask({ check: 'RUNNING' })] })] });
    expect(brief(actionsOf(aSnapshot(checking, [requested])))).toEqual(['WITHDRAW SUPERSEDED']);
  });

  it('docs/lessons.md 19: keeps the definition that its card was sent with', () => {
    expect(actionsOf(aSnapshot(issue, [aRoundOf(issue, { definitionCode: 'GONE' })]))).toEqual([]);
  });

  it('withdraws its live round and sends it again after a ring that counts', () => {
    expect(brief(actionsOf(aSnapshot(ringing, [aRoundOf(issue)])))).toEqual(['WITHDRAW BELL then BELL']);
  });

  it('keeps its card after a ring while a check is RUNNING, because no new card could be sent', () => {
    const checking = { ...ringing, stages: [aStage({ tasks: [aTask({ check: 'RUNNING' })] })] };
    expect(actionsOf(aSnapshot(checking, [aRoundOf(issue)]))).toEqual([]);
  });

  it('completes a withdrawal that may have reached Feishu, and then sends again', () => {
    const intending = aRoundOf(issue, { withdraw: { reason: 'CHECK_ERROR', at: NOW.toISOString() } });
    expect(brief(actionsOf(aSnapshot(issue, [intending])))).toEqual(['WITHDRAW CHECK_ERROR then NEW_STAGE']);
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
  it.each(closed)('with a round closed as %o: without a ring %o, with one %o', (changes, quiet, rung) => {
    const round = aRoundOf(issue, changes);
    expect(brief(actionsOf(aSnapshot(issue, [round])))).toEqual(quiet);
    expect(brief(actionsOf(aSnapshot(ringing, [round])))).toEqual(rung);
  });

  it.each(closed.map(([changes]) => changes))(
    'with a round closed as %o is opened when the content changes',
    (changes) => {
      expect(brief(actionsOf(aSnapshot(edited, [aRoundOf(issue, changes)])))).toEqual([
        'OPEN 2 STATEMENT_CHANGED',
      ]);
    },
  );

  it.each(closed.map(([changes]) => changes))(
    'with a round closed as %o is opened when the issue left and returned',
    (changes) => {
      const spent = aRoundOf(issue, { ...changes, arrival: 0 });
      expect(brief(actionsOf(aSnapshot(issue, [spent])))).toEqual(['OPEN 2 NEW_STAGE']);
    },
  );

  it('with an unknown assignee is tried again when due or after a resync, but not after an old hint', () => {
    const round = aRoundOf(issue, {
      state: 'FAILED',
      error: { code: 'ASSIGNEE_NOT_IN_FEISHU', message: '' },
      triggers: ['ASSIGNEE_CHANGED'],
    });
    expect(brief(actionsOf(aSnapshot(issue, [round]), [], LATER))).toEqual(['OPEN 2 ASSIGNEE_CHANGED']);
    const due: Hint = { kind: 'DUE', issueId: issue.issueId, approvalIds: [round.approvalId] };
    const waiting = { ...round, checkAfter: '2026-03-02T08:00:00.000Z' };
    const resync: Hint = { ...due, resync: true };
    expect(brief(actionsOf(aSnapshot(issue, [waiting]), [resync]))).toEqual(['OPEN 2 ASSIGNEE_CHANGED']);
    expect(brief(actionsOf(aSnapshot(issue, [waiting]), [due]))).toEqual([]);
  });

  it('ignores a ring that some round of the issue has counted', () => {
    const reported = aRoundOf(issue, {
      subject: { kind: 'STAGE', id: 'gone' },
      state: 'REJECTED',
      bellSeq: 1,
    });
    expect(actionsOf(aSnapshot(ringing, [reported, aRoundOf(issue, { state: 'REJECTED' })]))).toEqual([]);
  });
});

describe('an unwanted stage', () => {
  const unwanted: [string, IssueRecord, Partial<Snapshot>, string][] = [
    ['in a closed issue', anIssue({ status: 'DONE' }), {}, 'ISSUE_CLOSED'],
    ['that the issue left', anIssue({ currentStageId: null }), { memory: undefined }, 'STAGE_LEFT'],
    ['with approvals disabled', issue, { settings: { ...SETTINGS, enabled: false } }, 'DISABLED'],
    ['without settings', issue, { settings: undefined }, 'DISABLED'],
    ['with an unfinished flow', anIssue({ approvalFlow: { steps: [aStep()] } }), {}, 'FLOW_CHANGED'],
    [
      'that was approved in Frabit',
      anIssue({ stages: [aStage({ tasks: [aTask({ status: 'PENDING' })] })] }),
      {},
      'APPROVED_IN_FRABIT',
    ],
    ['without an assignee', anIssue({ assignee: null }), {}, 'NO_ASSIGNEE'],
    [
      'with a failed check',
      anIssue({ stages: [aStage({ tasks: [aTask({ check: 'ERROR' })] })] }),
      {},
      'CHECK_ERROR',
    ],
  ];
  it.each(unwanted)('%s has its live round withdrawn', (_, changed, changes, reason) => {
    const memory = {
      issueId: issue.issueId,
      stageId: changed.currentStageId ?? null,
      arrival: 1,
      bellSeq: 0,
      life: 0,
    };
    const snapshot = aSnapshot(changed, [aRoundOf(issue)], { ...changes, memory });
    expect(brief(actionsOf(snapshot))).toEqual([`WITHDRAW ${reason}`]);
  });

  it('of a deleted issue has its live round withdrawn', () => {
    const memory = {
      issueId: issue.issueId,
      stageId: null,
      arrival: 2,
      bellSeq: 0,
      life: 1,
      absent: true as const,
    };
    const snapshot = aSnapshot(issue, [aRoundOf(issue)], { issue: { kind: 'ABSENT' }, memory });
    expect(brief(actionsOf(snapshot))).toEqual(['WITHDRAW ISSUE_DELETED']);
  });

  it('without a live round needs no action', () => {
    expect(
      actionsOf(aSnapshot(anIssue({ status: 'DONE' }), [aRoundOf(issue, { state: 'REJECTED' })])),
    ).toEqual([]);
  });
});

describe('a look', () => {
  const round = aRoundOf(issue);
  it.each([
    ['APPROVED', ['LOOK']],
    ['REJECTED', ['LOOK']],
    ['TRANSFERRED', ['LOOK']],
    ['OVERTIME_CLOSE', ['LOOK']],
    ['SOMETHING_NEW', ['LOOK']],
    ['PENDING', []],
    ['DONE', []],
  ])('at a pending round after an event %s: %o', (status, expected) => {
    expect(brief(actionsOf(aSnapshot(issue, [round]), [event(round, status)]))).toEqual(expected);
  });

  it('at a pending round is planned when the round is due', () => {
    expect(brief(actionsOf(aSnapshot(issue, [round]), [], LATER))).toEqual(['LOOK']);
  });

  it('at a round without an instance code is a send, which adopts the instance', () => {
    const { instanceCode: _, ...requested } = aRoundOf(issue, {
      state: 'REQUESTED',
      error: { code: 'FEISHU_UNAVAILABLE', message: '' },
    });
    expect(actionsOf(aSnapshot(issue, [requested]))).toEqual([]);
    expect(brief(actionsOf(aSnapshot(issue, [requested]), [event(requested, 'PENDING')]))).toEqual(['SEND']);
  });

  it.each([
    ['WITHDRAWN', 'APPROVED', ['LOOK']],
    ['WITHDRAWN', 'CANCELED', []],
    ['APPROVED', 'APPROVED', []],
    ['APPROVED', 'REVERTED', ['LOOK']],
    ['APPROVED', 'CANCELED', ['LOOK']],
    ['EXPIRED', 'OVERTIME_RECOVER', ['LOOK']],
  ] as const)('at a round %s after an event %s: %o', (state, status, expected) => {
    const decisions: Round['decisions'] =
      state === 'APPROVED' ? [{ result: 'APPROVED', by: {}, at: NOW.toISOString(), applied: true }] : [];
    const closed = aRoundOf(issue, { state, decisions });
    const done = anIssue({ status: 'DONE' });
    expect(brief(actionsOf(aSnapshot(done, [closed]), [event(closed, status)]))).toEqual(expected);
  });
});

describe('a stage that needs approval again', () => {
  const passed = anIssue({ stages: [aStage({ tasks: [aTask({ status: 'FAILED' })] })] });

  it.each([
    ['REJECTED', {}],
    ['CANCELED', {}],
    ['EXPIRED', {}],
    ['FAILED', {}],
    ['WITHDRAWN', { closeReason: 'EXPIRED_BY_US' }],
  ] as const)(
    'after %s counts as a new stage if it was seen without a need for approval since',
    (state, changes) => {
      const round = aRoundOf(issue, { ...changes, state });
      expect(actionsOf(aSnapshot(issue, [round]))).toEqual([]);
      expect(brief(actionsOf(aSnapshot(passed, [round])))).toEqual(['REST']);
      const rested = { ...round, rested: true } as const;
      expect(actionsOf(aSnapshot(passed, [rested]))).toEqual([]);
      expect(brief(actionsOf(aSnapshot(issue, [rested])))).toEqual(['OPEN 2 NEW_STAGE']);
    },
  );
});

describe('a closed round', () => {
  it('has its leftover closed when it is due or after an event', () => {
    const round = aRoundOf(issue, { state: 'WITHDRAWN', settle: { what: 'UNKNOWN', tries: 0 } });
    const done = aSnapshot(anIssue({ status: 'DONE' }), [round]);
    expect(actionsOf(done)).toEqual([]);
    expect(brief(actionsOf(done, [], LATER))).toEqual(['CLOSE_LEFTOVER']);
    expect(brief(actionsOf(done, [event(round, 'PENDING')]))).toEqual(['CLOSE_LEFTOVER']);
  });

  it('gets its comment at once, and after a failure when it is due', () => {
    const round = aRoundOf(issue, {
      state: 'FAILED',
      error: { code: 'DECIDED_BY_ANOTHER', message: '' },
      remarks: ['DECIDED_BY_ANOTHER'],
    });
    expect(brief(actionsOf(aSnapshot(issue, [round])))).toEqual(['COMMENT']);
    const failed = { ...round, remarkTries: 1, remarkAfter: '2026-03-01T08:02:00.000Z' };
    expect(actionsOf(aSnapshot(issue, [failed]))).toEqual([]);
    expect(brief(actionsOf(aSnapshot(issue, [failed]), [], LATER))).toEqual(['COMMENT']);
  });
});

describe('an approved task that has changed since', () => {
  const pending = (statement: string) =>
    anIssue({ stages: [aStage({ tasks: [aTask({ status: 'PENDING', statement })] })] });
  const round = aRoundOf(issue, { state: 'APPROVED' });
  const approvedTasks = { 'stage-1': taskHashes(aStage()) };
  const at = (record: IssueRecord, ours: object) =>
    aSnapshot(record, [round], { issue: { kind: 'VALID', record, ours, raw: {} } });

  it('is set back to PENDING_APPROVAL while it is PENDING', () => {
    expect(brief(actionsOf(at(pending('DROP TABLE x'), { approvedTasks })))).toEqual(['DEMAND task-1']);
  });
  it('is left if it has the approved content again', () => {
    const same = pending(aTask().statement ?? '');
    expect(actionsOf(at(same, { approvedTasks }))).toEqual([]);
  });
  it('is set back when its entry in approvedTasks is gone', () => {
    expect(brief(actionsOf(at(pending(aTask().statement ?? ''), {})))).toEqual(['DEMAND task-1']);
  });
  it('is set back even if its approval was revoked in Feishu', () => {
    const record = pending('DROP TABLE x');
    const reverted = aRoundOf(issue, { state: 'REVERTED' });
    const issueState = { kind: 'VALID', record, ours: { approvedTasks }, raw: {} } as const;
    expect(brief(actionsOf(aSnapshot(record, [reverted], { issue: issueState })))).toEqual(['DEMAND task-1']);
  });
  it('is left once it runs', () => {
    const running = anIssue({
      stages: [aStage({ tasks: [aTask({ status: 'RUNNING', statement: 'DROP TABLE x' })] })],
    });
    expect(actionsOf(at(running, { approvedTasks }))).toEqual([]);
  });
});

describe('the write-back', () => {
  it('contains only the error of an invalid record', () => {
    const invalid = { kind: 'INVALID', message: 'title: wrong', ours: {}, raw: {} } as const;
    const snapshot = aSnapshot(issue, [aRoundOf(edited)], { issue: invalid });
    expect(plan(snapshot, NOW)).toMatchObject([
      { do: 'WRITE_BACK', writeBack: { approvalError: { code: 'INVALID_RECORD', message: 'title: wrong' } } },
    ]);
    const approvalError = { code: 'INVALID_RECORD', message: 'title: wrong', at: NOW.toISOString() };
    const known = { ...snapshot, issue: { ...invalid, ours: { approvalError } } };
    expect(plan(known, NOW)).toEqual([]);
  });

  it('is empty when the record is up to date', () => {
    const round = aRoundOf(issue);
    const ours = { stageApprovals: { 'stage-1': approvalOf(round) } };
    const snapshot = aSnapshot(issue, [round], { issue: { kind: 'VALID', record: issue, ours, raw: {} } });
    expect(plan(snapshot, NOW)).toEqual([]);
  });
});

describe('the plan', () => {
  const names = (actions: Action[]) => actions.map((action) => action.do);

  it('keeps events while the record is invalid, and looks once it is valid', () => {
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
    const corrected = {
      kind: 'VALID',
      record: anIssue({ status: 'DONE' }),
      ours: { approvalError },
      raw: {},
    } as const;
    expect(names(plan(aSnapshot(issue, [kept], { issue: corrected }), NOW))).toContain('LOOK');
  });

  it('postpones a due round that needs no action', () => {
    const failed = aRoundOf(issue, {
      state: 'FAILED',
      error: { code: 'ASSIGNEE_NOT_IN_FEISHU', message: '' },
    });
    const done = aSnapshot(anIssue({ status: 'DONE' }), [failed]);
    expect(names(plan(done, LATER))).toContain('POSTPONE');
    expect(names(plan(done, NOW))).not.toContain('POSTPONE');
    expect(names(plan(aSnapshot(issue, [failed]), LATER))).not.toContain('POSTPONE');
  });

  it('does not look for a hint that is older than the last look', () => {
    const due: Hint = { kind: 'DUE', issueId: issue.issueId, approvalIds: [] };
    const looked = aRoundOf(issue, { looks: 1 });
    expect(
      names(plan(aSnapshot(issue, [looked]), NOW, [{ ...due, approvalIds: [looked.approvalId] }])),
    ).not.toContain('LOOK');
  });

  it('leaves the call to the message that holds the slot', () => {
    const slot = new Date(NOW.getTime() + 60_000).toISOString();
    const sending = aRoundOf(issue, { state: 'REQUESTED', slots: { create: slot } });
    expect(actionsOf(aSnapshot(issue, [sending]))).toEqual([]);
    const later = new Date(slot);
    expect(brief(actionsOf(aSnapshot(issue, [sending]), [], later))).toEqual(['SEND']);
    const leaving = aRoundOf(issue, { withdraw: { reason: 'BELL', at: '' }, slots: { cancel: slot } });
    expect(actionsOf(aSnapshot(issue, [leaving]))).toEqual([]);
    // The previous version handed out slots hours ahead. No message returns for such a slot.
    const far = new Date(NOW.getTime() + 63_000).toISOString();
    const upgraded = aRoundOf(issue, { state: 'REQUESTED', slots: { create: far } });
    expect(brief(actionsOf(aSnapshot(issue, [upgraded])))).toEqual(['SEND']);
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
    expect(actionsOf(aSnapshot(bellOnly, [failed]))).toEqual([]);
    expect(brief(actionsOf(aSnapshot(bellOnly, [failed]), [], LATER))).toEqual(['OPEN 2 BELL']);
  });

  it.each<[string, Partial<Round>]>([
    ['an unknown assignee', { state: 'FAILED', error: { code: 'ASSIGNEE_NOT_IN_FEISHU', message: '' } }],
    ['a card that would be cut', { state: 'WITHDRAWN', closeReason: 'TOO_LARGE_TO_SHOW' }],
  ])('waits for a ring in BELL_ONLY when the issue returned after %s', (_, changes) => {
    const bellOnly = anIssue({ approvalMode: 'BELL_ONLY' });
    const closed = aRoundOf(bellOnly, { triggers: ['BELL'], ...changes });
    const { memory } = aSnapshot(bellOnly);
    const arrivedAnew = memory && { ...memory, arrival: closed.arrival + 1 };
    expect(actionsOf(aSnapshot(bellOnly, [closed], { memory: arrivedAnew }), [], LATER)).toEqual([]);
  });
});

describe('after an approval through us,', () => {
  const approved = { approvedTasks: { 'stage-1': taskHashes(aStage()) } };
  const at = (status: 'PENDING' | 'PENDING_APPROVAL', rounds: Round[]) => {
    const record = anIssue({
      assignee: null,
      stages: [aStage({ tasks: [aTask({ status, statement: 'SELECT 2' })] })],
    });
    return aSnapshot(record, rounds, { issue: { kind: 'VALID', record, ours: approved, raw: {} } });
  };
  const hash = taskHashes(aStage({ tasks: [aTask({ statement: 'SELECT 2' })] }));

  it('a changed task that asked again is not set back when Frabit approves it', () => {
    const round = aRoundOf(issue, { state: 'APPROVED' });
    expect(plan(at('PENDING_APPROVAL', [round]), NOW)).toContainEqual({
      do: 'RECORD_ASKING',
      approvalId: round.approvalId,
      asked: hash,
    });
    expect(brief(plan(at('PENDING', [round]), NOW))).toContain('DEMAND task-1');
    expect(brief(plan(at('PENDING', [{ ...round, asked: hash }]), NOW))).not.toContain('DEMAND task-1');
  });

  it('a task is set back if a change that asked is undone and made again without asking', () => {
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

  it('a changed task that does not ask is set back even if there is a later round', () => {
    const round = aRoundOf(issue, { state: 'APPROVED' });
    const rejected = aRoundOf(issue, { state: 'REJECTED', generation: 2 });
    expect(brief(plan(at('PENDING', [round, rejected]), NOW))).toContain('DEMAND task-1');
  });

  it('a task that joined the approved stage is set back, whatever its id', () => {
    const round = aRoundOf(issue, { state: 'APPROVED' });
    const record = anIssue({
      stages: [
        aStage({ tasks: [aTask({ status: 'DONE' }), aTask({ taskId: 'toString', status: 'PENDING' })] }),
      ],
    });
    const snapshot = aSnapshot(record, [round], {
      issue: { kind: 'VALID', record, ours: approved, raw: {} },
    });
    expect(brief(actionsOf(snapshot))).toEqual(['DEMAND toString']);
  });
});
