import { describe, expect, it } from 'vitest';
import { sweep } from '../../../shared/approval/sweep.ts';
import type { IssueRecord } from '../../../shared/issue/record.ts';
import { type Core, ISSUE } from '../../support/core.ts';
import { anIssue, aStage, aStep, aTask } from '../../support/issue.ts';
import { NODE } from '../../support/oa.ts';
import { useCore } from '../../support/use-core.ts';

const core = useCore();

const HOUR = 3_600_000;
const DECIDER = 'board@example.com';

const withFlow = (changes: Partial<IssueRecord> = {}): IssueRecord =>
  anIssue({
    approvalFlow: {
      steps: [aStep({ stepId: 'oa', kind: 'EXTERNAL', externalNodeId: 'oa', status: 'PENDING' })],
    },
    ...changes,
  });
const withSql = (statement: string) => ({ stages: [aStage({ tasks: [aTask({ statement })] })] });

const open = ({ oa }: Core) => [...oa.approvals.values()].filter(({ status }) => status === 'PENDING');
const onlyOne = (at: Core) => {
  const [approval, ...more] = open(at);
  if (!approval || more.length > 0) throw new Error(`the OA has ${more.length + (approval ? 1 : 0)} open`);
  return approval;
};
/** The step as the record tells it. */
const step = async (at: Core) => {
  const { approvalFlow, stepApprovals, approvalHold } = await at.record(ISSUE);
  const approval = stepApprovals?.oa;
  return { status: approvalFlow?.steps[0]?.status, hold: approvalHold, approval };
};
const decide = async (at: Core, what: 'approve' | 'reject', comment = 'Seen.') => {
  const { id, approvalId } = onlyOne(at);
  at.oa.control[what](id, DECIDER, comment);
  await at.receiveOaEvent(approvalId);
};
const sweepAll = async (at: Core) => {
  const { documents, tables } = { documents: at.documents, tables: at.tables };
  await sweep({ documents, tables, queue: at.work.queue, now: at.clock.date });
  for (const { hint } of at.queued.splice(0)) if ('issueId' in hint) await at.run(hint.issueId, hint);
};

