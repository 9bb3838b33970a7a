import { describe, expect, it } from 'vitest';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import { plan } from '../../../shared/approval/plan/plan.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import { everyRound, unknownOf } from '../../../shared/approval/plan/rounds-of-newer-versions.ts';
import type { WrittenBack } from '../../../shared/approval/plan/snapshot.ts';
import { type IssueRecord, issueRecordSchema } from '../../../shared/issue/record.ts';
import { anArrival, anArrivalHint } from '../../support/arrival-hint.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { aNewerRound, aNewerSnapshot, UNKNOWN_ROUNDS } from '../../support/newer-version.ts';
import { anOaStep, aRoundOf, aStepRoundOf } from '../../support/round.ts';

/** docs/lessons.md 51 in the plan: nothing is done about the subject of a round that this version cannot judge. */

const NOW = new Date('2026-03-01T09:00:00.000Z');
const CHANGED = [aStage({ tasks: [aTask({ statement: 'DROP TABLE orders' })] })];

const planOf = (
  issue: IssueRecord,
  rounds: Round[],
  { ours = {}, hints = [] }: { ours?: WrittenBack; hints?: Hint[] } = {},
) => {
  const record = issueRecordSchema.parse(issue);
  const snapshot = aNewerSnapshot(issue, rounds, { issue: { kind: 'VALID', record, ours, raw: {} } });
  return plan(snapshot, NOW, hints);
};
const namesOf = (actions: ReturnType<typeof planOf>) =>
  actions.map((action) => ('approvalId' in action ? `${action.do} ${action.approvalId}` : action.do));

const event = ({ issueId, approvalId }: Round, status: string): Hint => ({
  kind: 'FEISHU_EVENT',
  issueId,
  approvalId,
  eventId: 'event',
  appId: 'cli_a',
  definitionCode: 'DEFINITION',
  instanceCode: 'INSTANCE',
  about: 'INSTANCE',
  status,
});

describe.each(UNKNOWN_ROUNDS)('docs/lessons.md 51: a round with an unknown %s', (_, changes) => {
  const issue = anIssue();
  const unknown = aNewerRound(aRoundOf(issue), changes);
  const ours = { stageApprovals: { 'stage-1': { state: 'AS_IT_WAS' } }, approvalHold: 'AS_IT_WAS' };

  it('is not judged', () => expect(unknownOf(unknown)).toBeDefined());

  it.each<[string, Partial<IssueRecord>]>([
    ['is unchanged', {}],
    ['has other SQL', { stages: CHANGED }],
    ['has no assignee', { assignee: null }],
    ['is closed', { status: 'DONE' }],
    ['has a new ring', { bell: { seq: 9, rungBy: 'creator@example.com', rungAt: '2026-03-01T08:30:00Z' } }],
  ])('is left alone when its issue %s', (__, change) => {
    const hints: Hint[] = [
      { kind: 'DUE', issueId: issue.issueId, approvalIds: [unknown.approvalId], resync: true },
      event(unknown, 'APPROVED'),
    ];
    const actions = planOf(anIssue(change), [unknown], { ours, hints });
    expect(actions).toEqual([]);
  });

  it('is left alone when its issue is deleted', () => {
    const memory = {
      issueId: 'issue-1',
      stageId: null,
      arrival: 2,
      bellSeq: 0,
      life: 1,
      absent: true,
    } as const;
    const gone = aNewerSnapshot(issue, [unknown], { issue: { kind: 'ABSENT' }, memory });
    expect(plan(gone, NOW)).toEqual([]);
  });

  it('leaves the older rounds of its stage alone, too', () => {
    const before = aRoundOf(issue, { settle: { what: 'OPEN', tries: 0 }, remarks: ['WITHDRAWN'] });
    expect(planOf(issue, [before, { ...unknown, generation: 2 }], { ours })).toEqual([]);
  });

  it('does not block another stage', () => {
    const stages = [aStage({ stageId: 'before' }), aStage()];
    const past = { ...unknown, subject: { kind: 'STAGE', id: 'before' } } as const;
    const actions = planOf(anIssue({ stages }), [past], { ours: { stageApprovals: { before: 1, odd: 2 } } });
    expect(actions).toEqual([
      { do: 'OPEN', opening: expect.objectContaining({ subject: { kind: 'STAGE', id: 'stage-1' } }) },
      expect.objectContaining({
        writeBack: expect.objectContaining({ stageApprovals: { set: {}, remove: ['odd'] } }),
      }),
    ]);
  });

  it('counts its ring, even right after an arrival', () => {
    const bell = { seq: 4, rungBy: 'creator@example.com', rungAt: '2026-03-01T08:30:00Z' };
    const stages = [aStage({ stageId: 'before' }), aStage()];
    const rung = anIssue({ stages, bell });
    const past = { ...unknown, subject: { kind: 'STAGE', id: 'before' }, bellSeq: 4 } as const;
    const live = aRoundOf(rung, { bellSeq: 3, checkAfter: '2026-03-01T10:00:00.000Z' });
    expect(namesOf(planOf(rung, [live, past]))).toEqual(['WRITE_BACK']);
    expect(namesOf(planOf(rung, [live]))[0]).toMatch(/^WITHDRAW/);
    const late = anArrivalHint('issue-1', anArrival('stage-1', 1, 1));
    const memory = { issueId: 'issue-1', stageId: 'stage-1', arrival: 1, bellSeq: 2, life: 0 };
    const bellAfter = (rounds: Round[]) => plan(aNewerSnapshot(rung, rounds, { memory }), NOW, [late]);
    expect(bellAfter([past])).toMatchObject([{ do: 'REMEMBER', memory: { bellSeq: 2 } }]);
    expect(bellAfter([])).toMatchObject([{ do: 'REMEMBER', memory: { bellSeq: 1 } }]);
  });
});

