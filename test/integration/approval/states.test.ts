import { beforeEach, describe, expect, it } from 'vitest';
import { handleHint } from '../../../shared/approval/handle-hint.ts';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import { anArrival } from '../../support/arrival-hint.ts';
import { ASSIGNEE, type Core, ISSUE } from '../../support/core.ts';
import { anIssue, aStage, aStep, aTask } from '../../support/issue.ts';
import { useCore } from '../../support/use-core.ts';

const theCore = useCore();
let core: Core;
beforeEach(() => {
  core = theCore();
});

const approval = async () => (await core.record(ISSUE)).stageApprovals?.['stage-1'];
const hold = async () => (await core.record(ISSUE)).approvalHold;
const bell = (seq: number) => ({ seq, rungBy: 'creator@example.com', rungAt: '2026-03-01T09:00:00Z' });

describe('the record shows a hold', () => {
  it.each([
    ['NO_ASSIGNEE', { assignee: null }],
    [
      'FLOW_REJECTED',
      { approvalFlow: { steps: [aStep(), aStep({ stepId: 'step-2', status: 'REJECTED' })] } },
    ],
    ['FLOW_PENDING', { approvalFlow: { steps: [aStep()] } }],
    [
      'FLOW_PENDING',
      { approvalFlow: { steps: [aStep({ kind: 'EXTERNAL', externalNodeId: 'oa', status: 'APPROVED' })] } },
    ],
    [
      'CHECK_ERROR',
      { stages: [aStage({ tasks: [aTask({ check: 'ERROR' }), aTask({ taskId: 'b', check: 'RUNNING' })] })] },
    ],
    ['CHECK_RUNNING', { stages: [aStage({ tasks: [aTask({ check: 'RUNNING' })] })] }],
    ['WAITING_FOR_BELL', { approvalMode: 'BELL_ONLY' }],
  ] as const)('%s, and removes it once the reason is gone', async (expected, changes) => {
    await core.write(anIssue(changes as Parameters<typeof anIssue>[0]));
    expect(await hold()).toBe(expected);
    expect(core.pending()).toHaveLength(0);
    await core.write(anIssue());
    expect(await hold()).toBeUndefined();
    expect(core.pending()).toHaveLength(1);
  });

  it('DISABLED, with the live card withdrawn, and sends the stage again when enabled', async () => {
    await core.write(anIssue());
    await core.saveSettings({ ...core.settings, enabled: false });
    await core.run(ISSUE);
    expect(await approval()).toMatchObject({ state: 'WITHDRAWN', closeReason: 'DISABLED' });
    expect(await hold()).toBe('DISABLED');
    await core.saveSettings(core.settings);
    await core.run(ISSUE);
    expect(await approval()).toMatchObject({ state: 'PENDING', generation: 2 });
    expect(await hold()).toBeUndefined();
  });
});

describe('an earlier tap counts', () => {
  const tap = () => core.simulator.control.approve(core.card().instanceCode, ASSIGNEE);

  it('when a check turns to ERROR before its event arrives', async () => {
    await core.write(anIssue());
    tap();
    await core.edit(ISSUE, (issue) => {
      issue.stages = [aStage({ tasks: [aTask({ check: 'ERROR' })] })];
    });
    expect(await approval()).toMatchObject({ state: 'APPROVED', decisions: [{ applied: true }] });
    expect((await core.record(ISSUE)).stages[0]?.tasks[0]?.status).toBe('PENDING');
  });

  it('when approvals are disabled before its event arrives', async () => {
    await core.write(anIssue());
    tap();
    await core.saveSettings({ ...core.settings, enabled: false });
    await core.run(ISSUE);
    expect(await approval()).toMatchObject({ state: 'APPROVED', decisions: [{ applied: true }] });
    expect((await core.record(ISSUE)).stages[0]?.tasks[0]?.status).toBe('PENDING');
  });
});

