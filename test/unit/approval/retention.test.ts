import { describe, expect, it } from 'vitest';
import type { IssueMemory, RetentionDays } from '../../../shared/approval/plan/issue-memory.ts';
import { plan } from '../../../shared/approval/plan/plan.ts';
import { expiryTimes, mayHaveLostRounds, retentionDays } from '../../../shared/approval/plan/retention.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import type { IssueState, Snapshot } from '../../../shared/approval/plan/snapshot.ts';
import { taskHash } from '../../../shared/issue/content-hash.ts';
import { type IssueRecord, issueRecordSchema } from '../../../shared/issue/record.ts';
import { anIssue, aTask } from '../../support/issue.ts';
import { aRoundOf, aSnapshot } from '../../support/round.ts';

const NOW = new Date('2026-03-01T09:00:00.000Z');
const SINCE = NOW.toISOString();
const daysLater = (days: number) => new Date(NOW.getTime() + days * 24 * 60 * 60_000);
const BOTH: RetentionDays = { roundDays: 90, shownDays: 30 };
const MARKED = { since: SINCE, ...BOTH };

/** A closed round with no work left. */
const closed = (changes: Partial<Round> = {}): Round => {
  const { checkAfter: _, ...round } = aRoundOf(anIssue());
  return { ...round, state: 'WITHDRAWN', closeReason: 'ISSUE_CLOSED', ...changes };
};

interface Case {
  status?: IssueRecord['status'];
  issue?: IssueState;
  rounds?: Round[];
  unknown?: Round[];
  memory?: Partial<IssueMemory>;
  /** Undefined: as in the sweep, which does not know what is configured. */
  days?: RetentionDays | undefined;
  at?: Date;
}

/** Plans until only the retention is left: what is written back is on the record already. */
function planned({ status = 'DONE', rounds = [closed()], memory = {}, at = NOW, ...more }: Case) {
  const record = anIssue({ status });
  const first = aSnapshot(record, rounds);
  const snapshot: Snapshot = {
    ...first,
    ...(more.issue && { issue: more.issue }),
    ...(more.unknown && { unknown: more.unknown }),
    retention: 'days' in more ? more.days : BOTH,
    memory: { issueId: 'issue-1', stageId: 'stage-1', arrival: 1, bellSeq: 0, life: 0, ...memory },
  };
  const actions = plan(snapshot, at);
  const [writeBack] = actions;
  if (writeBack?.do !== 'WRITE_BACK' || more.issue || snapshot.issue.kind !== 'VALID') return actions;
  const stageApprovals = writeBack.writeBack.stageApprovals.set;
  return plan({ ...snapshot, issue: { ...snapshot.issue, ours: { stageApprovals } } }, at);
}

describe('the items of an issue are marked to expire', () => {
  it.each(['DONE', 'CANCELED'] as const)('once the issue is %s and nothing is left to do', (status) => {
    expect(planned({ status })).toEqual([{ do: 'RETAIN', retention: MARKED }]);
  });

  it('once the record is deleted', () => {
    const absent = { absent: true, stageId: null } as const;
    expect(planned({ issue: { kind: 'ABSENT' }, memory: absent })).toEqual([
      { do: 'RETAIN', retention: MARKED },
    ]);
  });

  it('with the days of each kind of item, if only one is limited', () => {
    expect(planned({ days: { shownDays: 30 } })).toEqual([
      { do: 'RETAIN', retention: { since: SINCE, shownDays: 30 } },
    ]);
  });

  it('although a failed round is tried again every day', () => {
    const retried = closed({
      state: 'FAILED',
      error: { code: 'ASSIGNEE_NOT_IN_FEISHU', message: 'unknown' },
      checkAfter: '2026-03-02T08:00:00.000Z',
    });
    expect(planned({ rounds: [retried] })).toEqual([{ do: 'RETAIN', retention: MARKED }]);
  });

  it('only when nothing else is left to do', () => {
    const snapshot = { ...aSnapshot(anIssue({ status: 'DONE' }), [closed()]), retention: BOTH };
    expect(plan(snapshot, NOW).map((action) => action.do)).toEqual(['WRITE_BACK']);
  });

  it('only once', () => {
    expect(planned({ memory: { retention: MARKED }, at: daysLater(3) })).toEqual([]);
  });

  it('further, if that was not finished', () => {
    const left = { after: 'STAGE#stage-1#000001' };
    expect(planned({ memory: { retention: { ...MARKED, left } }, at: daysLater(1) })).toEqual([
      { do: 'RETAIN', retention: MARKED },
    ]);
  });

  it('again from the same time when other days are configured', () => {
    const memory = { retention: MARKED };
    expect(planned({ memory, days: { roundDays: 60 }, at: daysLater(3) })).toEqual([
      { do: 'RETAIN', retention: { since: SINCE, roundDays: 60 } },
    ]);
  });

  it('no more when no days are configured', () => {
    expect(planned({ memory: { retention: MARKED }, days: {} })).toEqual([
      { do: 'RETAIN', retention: undefined },
    ]);
  });
});