describe('docs/lessons.md 51: an EXTERNAL step that is left alone', () => {
  const steps = [
    anOaStep({ stepId: 'first' }),
    anOaStep({ stepId: 'second' }),
    anOaStep({ stepId: 'third' }),
  ];
  const withStatus = (stepId: string, status: 'PENDING' | 'APPROVED') =>
    steps.map((step) => (step.stepId === stepId ? { ...step, status } : step));
  const issue = anIssue({ approvalFlow: { steps: withStatus('first', 'APPROVED') } });
  const first = aStepRoundOf(issue, { state: 'APPROVED', checkAfter: undefined }, 'first');
  const second = aNewerRound(aStepRoundOf(issue, {}, 'second'), { state: 'PAUSED' });
  const later = { checkAfter: '2026-03-01T10:00:00.000Z' };

  it('leaves the stage after it unchanged, with the hold', () => {
    const stage = aRoundOf(issue, later);
    const ours = { stepApprovals: { second: 1 }, approvalHold: 'AS_IT_WAS' };
    const live = planOf(issue, [first, second, stage], { ours });
    expect(live).toEqual([{ do: 'WRITE_BACK', writeBack: expect.objectContaining({ stepStatuses: {} }) }]);
    expect(live[0]).not.toHaveProperty('writeBack.approvalHold');
    expect(live[0]).toHaveProperty('writeBack.stepApprovals.remove', []);
    const none = planOf(issue, [first, second], { ours: { stepApprovals: { second: 1 } } });
    expect(namesOf(none)).toEqual(['WRITE_BACK']);
  });

  it('keeps events about the card of the stage after it, without an action', () => {
    const stage = aRoundOf(issue, later);
    const actions = planOf(issue, [first, second, stage], { hints: [event(stage, 'APPROVED')] });
    expect(actions).toContainEqual({ do: 'KEEP_EVENTS', approvalId: stage.approvalId, missed: ['APPROVED'] });
    expect(namesOf(actions).filter((name) => !/^(KEEP|WRITE_BACK)/.test(name))).toEqual([]);
  });

  it('keeps the status that the newer version gave it', () => {
    const approved = { ...issue, approvalFlow: { steps: withStatus('second', 'APPROVED') } };
    const actions = planOf(approved, [second], { ours: { stepApprovals: { second: 1 } } });
    expect(namesOf(actions)).toEqual(['OPEN']);
  });

  it('does not block the steps before it', () => {
    const open = anIssue({ approvalFlow: { steps } });
    expect(namesOf(planOf(open, [second]))).toContain('OPEN');
  });

  it('does not keep a card open once the issue is closed', () => {
    const stage = aRoundOf(issue, later);
    const closed = planOf({ ...issue, status: 'CANCELED' }, [first, second, stage]);
    expect(closed).toContainEqual({ do: 'WITHDRAW', approvalId: stage.approvalId, reason: 'ISSUE_CLOSED' });
  });
});

describe('docs/lessons.md 51: a round for an unknown kind of subject', () => {
  const issue = anIssue();
  const unknown = aNewerRound(aRoundOf(issue), { subject: { kind: 'PROJECT', id: 'shop' } });

  it('blocks nothing, and its entries on the record stay', () => {
    const ours = { stageApprovals: { shop: 1, odd: 1 }, stepApprovals: { shop: 1, odd: 1 } };
    const actions = planOf(issue, [unknown], { ours });
    expect(namesOf(actions)).toEqual(['OPEN', 'WRITE_BACK']);
    expect(actions[1]).toHaveProperty('writeBack.stageApprovals.remove', ['odd']);
    expect(actions[1]).toHaveProperty('writeBack.stepApprovals.remove', ['odd']);
  });

  it('is returned by everyRound', () => {
    const snapshot = aNewerSnapshot(issue, [unknown, aRoundOf(issue)]);
    expect(snapshot.rounds).toHaveLength(1);
    expect(everyRound(snapshot)).toHaveLength(2);
  });
});
