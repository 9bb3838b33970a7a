import { describe, expect, it } from 'vitest';
import type { Step } from '../../../shared/issue/record.ts';
import { ASSIGNEE, type Core, ISSUE } from '../../support/core.ts';
import {
  decideAtOa,
  onlyApprovalAtOa,
  openAtOa,
  ring,
  stepOf,
  sweepAtIntervals,
  withFlow,
  withSql,
} from '../../support/external-steps.ts';
import { aStage, aStep, aTask } from '../../support/issue.ts';
import { anOaStep } from '../../support/round.ts';
import { useCore } from '../../support/use-core.ts';

const core = useCore();
const MINUTE = 60_000;

/** Writes another flow to the record, as Frabit does, and leaves everything else. */
const setSteps = (at: Core, change: (steps: Step[]) => Step[]) =>
  at.edit(ISSUE, (issue) => {
    issue.approvalFlow = { steps: change(issue.approvalFlow?.steps ?? []) };
  });

const statusesOf = async (at: Core) =>
  (await at.record(ISSUE)).approvalFlow?.steps.map(({ status }) => status);

describe('a flow of several steps', () => {
  it('runs in order: Frabit, OA, OA, Frabit, and only then the stage', async () => {
    const steps = [
      aStep({ stepId: 'dba' }),
      anOaStep({ stepId: 'first' }),
      anOaStep({ stepId: 'second' }),
      aStep({ stepId: 'boss' }),
    ];
    const approve = (stepId: string) =>
      setSteps(core(), (all) =>
        all.map((step) => (step.stepId === stepId ? { ...step, status: 'APPROVED' } : step)),
      );
    await core().write(withFlow({}, steps));
    expect(openAtOa(core())).toEqual([]);
    expect((await stepOf(core())).hold).toBe('FLOW_PENDING');

    await approve('dba');
    expect(onlyApprovalAtOa(core()).request.step.stepId).toBe('first');
    await decideAtOa(core(), 'approve');
    expect(onlyApprovalAtOa(core()).request.step.stepId).toBe('second');
    expect(await statusesOf(core())).toEqual(['APPROVED', 'APPROVED', 'PENDING', 'PENDING']);
    await decideAtOa(core(), 'approve');
    expect(await statusesOf(core())).toEqual(['APPROVED', 'APPROVED', 'APPROVED', 'PENDING']);
    expect((await stepOf(core())).hold).toBe('FLOW_PENDING');
    expect(core().pending()).toEqual([]);

    await approve('boss');
    expect(core().pending()).toHaveLength(1);
    expect((await stepOf(core())).hold).toBeUndefined();
  });

  it('begins again at the first OA when the SQL changes', async () => {
    await core().write(withFlow({}, [anOaStep({ stepId: 'first' }), anOaStep({ stepId: 'second' })]));
    await decideAtOa(core(), 'approve');
    await decideAtOa(core(), 'approve');
    await core().edit(ISSUE, (issue) => Object.assign(issue, withSql('SELECT 2;')));

    expect(await statusesOf(core())).toEqual(['PENDING', 'PENDING']);
    expect(onlyApprovalAtOa(core()).request.step.stepId).toBe('first');
    await decideAtOa(core(), 'approve');
    expect(onlyApprovalAtOa(core()).request.step.stepId).toBe('second');
    expect(core().pending()).toEqual([]);
    await decideAtOa(core(), 'approve');
    expect(core().pending()).toHaveLength(1);
  });

  it('is withdrawn at the second OA and asked at the first one when the SQL changes', async () => {
    await core().write(withFlow({}, [anOaStep({ stepId: 'first' }), anOaStep({ stepId: 'second' })]));
    await decideAtOa(core(), 'approve');
    const second = onlyApprovalAtOa(core());
    await core().edit(ISSUE, (issue) => Object.assign(issue, withSql('SELECT 2;')));

    expect(core().oa.approvals.get(second.id)?.status).toBe('CANCELED');
    expect(onlyApprovalAtOa(core()).request.step.stepId).toBe('first');
    expect((await stepOf(core(), 'second')).approval).toMatchObject({ state: 'WITHDRAWN' });
  });

  it('stops at a rejected second step, and a ring asks only that step again', async () => {
    await core().write(withFlow({}, [anOaStep({ stepId: 'first' }), anOaStep({ stepId: 'second' })]));
    await decideAtOa(core(), 'approve');
    await decideAtOa(core(), 'reject');
    expect((await stepOf(core())).hold).toBe('FLOW_REJECTED');
    await core().edit(ISSUE, ring);

    expect(await statusesOf(core())).toEqual(['APPROVED', 'PENDING']);
    expect(onlyApprovalAtOa(core()).request.step.stepId).toBe('second');
  });

  it('shows the OA all stages, and one approval covers them', async () => {
    const second = aStage({
      stageId: 'stage-2',
      title: 'Second',
      tasks: [aTask({ statement: 'SELECT 22;' })],
    });
    await core().write(withFlow({ stages: [aStage(), second] }));
    const [, shown] = onlyApprovalAtOa(core()).request.stages;
    expect(shown).toMatchObject({ stageId: 'stage-2', tasks: [{ statement: 'SELECT 22;' }] });
    await decideAtOa(core(), 'approve');

    await core().edit(ISSUE, (issue) => Object.assign(issue, { currentStageId: 'stage-2' }));
    expect((await core().record(ISSUE)).stageApprovals?.['stage-2']).toMatchObject({ state: 'PENDING' });
    expect(core().pending()).toHaveLength(1);
    expect(core().oa.approvals.size).toBe(1);
  });
});