describe('BELL_ONLY', () => {
  const bellOnly = anIssue({ approvalMode: 'BELL_ONLY' });

  it('sends after a ring, withdraws when the SQL changes, and waits for the next ring', async () => {
    await core.write(bellOnly);
    await core.write({ ...(await core.record(ISSUE)), bell: bell(1) });
    expect(await approval()).toMatchObject({ state: 'PENDING', triggers: expect.arrayContaining(['BELL']) });

    await core.edit(ISSUE, (issue) => {
      issue.stages = [aStage({ tasks: [aTask({ statement: 'SELECT 2' })] })];
    });
    expect(await approval()).toMatchObject({ state: 'WITHDRAWN', closeReason: 'SUPERSEDED' });
    expect(await hold()).toBe('WAITING_FOR_BELL');

    await core.edit(ISSUE, (issue) => {
      issue.bell = bell(2);
    });
    expect(await approval()).toMatchObject({ state: 'PENDING', triggers: ['STATEMENT_CHANGED', 'BELL'] });
  });

  it('does not count a ring made before the issue came to the stage', async () => {
    const stages = [aStage(), aStage({ stageId: 'stage-2' })];
    await core.write({ ...bellOnly, stages, bell: bell(3) });
    expect(await hold()).toBe('WAITING_FOR_BELL');
    await core.edit(ISSUE, (issue) => {
      issue.bell = bell(4);
      issue.currentStageId = 'stage-2';
    });
    expect(await hold()).toBe('WAITING_FOR_BELL');
    expect(core.simulator.control.instances()).toHaveLength(0);
  });

  it('counts a ring after the arrival, even if both are seen together', async () => {
    await core.put({ ...bellOnly, bell: bell(1) });
    await core.run(ISSUE, {
      kind: 'RECORD_CHANGED',
      issueId: ISSUE,
      triggers: ['NEW_STAGE'],
      arrived: anArrival('stage-1', 1),
    });
    expect(await approval()).toMatchObject({ state: 'PENDING' });
  });
});

describe('an invalid record', () => {
  const broken = { ...anIssue(), stages: 'none' };

  it('shows its error, sends nothing, and loses the error when it is corrected', async () => {
    await core.put(broken);
    await core.run(ISSUE);
    expect((await core.record(ISSUE)).approvalError).toEqual({
      code: 'INVALID_RECORD',
      message: expect.stringContaining('stages'),
      at: core.clock.date().toISOString(),
    });
    await core.clock.advance(5_000);
    await core.run(ISSUE);
    expect((await core.record(ISSUE)).approvalError?.at).not.toBe(core.clock.date().toISOString());
    await core.write(anIssue());
    expect((await core.record(ISSUE)).approvalError).toBeUndefined();
    expect(core.pending()).toHaveLength(1);
  });

  it('delays a decision until the record is valid again', async () => {
    await core.write(anIssue());
    const card = core.card();
    const kept = await core.record(ISSUE);
    await core.put({ ...kept, title: '' });
    await core.run(ISSUE);
    core.simulator.control.approve(card.instanceCode, ASSIGNEE);
    await core.receiveEvent(card, 'APPROVED');
    expect((await core.record(ISSUE)).stages[0]?.tasks[0]?.status).toBe('PENDING_APPROVAL');

    await core.edit(ISSUE, (issue) => {
      issue.title = 'corrected';
    });
    expect((await core.record(ISSUE)).stages[0]?.tasks[0]?.status).toBe('PENDING');
    expect(await approval()).toMatchObject({ state: 'APPROVED', generation: 1 });
  });
});

describe('docs/lessons.md 26: the code of an answer decides what happens:', () => {
  it('a missing scope is named on the REQUESTED round, which is sent once it is granted', async () => {
    core.simulator.control.setScopes(['approval:approval:readonly', 'contact:user.id:readonly']);
    await core.write(anIssue());
    expect(await approval()).toMatchObject({
      state: 'REQUESTED',
      error: { code: 'FEISHU_SETUP', message: expect.stringMatching(/approval:(approval|instance)/) },
    });
    core.simulator.control.behave();
    await core.run(ISSUE);
    expect(core.pending()).toHaveLength(0);
    await core.clock.advance(60_000);
    await core.run(ISSUE);
    const sent = await approval();
    expect(sent).toMatchObject({ state: 'PENDING', generation: 1 });
    expect(sent?.error).toBeUndefined();
  });

  it('a 502 with HTML leaves the round REQUESTED with FEISHU_UNAVAILABLE until Feishu is back', async () => {
    core.simulator.control.misbehave({ kind: 'BAD_GATEWAY' });
    await core.write(anIssue());
    expect(await approval()).toMatchObject({ state: 'REQUESTED', error: { code: 'FEISHU_UNAVAILABLE' } });
    core.simulator.control.behave();
    await core.clock.advance(60_000);
    await core.run(ISSUE);
    expect(await approval()).toMatchObject({ state: 'PENDING', generation: 1 });
    expect(core.simulator.control.instances()).toHaveLength(1);
  });

  it('HTTP 200 with a code other than 0 is a refusal, and a ring tries again', async () => {
    core.simulator.control.misbehave({
      kind: 'ERROR_CODE',
      endpoint: 'createInstance',
      code: 60005,
      status: 200,
      times: 1,
    });
    await core.write(anIssue());
    expect(await approval()).toMatchObject({
      state: 'FAILED',
      error: { code: 'FEISHU_REFUSED', message: expect.stringContaining('60005') },
    });
    await core.edit(ISSUE, (issue) => {
      issue.bell = bell(1);
    });
    expect(await approval()).toMatchObject({ state: 'PENDING', generation: 2 });
  });

  it('a rate limit hides the message for as long as Feishu says', async () => {
    core.simulator.control.misbehave({
      kind: 'RATE_LIMITED',
      endpoint: 'createInstance',
      times: 1,
      resetSeconds: 30,
    });
    await core.put(anIssue());
    expect((await core.run(ISSUE)).waitSeconds).toBeGreaterThanOrEqual(30);
    expect(await approval()).toMatchObject({ state: 'REQUESTED' });
    await core.clock.advance(31_000);
    await core.run(ISSUE);
    expect(await approval()).toMatchObject({ state: 'PENDING' });
  });

  it('an event of a decision that GET does not show yet leads to looks after 2, 10 and 60 seconds', async () => {
    await core.write(anIssue());
    const card = core.card();
    core.simulator.control.approve(card.instanceCode, ASSIGNEE);
    core.simulator.control.misbehave({ kind: 'STALE_READ', endpoint: 'getInstance', times: 3 });
    expect(await core.receiveEvent(card, 'APPROVED')).toEqual({ waitSeconds: 2 });
    expect(await core.receiveEvent(card, 'APPROVED')).toEqual({ waitSeconds: 10 });
    expect(await core.receiveEvent(card, 'APPROVED')).toEqual({ waitSeconds: 60 });
    expect(await core.receiveEvent(card, 'APPROVED')).toEqual({});
    expect(await approval()).toMatchObject({ state: 'APPROVED' });
  });
});