describe('an EXTERNAL step', () => {
  it('is asked of the OA before any stage; approved, the stage goes to Feishu, and one tap approves that', async () => {
    await core().write(withFlow());

    expect(core().pending()).toEqual([]);
    expect(await step(core())).toMatchObject({
      status: 'PENDING',
      hold: 'FLOW_PENDING',
      approval: { state: 'PENDING', channel: 'EXTERNAL', triggers: ['NEW_STAGE'] },
    });

    await decide(core(), 'approve');
    expect(await step(core())).toMatchObject({
      status: 'APPROVED',
      approval: {
        state: 'APPROVED',
        decisions: [{ result: 'APPROVED', by: { email: DECIDER }, comment: 'Seen.', applied: true }],
      },
    });
    expect((await core().record(ISSUE)).approvedTasks).toBeUndefined();

    const card = core().card();
    core().simulator.control.approve(card.instanceCode, 'assignee@example.com');
    await core().receiveEvent(card, 'APPROVED');
    expect((await core().record(ISSUE)).stages[0]?.tasks[0]?.status).toBe('PENDING');
  });

  it('docs/lessons.md 1: told of the same decision again and again is decided once', async () => {
    await core().write(withFlow());
    const { id, approvalId } = onlyOne(core());
    core().oa.control.approve(id, DECIDER);
    for (let times = 0; times < 3; times++) await core().receiveOaEvent(approvalId);

    expect((await step(core())).approval?.decisions).toHaveLength(1);
    expect(core().pending()).toHaveLength(1);
  });

  it('docs/lessons.md 3: a late word about an earlier request changes nothing of the present one', async () => {
    await core().write(withFlow());
    const { approvalId } = onlyOne(core());
    await core().write(withFlow(withSql('SELECT 2;')));
    await core().receiveOaEvent(approvalId);

    expect(await step(core())).toMatchObject({
      status: 'PENDING',
      approval: { state: 'PENDING', generation: 2 },
    });
    const [first] = await core().rounds(ISSUE);
    expect(first).toMatchObject({ state: 'WITHDRAWN', closeReason: 'SUPERSEDED', decisions: [] });
  });

  it('docs/lessons.md 4: approved for SQL that was edited meanwhile is not applied, and the OA is asked anew', async () => {
    await core().write(withFlow());
    const { id } = onlyOne(core());
    await core().put({ ...(await core().record(ISSUE)), ...withSql('SELECT 2;') });
    core().oa.control.approve(id, DECIDER);
    await core().run(ISSUE);

    expect(await step(core())).toMatchObject({
      status: 'PENDING',
      approval: { state: 'PENDING', generation: 2, triggers: ['STATEMENT_CHANGED'] },
    });
    const [first] = await core().rounds(ISSUE);
    expect(first?.decisions).toMatchObject([{ result: 'APPROVED', applied: false }]);
    expect(core().pending()).toEqual([]);
  });

  it('docs/lessons.md 29: approved, then edited, is set back, the card is withdrawn, and no stage is sent meanwhile', async () => {
    await core().write(withFlow());
    await decide(core(), 'approve');
    expect(core().pending()).toHaveLength(1);
    await core().edit(ISSUE, (issue) => Object.assign(issue, withSql('SELECT 2;')));

    expect(core().pending()).toEqual([]);
    expect(await step(core())).toMatchObject({
      status: 'PENDING',
      hold: 'FLOW_PENDING',
      approval: { state: 'PENDING', generation: 2, triggers: ['STATEMENT_CHANGED'] },
    });
    expect(onlyOne(core()).request.stages[0]?.tasks[0]?.statement).toBe('SELECT 2;');
    await decide(core(), 'approve');
    expect(core().pending()).toHaveLength(1);
  });

  it('docs/lessons.md 5: whose create was answered and lost is asked again under the same approvalId, and once', async () => {
    core().oa.control.misbehave({ kind: 'RESET_AFTER', on: 'POST', times: 1 });
    await core().write(withFlow());
    expect((await step(core())).approval).toMatchObject({ state: 'REQUESTED' });
    expect((await step(core())).approval?.error).toBeUndefined();
    await core().clock.advance(60_000);
    await core().run(ISSUE);

    expect((await step(core())).approval).toMatchObject({
      state: 'PENDING',
      ref: { externalId: onlyOne(core()).id },
    });
    expect(core().oa.approvals.size).toBe(1);
  });

  it('docs/lessons.md 6: withdrawn while the OA approves keeps the decision, and takes nothing back', async () => {
    await core().write(withFlow());
    const { id } = onlyOne(core());
    core().oa.control.approve(id, DECIDER);
    await core().edit(ISSUE, (issue) => Object.assign(issue, { status: 'CANCELED' }));

    expect(core().oa.control.calls().PATCH).toBe(0);
    expect((await step(core())).approval).toMatchObject({
      state: 'WITHDRAWN',
      closeReason: 'ISSUE_CLOSED',
      decisions: [{ result: 'APPROVED', applied: false }],
    });
  });

  it.each([
    [
      'the SQL is corrected',
      (issue: IssueRecord) => Object.assign(issue, withSql('SELECT 2;')),
      'STATEMENT_CHANGED',
    ],
    [
      'the creator rings',
      (issue: IssueRecord) =>
        Object.assign(issue, {
          bell: { seq: 1, rungBy: issue.creator.email, rungAt: '2026-03-01T08:00:00Z' },
        }),
      'BELL',
    ],
  ])('docs/lessons.md 8: rejected holds the flow until %s', async (_, change, trigger) => {
    await core().write(withFlow());
    await decide(core(), 'reject', 'Not in the freeze.');
    expect(await step(core())).toMatchObject({
      status: 'REJECTED',
      hold: 'FLOW_REJECTED',
      approval: { state: 'REJECTED', decisions: [{ comment: 'Not in the freeze.', applied: true }] },
    });
    await core().clock.advance(24 * HOUR);
    await sweepAll(core());
    expect(open(core())).toEqual([]);

    await core().edit(ISSUE, change);
    expect(await step(core())).toMatchObject({
      status: 'PENDING',
      hold: 'FLOW_PENDING',
      approval: { state: 'PENDING', triggers: [trigger] },
    });
  });

  it('docs/lessons.md 26: answered with nonsense, with a redirect, or with too much, waits and is never rejected', async () => {
    await core().write(withFlow());
    const { id } = onlyOne(core());
    core().oa.control.reject(id, DECIDER);
    core().oa.control.misbehave(
      { kind: 'BAD_BODY', on: 'GET', times: 1 },
      { kind: 'REDIRECT', on: 'GET', times: 1 },
      { kind: 'HUGE_ANSWER', on: 'GET', times: 1 },
      { kind: 'STATUS', on: 'GET', status: 422, times: 1 },
    );
    for (let tries = 0; tries < 4; tries++) {
      await core().clock.advance(10 * 60_000);
      await core().run(ISSUE);
      expect((await step(core())).approval).toMatchObject({ state: 'PENDING' });
    }
    core().oa.control.behave();
    await core().clock.advance(HOUR);
    await core().run(ISSUE);
    expect((await step(core())).status).toBe('REJECTED');
  });

  it('whose OA tells a status outside the list stays PENDING', async () => {
    await core().write(withFlow());
    core().oa.control.misbehave({ kind: 'UNKNOWN_STATUS', on: 'GET', as: 'ESCALATED' });
    await core().receiveOaEvent(onlyOne(core()).approvalId);
    expect((await step(core())).approval).toMatchObject({ state: 'PENDING' });
  });

  it('docs/lessons.md 33: whose first hint was lost is found by the walk', async () => {
    await core().put(withFlow());
    await sweepAll(core());
    expect(open(core())).toHaveLength(1);
  });

  it('docs/lessons.md 34: whose request came through after the round was closed is found and taken back', async () => {
    core().oa.control.misbehave({ kind: 'RESET_AFTER', on: 'POST', times: 1 });
    await core().write(withFlow());
    await core().edit(ISSUE, (issue) => Object.assign(issue, { status: 'CANCELED' }));
    await core().clock.advance(2 * 60_000);
    await core().run(ISSUE);

    expect(open(core())).toEqual([]);
    expect((await step(core())).approval).toMatchObject({ state: 'WITHDRAWN', closeReason: 'ISSUE_CLOSED' });
  });

  it('that something before the OA calls unknown when it is taken back is not left open', async () => {
    await core().write(withFlow());
    core().oa.control.misbehave({ kind: 'STATUS', on: 'PATCH', status: 404, times: 1 });
    await core().edit(ISSUE, (issue) => Object.assign(issue, { status: 'CANCELED' }));
    await core().clock.advance(5_000);
    await core().run(ISSUE);

    expect(open(core())).toEqual([]);
    expect((await step(core())).approval).toMatchObject({ state: 'WITHDRAWN', closeReason: 'ISSUE_CLOSED' });
  });

  it('whose OA restarts and forgets is asked again under the same approvalId', async () => {
    await core().write(withFlow());
    const { id, approvalId } = onlyOne(core());
    core().oa.control.forget();
    await core().clock.advance(2 * 60_000);
    await core().run(ISSUE);

    const again = onlyOne(core());
    expect(again).toMatchObject({ approvalId });
    expect(again.id).not.toBe(id);
    expect((await step(core())).approval).toMatchObject({ state: 'PENDING', ref: { externalId: again.id } });
    await decide(core(), 'approve');
    expect((await step(core())).status).toBe('APPROVED');
  });

  it.each([
    ['REQUESTED', false],
    ['PENDING', true],
  ])(
    'whose OA is gone says so after a day, stays %s, and goes on once it is back',
    async (state, wasThere) => {
      if (!wasThere) core().oa.control.misbehave({ kind: 'STATUS', status: 503 });
      await core().write(withFlow());
      core().oa.control.misbehave({ kind: 'STATUS', status: 503 });
      const calls = async (hours: number) => {
        core().oa.control.resetCalls();
        for (let quarters = 0; quarters < hours * 4; quarters++) {
          await core().clock.advance(HOUR / 4);
          await core().run(ISSUE);
        }
        const { GET, POST } = core().oa.control.calls();
        return GET + POST;
      };
      await calls(23);
      expect((await step(core())).approval).toMatchObject({ state });
      expect((await step(core())).approval?.error).toBeUndefined();
      expect(await calls(4)).toBeGreaterThan(2);
      expect((await step(core())).approval).toMatchObject({ state, error: { code: 'OA_UNAVAILABLE' } });

      core().oa.control.behave();
      await calls(2);
      expect((await step(core())).approval).toMatchObject({ state: 'PENDING' });
      expect((await step(core())).approval?.error).toBeUndefined();
    },
  );

  it('whose OA refuses one request is asked anew once the SQL is corrected', async () => {
    core().oa.control.misbehave({ kind: 'STATUS', on: 'POST', status: 422, times: 3 });
    await core().write(withFlow());
    expect((await step(core())).approval).toMatchObject({ state: 'REQUESTED' });
    await core().edit(ISSUE, (issue) => Object.assign(issue, withSql('SELECT 2;')));
    for (let minutes = 0; minutes < 5; minutes++) {
      await core().clock.advance(60_000);
      await core().run(ISSUE);
    }

    expect((await step(core())).approval).toMatchObject({ state: 'PENDING', generation: 2 });
    expect(onlyOne(core()).request.stages[0]?.tasks[0]?.statement).toBe('SELECT 2;');
  });

  it('edited while its OA is gone is asked anew after an hour, and what stands open there is taken back later', async () => {
    await core().write(withFlow());
    core().oa.control.misbehave({ kind: 'STATUS', status: 503 });
    await core().edit(ISSUE, (issue) => Object.assign(issue, withSql('SELECT 2;')));
    for (let quarters = 0; quarters < 6; quarters++) {
      await core().clock.advance(HOUR / 4);
      await core().run(ISSUE);
    }
    const [first, second] = await core().rounds(ISSUE);
    expect(first).toMatchObject({ state: 'WITHDRAWN', error: { code: 'CANCEL_REFUSED' } });
    expect(second).toMatchObject({ state: 'REQUESTED', generation: 2 });

    core().oa.control.behave();
    for (let hours = 0; hours < 3; hours++) {
      await core().clock.advance(HOUR);
      await core().run(ISSUE);
    }
    expect(onlyOne(core()).request.stages[0]?.tasks[0]?.statement).toBe('SELECT 2;');
  });

  it('asked again by a ring leaves that ring to the stage behind it, which waits for one', async () => {
    await core().write(withFlow({ approvalMode: 'BELL_ONLY' }));
    await core().edit(ISSUE, (issue) =>
      Object.assign(issue, {
        bell: { seq: 1, rungBy: issue.creator.email, rungAt: '2026-03-01T08:00:00Z' },
      }),
    );
    expect((await step(core())).approval).toMatchObject({ generation: 2, triggers: ['BELL'] });
    await decide(core(), 'approve');
    expect(core().pending()).toHaveLength(1);
  });

  it('asked again after the stage behind it heard a ring does not claim that ring for itself', async () => {
    await core().write(withFlow());
    await decide(core(), 'approve');
    await core().edit(ISSUE, (issue) =>
      Object.assign(issue, {
        bell: { seq: 1, rungBy: issue.creator.email, rungAt: '2026-03-01T08:00:00Z' },
      }),
    );
    await core().edit(ISSUE, (issue) => Object.assign(issue, withSql('SELECT 2;')));
    expect((await step(core())).approval).toMatchObject({ generation: 2, triggers: ['STATEMENT_CHANGED'] });
  });

  it('taken back, and called by a word of the OA for that, is not taken back again and again', async () => {
    await core().write(withFlow());
    const { approvalId } = onlyOne(core());
    await core().edit(ISSUE, (issue) => Object.assign(issue, { status: 'CANCELED' }));
    core().oa.control.resetCalls();
    core().oa.control.misbehave({ kind: 'UNKNOWN_STATUS', on: 'GET', as: 'REVOKED' });
    for (let times = 0; times < 3; times++) {
      await core().receiveOaEvent(approvalId);
      await core().clock.advance(2 * 60_000);
      await core().run(ISSUE);
    }
    expect(core().oa.control.calls().PATCH).toBe(0);
  });

  it('whose status is overwritten after it was approved keeps the card of its stage', async () => {
    await core().write(withFlow());
    await decide(core(), 'approve');
    const { instanceCode } = core().card();
    await core().edit(ISSUE, (issue) => {
      for (const one of issue.approvalFlow?.steps ?? []) one.status = 'PENDING';
    });
    expect((await step(core())).status).toBe('APPROVED');
    expect(core().card().instanceCode).toBe(instanceCode);
  });

  it('of a node that is not configured makes the record invalid, by name, until it is', async () => {
    await core().saveNode(undefined);
    await core().write(withFlow());
    expect((await core().record(ISSUE)).approvalError).toMatchObject({
      code: 'INVALID_RECORD',
      message:
        'approvalFlow.steps[0].externalNodeId: names the external approval node "oa", which is not configured',
    });
    expect(core().oa.approvals.size).toBe(0);

    await core().saveNode(NODE);
    await sweepAll(core());
    expect((await core().record(ISSUE)).approvalError).toBeUndefined();
    expect(open(core())).toHaveLength(1);
  });

  it('is asked although Feishu is switched off, nobody is assigned, and a check runs', async () => {
    await core().saveSettings({ ...core().settings, enabled: false });
    await core().write(
      withFlow({ assignee: null, stages: [aStage({ tasks: [aTask({ check: 'RUNNING' })] })] }),
    );
    expect(open(core())).toHaveLength(1);
    expect((await step(core())).hold).toBe('DISABLED');
  });

  it('whose status somebody else writes is set right, and no stage is sent for it', async () => {
    await core().write(withFlow());
    await core().edit(ISSUE, (issue) => {
      for (const one of issue.approvalFlow?.steps ?? []) one.status = 'APPROVED';
    });
    expect((await step(core())).status).toBe('PENDING');
    expect(core().pending()).toEqual([]);
  });

  it('shows no SQL in what is noted', async () => {
    await core().write(withFlow(withSql('UPDATE secrets SET hidden_column = 1;')));
    await decide(core(), 'approve');
    expect(JSON.stringify(core().logged)).not.toContain('hidden_column');
  });

  it('of a slow OA leaves the calls of other nodes alone: they follow each other at its own pace', async () => {
    core().oa.control.misbehave({ kind: 'SLOW', ms: 4_000, times: 1 });
    await core().write(withFlow());
    await core().put(withFlow({ issueId: 'issue-2' }));
    await core().put(withFlow({ issueId: 'issue-3' }));
    await core().run('issue-2');

    const third = await core().run('issue-3');
    expect(third.waitSeconds).toBeGreaterThanOrEqual(3);
    await core().write(anIssue({ issueId: 'issue-4' }));
    expect(core().pending()).toHaveLength(1);
  });
});