describe('a changed flow', () => {
  it('with a new step withdraws the card until the OA approves', async () => {
    await core().write(withFlow({}, []));
    expect(core().pending()).toHaveLength(1);
    await setSteps(core(), () => [anOaStep()]);

    expect(core().pending()).toEqual([]);
    expect((await core().record(ISSUE)).stageApprovals?.['stage-1']).toMatchObject({
      state: 'WITHDRAWN',
      closeReason: 'FLOW_CHANGED',
    });
    await decideAtOa(core(), 'approve');
    expect(core().pending()).toHaveLength(1);
  });

  it('without its step withdraws the request at the OA and sends the stage', async () => {
    await core().write(withFlow());
    const { id } = onlyApprovalAtOa(core());
    await setSteps(core(), () => []);

    expect(core().oa.approvals.get(id)).toMatchObject({ status: 'CANCELED', canceledReason: 'FLOW_CHANGED' });
    expect((await core().record(ISSUE)).stepApprovals?.oa).toMatchObject({
      state: 'WITHDRAWN',
      closeReason: 'FLOW_CHANGED',
    });
    expect(core().pending()).toHaveLength(1);
  });

  it('asks again when its step is removed and added again', async () => {
    await core().write(withFlow());
    await setSteps(core(), () => []);
    await setSteps(core(), () => [anOaStep()]);

    expect(core().pending()).toEqual([]);
    expect(openAtOa(core())).toHaveLength(1);
    expect((await stepOf(core())).approval).toMatchObject({ state: 'PENDING', generation: 2 });
  });

  it('waits for both steps when Frabit resets its own approval before the OA', async () => {
    await core().write(withFlow({}, [aStep({ stepId: 'dba', status: 'APPROVED' }), anOaStep()]));
    await setSteps(core(), (steps) => steps.map((step) => ({ ...step, status: 'PENDING' })));

    expect(openAtOa(core())).toEqual([]);
    expect((await stepOf(core())).approval).toMatchObject({
      state: 'WITHDRAWN',
      closeReason: 'FLOW_CHANGED',
    });
    await setSteps(core(), ([dba, ...rest]) => (dba ? [{ ...dba, status: 'APPROVED' }, ...rest] : rest));
    expect(openAtOa(core())).toHaveLength(1);
  });

  it('docs/lessons.md 4: stays PENDING when its step moves to another OA while the first OA approves', async () => {
    const other = anOaStep({ externalNodeId: 'another' });
    await core().write(withFlow());
    const { id, approvalId } = onlyApprovalAtOa(core());
    await core().saveNode({
      nodeId: 'another',
      title: 'Another',
      endpoint: 'https://another.invalid',
      revision: 1,
    });
    core().oa.control.approve(id, 'board@example.com');
    await core().put({ ...(await core().record(ISSUE)), approvalFlow: { steps: [other] } });
    await core().receiveOaEvent(approvalId);

    expect(await stepOf(core())).toMatchObject({ status: 'PENDING', hold: 'FLOW_PENDING' });
    const [first] = await core().rounds(ISSUE);
    expect(first?.decisions).toMatchObject([{ result: 'APPROVED', applied: false }]);
    expect(core().pending()).toEqual([]);
  });
});

