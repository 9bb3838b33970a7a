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
/** The step as the record shows it. */
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
  it('is asked before any stage, and after its approval the stage is sent and approved with one tap', async () => {
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

  it('docs/lessons.md 1: has one decision, even if the event of it arrives several times', async () => {
    await core().write(withFlow());
    const { id, approvalId } = onlyOne(core());
    core().oa.control.approve(id, DECIDER);
    for (let times = 0; times < 3; times++) await core().receiveOaEvent(approvalId);

    expect((await step(core())).approval?.decisions).toHaveLength(1);
    expect(core().pending()).toHaveLength(1);
  });

  it('docs/lessons.md 3: is not changed by a late event about an earlier request', async () => {
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

  it('docs/lessons.md 4: is asked again if the SQL was edited before the OA approved it', async () => {
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

  it('docs/lessons.md 29: is set back when the SQL changes after the approval, and the card is withdrawn', async () => {
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

  it('docs/lessons.md 5: is asked again with the same approvalId when the answer is lost, and exists once', async () => {
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

  it('docs/lessons.md 6: keeps the decision and cancels nothing when the issue is closed while the OA approves', async () => {
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
  ])('docs/lessons.md 8: holds the flow after a rejection until %s', async (_, change, trigger) => {
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

  it('docs/lessons.md 26: stays PENDING while the OA answers with nonsense, a redirect or too much data', async () => {
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

  it('stays PENDING when the OA returns an unknown status', async () => {
    await core().write(withFlow());
    core().oa.control.misbehave({ kind: 'UNKNOWN_STATUS', on: 'GET', as: 'ESCALATED' });
    await core().receiveOaEvent(onlyOne(core()).approvalId);
    expect((await step(core())).approval).toMatchObject({ state: 'PENDING' });
  });

  it('docs/lessons.md 33: is found by the walk if its first hint was lost', async () => {
    await core().put(withFlow());
    await sweepAll(core());
    expect(open(core())).toHaveLength(1);
  });

  it('docs/lessons.md 34: is withdrawn at the OA if the request arrived there after the round was closed', async () => {
    core().oa.control.misbehave({ kind: 'RESET_AFTER', on: 'POST', times: 1 });
    await core().write(withFlow());
    await core().edit(ISSUE, (issue) => Object.assign(issue, { status: 'CANCELED' }));
    await core().clock.advance(2 * 60_000);
    await core().run(ISSUE);

    expect(open(core())).toEqual([]);
    expect((await step(core())).approval).toMatchObject({ state: 'WITHDRAWN', closeReason: 'ISSUE_CLOSED' });
  });

  it('is withdrawn at the OA even if a proxy first answers that it is unknown', async () => {
    await core().write(withFlow());
    core().oa.control.misbehave({ kind: 'STATUS', on: 'PATCH', status: 404, times: 1 });
    await core().edit(ISSUE, (issue) => Object.assign(issue, { status: 'CANCELED' }));
    await core().clock.advance(5_000);
    await core().run(ISSUE);

    expect(open(core())).toEqual([]);
    expect((await step(core())).approval).toMatchObject({ state: 'WITHDRAWN', closeReason: 'ISSUE_CLOSED' });
  });

  it('is asked again with the same approvalId when the OA restarts and forgets it', async () => {
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
    'stays %s while the OA is out of reach, shows an error after a day, and continues once the OA is back',
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

  it('is asked again once the SQL is corrected, if the OA refused the first request', async () => {
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

  it('is asked again an hour after an edit if the OA is out of reach, and the old request is withdrawn later', async () => {
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

  it('does not use up the ring for the stage that waits for a ring', async () => {
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

  it('does not count a ring that was made for the stage', async () => {
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

  it('is not withdrawn again when the OA returns its own word for withdrawn', async () => {
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

  it('keeps the card of the stage when its approved status is overwritten', async () => {
    await core().write(withFlow());
    await decide(core(), 'approve');
    const { instanceCode } = core().card();
    await core().edit(ISSUE, (issue) => {
      for (const one of issue.approvalFlow?.steps ?? []) one.status = 'PENDING';
    });
    expect((await step(core())).status).toBe('APPROVED');
    expect(core().card().instanceCode).toBe(instanceCode);
  });

  it('makes the record invalid, with the name of its node, until that node is configured', async () => {
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

  it('is asked even if Feishu is disabled, nobody is assigned, and a check is running', async () => {
    await core().saveSettings({ ...core().settings, enabled: false });
    await core().write(
      withFlow({ assignee: null, stages: [aStage({ tasks: [aTask({ check: 'RUNNING' })] })] }),
    );
    expect(open(core())).toHaveLength(1);
    expect((await step(core())).hold).toBe('DISABLED');
  });

  it('gets its status back when somebody else writes it, and no stage is sent', async () => {
    await core().write(withFlow());
    await core().edit(ISSUE, (issue) => {
      for (const one of issue.approvalFlow?.steps ?? []) one.status = 'APPROVED';
    });
    expect((await step(core())).status).toBe('PENDING');
    expect(core().pending()).toEqual([]);
  });

  it('does not show its SQL in the log', async () => {
    await core().write(withFlow(withSql('UPDATE secrets SET hidden_column = 1;')));
    await decide(core(), 'approve');
    expect(JSON.stringify(core().logged)).not.toContain('hidden_column');
  });

  it('of a slow OA waits for its turn, and does not delay other nodes', async () => {
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