describe('no item is marked to expire', () => {
  it.each<[string, Case]>([
    ['by default', { days: {} }],
    ['by the sweep, which does not know the days', { days: undefined }],
    ['by the sweep, if other days were marked', { days: undefined, memory: { retention: MARKED } }],
    ['if the issue never had a round', { rounds: [] }],
  ])('%s', (_, given) => {
    expect(planned(given)).toEqual([]);
  });

  it.each<[string, Partial<Round>]>([
    ['is live', { state: 'PENDING', closeReason: undefined }],
    ['left an instance open', { settle: { what: 'OPEN', tries: 9 } }],
    ['has a comment to be added', { remarks: ['WITHDRAWN'], remarkAfter: '2099-01-01T00:00:00.000Z' }],
    ['has missed events', { missed: ['APPROVED'] }],
  ])('while a round %s', (_, changes) => {
    const actions = planned({ rounds: [closed({ generation: 1, ...changes }), closed({ generation: 2 })] });
    expect(actions.filter((action) => action.do === 'RETAIN')).toEqual([]);
  });

  it('while a newer version may have work left', () => {
    const unknown = [{ ...closed(), state: 'PAUSED' } as unknown as Round];
    expect(planned({ unknown }).filter((action) => action.do === 'RETAIN')).toEqual([]);
  });

  it.each<[string, IssueState]>([
    ['says nothing', { kind: 'INVALID', message: '', ours: {}, raw: {} }],
    ['says that it is done', { kind: 'INVALID', message: '', ours: {}, raw: { status: { S: 'DONE' } } }],
  ])('while the record is invalid and %s', (_, issue) => {
    expect(planned({ issue }).filter((action) => action.do === 'RETAIN')).toEqual([]);
  });

  it.each([closed(), closed({ state: 'REJECTED' }), closed({ state: 'APPROVED' })])(
    'of an open issue: $state',
    (round) => {
      const actions = planned({ status: 'OPEN', rounds: [round] });
      expect(actions.filter((action) => action.do === 'RETAIN')).toEqual([]);
    },
  );
});

describe('marked items are kept before anything else is planned', () => {
  const keep = [{ do: 'RETAIN', retention: undefined }];
  const memory = { retention: MARKED };

  it.each<[string, Case]>([
    ['is open again', { status: 'OPEN', memory }],
    ['is open again, as the sweep sees it', { status: 'OPEN', memory, days: undefined }],
    [
      'is open again while items are being marked',
      { status: 'OPEN', memory: { retention: { ...MARKED, left: {} } } },
    ],
    ['is open at another stage', { status: 'OPEN', memory: { ...memory, stageId: 'stage-9' } }],
    [
      'may be open, because its record is invalid',
      { issue: { kind: 'INVALID', message: '', ours: {}, raw: {} }, memory },
    ],
    [
      'is open, and only a round is marked',
      { status: 'OPEN', rounds: [closed({ expiresAt: 1_780_000_000 })] },
    ],
    ['has work again', { rounds: [closed({ settle: { what: 'OPEN', tries: 0 } })], memory }],
  ])('when the issue %s', (_, given) => {
    expect(planned(given)).toEqual(keep);
  });

  it('but not while an invalid record says that the issue is done', () => {
    const issue: IssueState = { kind: 'INVALID', message: '', ours: {}, raw: { status: { S: 'DONE' } } };
    expect(planned({ issue, memory })).not.toEqual(keep);
  });
});