describe('docs/lessons.md 25: an old record that overwrites ours', () => {
  it('approves no step, and what we wrote is restored', async () => {
    const old = withFlow();
    await core().write(old);
    await decideAtOa(core(), 'approve');
    await core().write(old);

    expect(await stepOf(core())).toMatchObject({
      status: 'APPROVED',
      approval: { state: 'APPROVED', generation: 1 },
    });
    expect(core().oa.approvals.size).toBe(1);
    expect(core().pending()).toHaveLength(1);
  });

  it('does not approve a rejected step, although it says so', async () => {
    await core().write(withFlow());
    await decideAtOa(core(), 'reject');
    await core().write(withFlow({}, [anOaStep({ status: 'APPROVED' })]));

    expect(await stepOf(core())).toMatchObject({ status: 'REJECTED', hold: 'FLOW_REJECTED' });
    expect(core().pending()).toEqual([]);
  });
});

describe('docs/lessons.md 32: an issue with an EXTERNAL step', () => {
  const setStatus = (status: 'OPEN' | 'CANCELED') =>
    core().edit(ISSUE, (issue) => Object.assign(issue, { status }));

  it('is asked again without a ring when it is closed and reopened while the OA decides', async () => {
    await core().write(withFlow());
    await setStatus('CANCELED');
    expect(openAtOa(core())).toEqual([]);
    await setStatus('OPEN');
    expect(onlyApprovalAtOa(core())).toBeDefined();
    expect((await stepOf(core())).approval).toMatchObject({ state: 'PENDING', generation: 2 });
  });

  it('stays approved when it is closed and reopened after the OA approved', async () => {
    await core().write(withFlow());
    await decideAtOa(core(), 'approve');
    await setStatus('CANCELED');
    await setStatus('OPEN');
    expect((await stepOf(core())).status).toBe('APPROVED');
    expect(openAtOa(core())).toEqual([]);
    expect(core().pending()).toHaveLength(1);
  });

  it('is asked again when it is deleted and written again', async () => {
    await core().write(withFlow());
    await decideAtOa(core(), 'approve');
    await core().remove(ISSUE);
    expect(core().pending()).toEqual([]);
    await core().write(withFlow());

    expect(await stepOf(core())).toMatchObject({
      status: 'PENDING',
      approval: { state: 'PENDING', generation: 2, triggers: ['NEW_STAGE'] },
    });
    expect(core().pending()).toEqual([]);
  });

  it('is withdrawn at the OA when it is deleted while the OA decides', async () => {
    await core().write(withFlow());
    const { id } = onlyApprovalAtOa(core());
    await core().remove(ISSUE);
    expect(core().oa.approvals.get(id)).toMatchObject({
      status: 'CANCELED',
      canceledReason: 'ISSUE_DELETED',
    });
  });

  it('keeps the decision of the OA when it leaves its stage and returns', async () => {
    const stages = [aStage(), aStage({ stageId: 'stage-2' })];
    await core().write(withFlow({ stages }));
    await decideAtOa(core(), 'reject');
    for (const currentStageId of ['stage-2', 'stage-1']) {
      await core().edit(ISSUE, (issue) => Object.assign(issue, { currentStageId }));
    }
    expect(await stepOf(core())).toMatchObject({ status: 'REJECTED', hold: 'FLOW_REJECTED' });
    expect(openAtOa(core())).toEqual([]);
  });
});