describe('a revoked approval', () => {
  it('is REVERTED, changes no task, and its reopened card is closed', async () => {
    await core.write(anIssue());
    const card = core.card();
    core.simulator.control.approve(card.instanceCode, ASSIGNEE);
    await core.receiveEvent(card, 'APPROVED');
    // Our definition forbids to revoke, but an administrator may change it.
    const [definition] = core.simulator.control.definitions();
    if (definition) definition.body.settings = { ...definition.body.settings, revert_interval: 3600 };
    core.simulator.control.revert(card.instanceCode);
    await core.receiveEvent(card, 'REVERTED');
    expect(await approval()).toMatchObject({ state: 'REVERTED', decisions: [{ applied: true }] });
    expect((await core.record(ISSUE)).stages[0]?.tasks[0]?.status).toBe('PENDING');
    expect(core.simulator.control.instance(card.instanceCode)?.status).toBe('CANCELED');
  });
});

describe('an event of an instance without a pointer', () => {
  const unknown = (instanceCode: string): Hint => ({
    kind: 'UNKNOWN_INSTANCE',
    eventId: 'event-1',
    appId: core.simulator.app.appId,
    definitionCode: core.settings.definitionCode,
    instanceCode,
    about: 'INSTANCE',
    status: 'APPROVED',
  });
  const deliverEvent = (card: { instanceCode: string }) => core.run('', unknown(card.instanceCode));
  const expectForwarded = (card: { uuid: string | null }) =>
    expect(core.queued).toMatchObject([
      {
        hint: {
          kind: 'FEISHU_EVENT',
          issueId: ISSUE,
          approvalId: card.uuid?.toLowerCase(),
          status: 'APPROVED',
        },
      },
    ]);

  it('is resolved by the uuid, and becomes a hint of its issue', async () => {
    core.simulator.control.misbehave(
      { kind: 'RESET_AFTER', endpoint: 'createInstance', times: 1 },
      { kind: 'BAD_GATEWAY', endpoint: 'getInstance', times: 3 },
    );
    await core.write(anIssue());
    expect(await approval()).toMatchObject({ state: 'REQUESTED' });
    const card = core.card();
    await deliverEvent(card);
    expectForwarded(card);
  });

  it('is resolved by the instance that it revokes, and becomes a hint of the revocation', async () => {
    await core.write(anIssue());
    const card = core.card();
    const revoking = {
      instanceCode: 'REVOKING',
      definitionCode: '',
      uuid: 'other',
      revokes: card.instanceCode,
    };
    const rest = { status: 'APPROVED', reverted: false, tasks: [], timeline: [], comments: [] };
    const feishu = { ...core.work.feishu, getInstance: async () => ({ ...revoking, ...rest }) };
    await handleHint(unknown('REVOKING'), { ...core.work, feishu });
    expect(core.queued).toMatchObject([
      { hint: { kind: 'FEISHU_EVENT', issueId: ISSUE, instanceCode: card.instanceCode, status: 'REVERTED' } },
    ]);
  });

  it('becomes a hint without a call once the answer to the create is stored', async () => {
    await core.write(anIssue());
    core.simulator.control.resetCalls();
    const card = core.card();
    await deliverEvent(card);
    expectForwarded(card);
    expect(core.simulator.control.calls().calls).toEqual({});
  });
});

it('logs no SQL and no people', async () => {
  await core.write(anIssue());
  expect(JSON.stringify(core.logged)).not.toMatch(/ALTER TABLE|@example\.com/);
});