describe('after rounds may have been deleted', () => {
  const approved = aTask({ status: 'PENDING' });
  const changed = { ...approved, statement: 'DELETE FROM orders' };
  const ours = {
    stageApprovals: { 'stage-1': { state: 'APPROVED' } },
    approvedTasks: { 'stage-1': { [approved.taskId]: taskHash(approved) } },
  };
  const stateOf = (changes: Partial<IssueRecord>): IssueState => ({
    kind: 'VALID',
    record: issueRecordSchema.parse(anIssue(changes)),
    ours,
    raw: {},
  });
  const withTask = (task: typeof approved, status: IssueRecord['status']) => {
    const [stage] = anIssue().stages;
    if (!stage) throw new Error('an issue has a stage');
    return stateOf({ status, stages: [{ ...stage, tasks: [task] }] });
  };
  const memory = { retention: MARKED };

  it('is known from the time at which the rounds expire', () => {
    const marked = (changes: Partial<IssueMemory>): IssueMemory => ({
      issueId: 'issue-1',
      stageId: null,
      arrival: 1,
      bellSeq: 0,
      life: 0,
      ...changes,
    });
    expect(mayHaveLostRounds(marked(memory), daysLater(89))).toBe(false);
    expect(mayHaveLostRounds(marked(memory), daysLater(90))).toBe(true);
    expect(mayHaveLostRounds(marked({ retention: { since: SINCE, shownDays: 30 } }), daysLater(99))).toBe(
      false,
    );
    expect(mayHaveLostRounds(marked({ expired: true }), NOW)).toBe(true);
    expect(mayHaveLostRounds(undefined, NOW)).toBe(false);
  });

  it('keeps the approvals on the record that have no round', () => {
    const done = { issue: withTask(approved, 'DONE'), rounds: [], memory };
    expect(planned({ ...done, at: daysLater(91) })).toEqual([]);
    expect(planned({ ...done, at: daysLater(3) })).toMatchObject([
      { do: 'WRITE_BACK', writeBack: { stageApprovals: { remove: ['stage-1'] } } },
    ]);
  });

  it('requires approval of a ready task whose content was not approved', () => {
    const open = { rounds: [], memory: { expired: true as const } };
    expect(planned({ ...open, issue: withTask(changed, 'OPEN') })).toEqual([
      { do: 'REQUIRE_APPROVAL', stageId: 'stage-1', taskIds: [changed.taskId] },
    ]);
    expect(planned({ ...open, issue: withTask(approved, 'OPEN') })).toEqual([]);
    expect(planned({ ...open, issue: withTask(changed, 'DONE') })).toEqual([]);
    expect(planned({ rounds: [], issue: withTask(changed, 'OPEN') })).not.toContainEqual(
      expect.objectContaining({ do: 'REQUIRE_APPROVAL' }),
    );
  });
});

it.each(['29', '0', '-30', '30.5', '1e3', 'ninety'])('refuses %s days', (days) => {
  expect(retentionDays.safeParse(days).success).toBe(false);
});

it('takes a whole number of days from 30 on, or none', () => {
  expect(['30', '3650', undefined].map((days) => retentionDays.parse(days))).toEqual([30, 3650, undefined]);
});

it('gives the time at which items expire in seconds', () => {
  expect(expiryTimes({ since: '1970-01-02T00:00:00.500Z', roundDays: 2 })).toEqual({
    rounds: 3 * 86_400,
    shown: undefined,
  });
  expect(expiryTimes(undefined)).toEqual({});
});