describe('the bell', () => {
  it('docs/lessons.md 31: asks nothing again when it is rung while the OA approves: the approval counts', async () => {
    await core().write(withFlow());
    const { id } = onlyApprovalAtOa(core());
    core().oa.control.approve(id, 'board@example.com');
    await core().edit(ISSUE, ring);

    expect(await stepOf(core())).toMatchObject({ status: 'APPROVED', approval: { generation: 1 } });
    expect(core().oa.approvals.size).toBe(1);
  });

  it('docs/lessons.md 23: asks nothing again when somebody other than the creator rings it', async () => {
    await core().write(withFlow());
    await decideAtOa(core(), 'reject');
    await core().edit(ISSUE, (issue) => ring(issue, ASSIGNEE));
    expect(await stepOf(core())).toMatchObject({ status: 'REJECTED', approval: { generation: 1 } });
    expect(openAtOa(core())).toEqual([]);
  });

  it('withdraws the request and asks again when it is rung while the OA decides', async () => {
    await core().write(withFlow());
    const { id } = onlyApprovalAtOa(core());
    await core().edit(ISSUE, ring);
    expect(core().oa.approvals.get(id)).toMatchObject({ status: 'CANCELED', canceledReason: 'BELL' });
    expect((await stepOf(core())).approval).toMatchObject({ state: 'PENDING', triggers: ['BELL'] });
  });
});

describe('the record', () => {
  it('shows in every state what the round says, and who asked', async () => {
    core().oa.control.misbehave({ kind: 'RESET_BEFORE', on: 'POST', times: 1 });
    await core().write(withFlow());
    const { approval: requested } = await stepOf(core());
    expect(requested).toMatchObject({
      state: 'REQUESTED',
      generation: 1,
      channel: 'EXTERNAL',
      approvers: [],
      requester: { email: 'creator@example.com', bot: false },
      decisions: [],
    });
    expect(requested).not.toHaveProperty('ref');
    expect(requested).not.toHaveProperty('sentAt');

    await sweepAtIntervals(core(), MINUTE);
    const { approval: pending } = await stepOf(core());
    const { id, approvalId, request } = onlyApprovalAtOa(core());
    expect(pending).toMatchObject({ state: 'PENDING', approvalId, ref: { externalId: id } });
    expect(pending).toMatchObject({
      sentAt: expect.stringMatching(/Z$/),
      contentSha256: request.contentSha256,
    });
    expect(Object.values(pending?.tasks ?? {})).toEqual(request.stages[0]?.tasks.map(({ sha256 }) => sha256));

    await decideAtOa(core(), 'approve', 'Fine.');
    expect((await stepOf(core())).approval).toMatchObject({
      state: 'APPROVED',
      approvalId,
      closedAt: expect.stringMatching(/Z$/),
      decisions: [{ result: 'APPROVED', comment: 'Fine.', applied: true }],
    });
  });

  it('names the decider by e-mail, by the text that the OA gives, or not at all', async () => {
    const names: [string, object][] = [
      ['board@example.com', { email: 'board@example.com' }],
      ['Wang Wei (finance)', { userId: 'Wang Wei (finance)' }],
      ['', {}],
    ];
    await core().write(withFlow());
    for (const [name, by] of names) {
      const { id, approvalId } = onlyApprovalAtOa(core());
      core().oa.control.reject(id, name);
      await core().receiveOaEvent(approvalId);
      expect((await stepOf(core())).approval?.decisions[0]?.by).toEqual(by);
      await core().edit(ISSUE, ring);
    }
  });

  it('is not written again when nothing has changed', async () => {
    await core().write({ ...withFlow(), version: 1 });
    const before = await core().record(ISSUE);
    for (let times = 0; times < 3; times++) await sweepAtIntervals(core(), 3 * MINUTE);
    expect(await core().record(ISSUE)).toEqual(before);
  });
});
