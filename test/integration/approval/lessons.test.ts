import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildDefinition } from '../../../shared/feishu/definition.ts';
import { createFeishuSetup } from '../../../shared/feishu/setup-client.ts';
import { taskHash } from '../../../shared/issue/content-hash.ts';
import { ASSIGNEE, aCore, type Core, ISSUE } from '../../support/core.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { useDatabase } from '../../support/use-core.ts';

const database = useDatabase();
let core: Core;
beforeEach(async () => {
  core = await aCore(database());
});
afterEach(() => core.close());

const approval = async (stageId = 'stage-1') => (await core.record(ISSUE)).stageApprovals?.[stageId];
const taskStatuses = async (stage = 0) =>
  (await core.record(ISSUE)).stages[stage]?.tasks.map((task) => task.status);
const onlyCard = (email = ASSIGNEE) => {
  const cards = core.pending(email);
  expect(cards).toHaveLength(1);
  const [card] = cards;
  if (!card) throw new Error('no card');
  return card;
};
/** Decides as the assignee, and delivers the event. */
const tap = async (decision: 'approve' | 'reject' = 'approve', comment?: string) => {
  const card = onlyCard();
  core.simulator.control[decision](card.instanceCode, ASSIGNEE, comment);
  await core.receiveEvent(card, decision === 'approve' ? 'APPROVED' : 'REJECTED');
  return card;
};
const ring = (seq: number, rungBy = 'creator@example.com') => ({
  seq,
  rungBy,
  rungAt: '2026-03-01T09:00:00.000Z',
});

describe('one tap approves the whole stage', () => {
  it('moves every waiting task to PENDING, in one transaction with its hash and the approval', async () => {
    const waiting = [aTask({ taskId: 'a' }), aTask({ taskId: 'b', statement: 'SELECT 1' })];
    const tasks = [...waiting, aTask({ taskId: 'c', status: 'DONE' })];
    await core.write(anIssue({ stages: [aStage({ tasks })] }));
    expect(await approval()).toMatchObject({ state: 'PENDING', triggers: ['NEW_STAGE'], generation: 1 });

    const card = await tap();

    expect(await taskStatuses()).toEqual(['PENDING', 'PENDING', 'DONE']);
    expect(await approval()).toMatchObject({
      state: 'APPROVED',
      ref: { instanceCode: card.instanceCode },
      decisions: [{ result: 'APPROVED', applied: true, by: { email: ASSIGNEE } }],
    });
    const record = await core.record(ISSUE);
    expect(record.approvedTasks).toEqual({
      'stage-1': Object.fromEntries(waiting.map((task) => [task.taskId, taskHash(task)])),
    });
  });

  it('costs two calls once the people are cached: one create and one look', async () => {
    await core.write(anIssue({ issueId: 'warm-up' }));
    core.simulator.control.resetCalls();
    await core.write(anIssue());
    const card = core.pending().find((one) => one.title['en-US'].includes(ISSUE));
    if (!card) throw new Error('no card');
    core.simulator.control.approve(card.instanceCode, ASSIGNEE);
    await core.receiveEvent(card, 'APPROVED', 'TASK');
    await core.receiveEvent(card, 'APPROVED');
    expect(await taskStatuses()).toEqual(['PENDING']);
    const { calls } = core.simulator.control.calls();
    expect(calls).toEqual({ createInstance: 1, getInstance: 1 });
  });

  it('approves a stage of 150 tasks and keeps every unknown attribute', async () => {
    const tasks = Array.from({ length: 150 }, (_, index) => ({
      ...aTask({ taskId: `task ${index}` }),
      frabitsOwn: { at: index, list: [1, 'two', null] },
    }));
    await core.write(anIssue({ stages: [aStage({ tasks })] }));
    await tap();
    const [stage] = (await core.record(ISSUE)).stages;
    expect(stage?.tasks).toEqual(tasks.map((task) => ({ ...task, status: 'PENDING' })));
  });

  it('adds one to the version with each of our writes', async () => {
    await core.write(anIssue({ version: 7 }));
    const sent = (await core.record(ISSUE)).version ?? 0;
    expect(sent).toBeGreaterThan(7);
    await tap();
    expect((await core.record(ISSUE)).version).toBe(sent + 1);
  });

  it('continues with the next stage when the issue arrives there', async () => {
    const stages = [aStage(), aStage({ stageId: 'stage-2', title: 'Next' })];
    await core.write(anIssue({ stages }));
    await tap();
    await core.edit(ISSUE, (issue) => {
      issue.currentStageId = 'stage-2';
    });
    expect(await approval('stage-2')).toMatchObject({ state: 'PENDING', triggers: ['NEW_STAGE'] });
    expect(await approval('stage-1')).toMatchObject({ state: 'APPROVED' });
  });
});

describe('lessons (docs/lessons.md)', () => {
  it('docs/lessons.md 1: the same decision event leads to one decision, also when delivered twice at once', async () => {
    await core.write(anIssue());
    const card = onlyCard();
    core.simulator.control.approve(card.instanceCode, ASSIGNEE);
    await Promise.all([core.receiveEvent(card, 'APPROVED'), core.receiveEvent(card, 'APPROVED')]);
    await core.receiveEvent(card, 'APPROVED');
    expect((await approval())?.decisions).toHaveLength(1);
    expect(await core.rounds(ISSUE)).toHaveLength(1);
    expect(await taskStatuses()).toEqual(['PENDING']);
  });

  it('docs/lessons.md 2: the approval of an earlier stage is never applied to a later one', async () => {
    const stages = [aStage(), aStage({ stageId: 'stage-2' })];
    await core.write(anIssue({ stages }));
    const card = onlyCard();
    core.simulator.control.approve(card.instanceCode, ASSIGNEE);
    // The issue moved to the next stage before the event arrived, and the hint of that change is late.
    await core.put(anIssue({ stages, currentStageId: 'stage-2' }));
    await core.receiveEvent(card, 'APPROVED');
    expect(await taskStatuses(0)).toEqual(['PENDING_APPROVAL']);
    expect(await taskStatuses(1)).toEqual(['PENDING_APPROVAL']);
    expect(await approval('stage-1')).toMatchObject({
      state: 'WITHDRAWN',
      closeReason: 'STAGE_LEFT',
      decisions: [{ result: 'APPROVED', applied: false }],
    });
    expect(await approval('stage-2')).toMatchObject({ state: 'PENDING' });
  });

  it('docs/lessons.md 3: a late decision on an old round is recorded on that round only', async () => {
    await core.write(anIssue());
    const old = onlyCard();
    // Feishu refuses the withdrawal, so the old card stays open while the new one is sent.
    core.simulator.control.misbehave({
      kind: 'ERROR_CODE',
      endpoint: 'cancelInstance',
      code: 1390009,
      status: 403,
    });
    await core.edit(ISSUE, (issue) => {
      issue.stages = [aStage({ tasks: [aTask({ statement: 'DROP TABLE orders' })] })];
    });
    core.simulator.control.approve(old.instanceCode, ASSIGNEE);
    await core.receiveEvent(old, 'APPROVED');

    const [first, second] = await core.rounds(ISSUE);
    expect(first).toMatchObject({
      state: 'WITHDRAWN',
      error: { code: 'CANCEL_REFUSED' },
      decisions: [{ result: 'APPROVED', applied: false }],
    });
    expect(second).toMatchObject({ state: 'PENDING', decisions: [] });
    expect(await taskStatuses()).toEqual(['PENDING_APPROVAL']);
  });

  it('docs/lessons.md 4: a tap on the old card does not approve edited SQL, and a comment says so', async () => {
    await core.write(anIssue());
    const old = onlyCard();
    core.simulator.control.approve(old.instanceCode, ASSIGNEE);
    await core.put(anIssue({ stages: [aStage({ tasks: [aTask({ statement: 'DROP TABLE orders' })] })] }));
    await core.receiveEvent(old, 'APPROVED');

    expect(await taskStatuses()).toEqual(['PENDING_APPROVAL']);
    const [first, second] = await core.rounds(ISSUE);
    expect(first).toMatchObject({
      state: 'WITHDRAWN',
      closeReason: 'SUPERSEDED',
      decisions: [{ result: 'APPROVED', applied: false }],
    });
    expect(second).toMatchObject({ state: 'PENDING', triggers: ['STATEMENT_CHANGED'] });
    const comments = core.simulator.control
      .instance(old.instanceCode)
      ?.comments.map((comment) => comment.text);
    expect(comments?.join()).toContain('a new request is on its way');
    expect(
      onlyCard()
        .form.map((field) => field.value['en-US'])
        .join('\n'),
    ).toContain('DROP TABLE orders');
  });

  it('docs/lessons.md 5: a card whose create was never answered is adopted: one card, one round, same uuid', async () => {
    core.simulator.control.misbehave({ kind: 'RESET_AFTER', endpoint: 'createInstance', times: 1 });
    await core.write(anIssue());
    const card = onlyCard();
    const rounds = await core.rounds(ISSUE);
    expect(rounds).toHaveLength(1);
    expect(rounds[0]).toMatchObject({ state: 'PENDING', instanceCode: card.instanceCode });
    expect(card.uuid?.toLowerCase()).toBe(rounds[0]?.approvalId);
    expect(core.simulator.control.instances()).toHaveLength(1);
  });

  it('docs/lessons.md 5: a card that is found only when it is to be withdrawn counts as sent', async () => {
    const { control } = core.simulator;
    control.misbehave({ kind: 'RESET_AFTER', endpoint: 'createInstance', times: 1 });
    control.misbehave({ kind: 'ERROR_CODE', endpoint: 'getInstance', code: 60009, status: 500, times: 9 });
    await core.write(anIssue());
    control.behave();
    expect((await core.rounds(ISSUE))[0]).toMatchObject({ state: 'REQUESTED', attempted: true });
    await core.edit(ISSUE, (issue) => {
      issue.assignee = { email: 'other@example.com' };
    });
    expect((await core.rounds(ISSUE))[0]).toMatchObject({
      state: 'WITHDRAWN',
      sentAt: core.clock.date().toISOString(),
    });
  });

  it('docs/lessons.md 6: a withdrawal does not cancel an instance that is approved by then', async () => {
    await core.write(anIssue());
    const card = onlyCard();
    core.simulator.control.approve(card.instanceCode, ASSIGNEE);
    core.simulator.control.resetCalls();
    await core.edit(ISSUE, (issue) => {
      issue.assignee = { email: 'other@example.com' };
    });
    expect(core.simulator.control.calls().calls.cancelInstance).toBeUndefined();
    expect(core.simulator.control.instance(card.instanceCode)?.status).toBe('APPROVED');
    expect(await taskStatuses()).toEqual(['PENDING_APPROVAL']);
  });

  describe('docs/lessons.md 7: a ring sends again a request that was', () => {
    it.each([
      ['withdrawn by its initiator', 'CANCELED', (code: string) => core.simulator.control.withdraw(code)],
      ['deleted', 'DELETED', (code: string) => core.simulator.control.deleteInstance(code)],
    ])('%s', async (_, state, act) => {
      await core.write(anIssue());
      const card = onlyCard();
      act(card.instanceCode);
      await core.receiveEvent(card, state);
      expect(await approval()).toMatchObject({ state });
      await core.run(ISSUE);
      expect(core.pending()).toHaveLength(0);

      await core.edit(ISSUE, (issue) => {
        issue.bell = ring(1);
      });
      expect(await approval()).toMatchObject({ state: 'PENDING', triggers: ['BELL'], generation: 2 });
    });

    it('closed by a time limit, which only the event shows', async () => {
      await core.write(anIssue());
      const card = onlyCard();
      core.simulator.control.overtimeClose(card.instanceCode);
      await core.receiveEvent(card, 'OVERTIME_CLOSE');
      expect(await approval()).toMatchObject({ state: 'EXPIRED' });
      await core.edit(ISSUE, (issue) => {
        issue.bell = ring(1);
      });
      expect(await approval()).toMatchObject({ state: 'PENDING', generation: 2 });
    });
  });

  describe('docs/lessons.md 8: a rejected request shows its reason on the issue and is sent again', () => {
    beforeEach(async () => {
      await core.write(anIssue());
      await tap('reject', 'no index on a full table');
      expect(await approval()).toMatchObject({
        state: 'REJECTED',
        decisions: [{ result: 'REJECTED', comment: 'no index on a full table', by: { email: ASSIGNEE } }],
      });
      expect(await taskStatuses()).toEqual(['PENDING_APPROVAL']);
      await core.run(ISSUE);
      expect(core.pending()).toHaveLength(0);
    });

    it('when the SQL is corrected', async () => {
      await core.edit(ISSUE, (issue) => {
        issue.stages = [aStage({ tasks: [aTask({ statement: 'SELECT 2' })] })];
      });
      expect(await approval()).toMatchObject({ state: 'PENDING', triggers: ['STATEMENT_CHANGED'] });
    });

    it('when the creator rings', async () => {
      await core.edit(ISSUE, (issue) => {
        issue.bell = ring(1, 'Creator@Example.com');
      });
      expect(await approval()).toMatchObject({ state: 'PENDING', triggers: ['BELL'] });
    });
  });

  it('docs/lessons.md 10: an unknown assignee fails the round once, with the e-mail, until the assignee changes', async () => {
    await core.write(anIssue({ assignee: { email: 'nobody@elsewhere.example' } }));
    expect(await approval()).toMatchObject({
      state: 'FAILED',
      error: { code: 'ASSIGNEE_NOT_IN_FEISHU', message: expect.stringContaining('nobody@elsewhere.example') },
    });
    core.simulator.control.resetCalls();
    await core.run(ISSUE);
    expect(core.simulator.control.calls().calls).toEqual({});

    await core.clock.advance(25 * 60 * 60_000);
    await core.run(ISSUE);
    expect(await approval()).toMatchObject({ state: 'FAILED', generation: 2 });

    await core.edit(ISSUE, (issue) => {
      issue.assignee = { email: ASSIGNEE };
    });
    expect(await approval()).toMatchObject({ state: 'PENDING', triggers: ['ASSIGNEE_CHANGED'] });
  });

  it('docs/lessons.md 19: an old round is read and cancelled with the definition it was sent with', async () => {
    await core.write(anIssue());
    const old = onlyCard();
    await core.saveSettings({ ...core.settings, definitionCode: 'ANOTHER-CODE' });
    await core.edit(ISSUE, (issue) => {
      issue.status = 'CANCELED';
    });
    expect(core.simulator.control.instance(old.instanceCode)?.status).toBe('CANCELED');
    expect(await approval()).toMatchObject({ state: 'WITHDRAWN', closeReason: 'ISSUE_CLOSED' });
  });

  it('docs/lessons.md 21: the bot asks and withdraws for a creator whom Feishu does not know', async () => {
    await core.write(anIssue({ creator: { email: 'stranger@elsewhere.example' } }));
    const card = onlyCard();
    expect(await approval()).toMatchObject({
      state: 'PENDING',
      requester: { email: 'stranger@elsewhere.example', bot: true, userId: core.settings.bot.openId },
    });
    expect(card.requester.bot).toBe(true);
    await core.edit(ISSUE, (issue) => {
      issue.status = 'CANCELED';
    });
    expect(core.simulator.control.instance(card.instanceCode)?.status).toBe('CANCELED');
    expect(await approval()).toMatchObject({ state: 'WITHDRAWN', closeReason: 'ISSUE_CLOSED' });
  });

  it('docs/lessons.md 22: the card is withdrawn with that reason when everything is approved in Frabit', async () => {
    await core.write(anIssue());
    const card = onlyCard();
    await core.edit(ISSUE, (issue) => {
      issue.stages = [aStage({ tasks: [aTask({ status: 'PENDING' })] })];
    });
    expect(await approval()).toMatchObject({ state: 'WITHDRAWN', closeReason: 'APPROVED_IN_FRABIT' });
    expect(core.simulator.control.instance(card.instanceCode)?.status).toBe('CANCELED');
    expect(await taskStatuses()).toEqual(['PENDING']);
  });

  it('docs/lessons.md 23: only a ring of the creator sends a request again', async () => {
    await core.write(anIssue());
    await tap('reject');
    await core.edit(ISSUE, (issue) => {
      issue.bell = ring(1, ASSIGNEE);
    });
    expect(core.pending()).toHaveLength(0);
    expect(await core.rounds(ISSUE)).toHaveLength(1);
  });

  it('docs/lessons.md 25: an old record that overwrites ours approves nothing, and the approver is asked again', async () => {
    await core.write(anIssue());
    await tap();
    expect(await taskStatuses()).toEqual(['PENDING']);
    await core.write(anIssue());
    expect(await taskStatuses()).toEqual(['PENDING_APPROVAL']);
    expect(await approval()).toMatchObject({ state: 'PENDING', generation: 2, triggers: ['NEW_STAGE'] });
    await tap();
    expect(await taskStatuses()).toEqual(['PENDING']);
    expect(await approval()).toMatchObject({ state: 'APPROVED', generation: 2 });
  });

  it('docs/lessons.md 25: approvals copied from another issue are removed', async () => {
    await core.write({
      ...anIssue({ assignee: null }),
      stageApprovals: { 'stage-1': { state: 'APPROVED' }, 'stage-9': { state: 'APPROVED' } },
    } as ReturnType<typeof anIssue>);
    const record = await core.record(ISSUE);
    expect(record.stageApprovals).toEqual({});
    expect(record.approvalHold).toBe('NO_ASSIGNEE');
  });

  it('docs/lessons.md 25: a lost approvedTasks entry sets the waiting task back to PENDING_APPROVAL', async () => {
    await core.write(anIssue());
    await tap();
    const { approvedTasks: _, ...without } = await core.record(ISSUE);
    await core.write(without);
    expect(await taskStatuses()).toEqual(['PENDING_APPROVAL']);
    expect(await approval()).toMatchObject({ state: 'PENDING', generation: 2 });
  });

  it('docs/lessons.md 27: the creator may be the approver, and that is a human approval', async () => {
    await core.write(anIssue({ creator: { email: ASSIGNEE } }));
    await tap();
    expect(await taskStatuses()).toEqual(['PENDING']);
  });

  it('docs/lessons.md 27: an automatic pass is never accepted', async () => {
    await core.write(anIssue());
    const card = onlyCard();
    core.simulator.control.autoPass(card.instanceCode);
    await core.receiveEvent(card, 'APPROVED');
    expect(await taskStatuses()).toEqual(['PENDING_APPROVAL']);
    expect(await approval()).toMatchObject({ state: 'FAILED', error: { code: 'DECIDED_AUTOMATICALLY' } });
  });

  it('docs/lessons.md 9: an approval by a colleague after a transfer is recorded with that person, not applied', async () => {
    await core.write(anIssue());
    const card = onlyCard();
    core.simulator.control.transfer(card.instanceCode, ASSIGNEE, 'colleague@example.com');
    await core.receiveEvent(card, 'TRANSFERRED', 'TASK');
    const comments = () =>
      core.simulator.control.instance(card.instanceCode)?.comments.map(({ text }) => text);
    expect(comments()?.join()).toContain('transferred');

    core.simulator.control.approve(card.instanceCode, 'colleague@example.com');
    await core.receiveEvent(card, 'APPROVED');
    expect(await taskStatuses()).toEqual(['PENDING_APPROVAL']);
    const stands = await approval();
    expect(stands).toMatchObject({ state: 'FAILED', error: { code: 'DECIDED_BY_ANOTHER' } });
    expect(stands?.decisions).toMatchObject([{ result: 'APPROVED', applied: false }]);
    expect(stands?.decisions[0]?.by.email).toBeUndefined();
    expect(stands?.decisions[0]?.by.userId).toMatch(/^ou_/);
  });

  it('docs/lessons.md 29: an approved task that is edited before it runs is set back and asked again', async () => {
    await core.write(anIssue());
    await tap();
    // Frabit forgot to set the task back.
    await core.edit(ISSUE, (issue) => {
      issue.stages = [aStage({ tasks: [aTask({ status: 'PENDING', statement: 'DROP TABLE orders' })] })];
    });
    const record = await core.record(ISSUE);
    const [task] = record.stages[0]?.tasks ?? [];
    expect(task?.status).toBe('PENDING_APPROVAL');
    expect(await approval()).toMatchObject({ state: 'PENDING', triggers: ['STATEMENT_CHANGED'] });
    // The runner sees that the approved content is not the present one.
    expect(record.approvedTasks?.['stage-1']?.['task-1']).not.toBe(task && taskHash(task));
  });

  it.each([
    ['another database', aTask({ database: 'billing' })],
    ['another instance', aTask({ instance: 'mysql-prod-2' })],
  ])(
    'docs/lessons.md 30: a card is withdrawn and sent again when the same SQL targets %s',
    async (_, task) => {
      await core.write(anIssue());
      const old = onlyCard();
      await core.edit(ISSUE, (issue) => {
        issue.stages = [aStage({ tasks: [task] })];
      });
      expect(core.simulator.control.instance(old.instanceCode)?.status).toBe('CANCELED');
      expect(await approval()).toMatchObject({
        state: 'PENDING',
        triggers: ['STATEMENT_CHANGED'],
        generation: 2,
      });
    },
  );

  it.each(['approve', 'reject'] as const)(
    'docs/lessons.md 31: a tap %s counts and no second card is sent when the creator rings meanwhile',
    async (decision) => {
      await core.write(anIssue());
      const card = onlyCard();
      core.simulator.control[decision](card.instanceCode, ASSIGNEE);
      await core.edit(ISSUE, (issue) => {
        issue.bell = ring(1);
      });
      expect(await core.rounds(ISSUE)).toHaveLength(1);
      expect(core.simulator.control.instances()).toHaveLength(1);
      expect(await taskStatuses()).toEqual([decision === 'approve' ? 'PENDING' : 'PENDING_APPROVAL']);
    },
  );

  it('a ring withdraws an undecided card and sends a new one', async () => {
    await core.write(anIssue());
    const old = onlyCard();
    await core.edit(ISSUE, (issue) => {
      issue.bell = ring(1);
    });
    expect(core.simulator.control.instance(old.instanceCode)?.status).toBe('CANCELED');
    expect((await core.rounds(ISSUE))[0]).toMatchObject({ state: 'WITHDRAWN', closeReason: 'BELL' });
    expect(await approval()).toMatchObject({ state: 'PENDING', triggers: ['BELL'], generation: 2 });
    expect(core.pending()).toHaveLength(1);
  });

  describe('docs/lessons.md 32: no approval gets stuck:', () => {
    it('a check that changes between RUNNING, SUCCESS and WARN does not withdraw the card', async () => {
      await core.write(anIssue());
      const card = onlyCard();
      for (const check of ['RUNNING', 'SUCCESS', 'WARN'] as const) {
        await core.edit(ISSUE, (issue) => {
          issue.stages = [aStage({ tasks: [aTask({ check })] })];
        });
        expect(core.simulator.control.instance(card.instanceCode)?.status).toBe('PENDING');
      }
      expect(await core.rounds(ISSUE)).toHaveLength(1);
    });

    it('a failed check withdraws the card, and once it passes, the same SQL is sent again without a ring', async () => {
      await core.write(anIssue());
      await core.edit(ISSUE, (issue) => {
        issue.stages = [aStage({ tasks: [aTask({ check: 'ERROR' })] })];
      });
      expect(await approval()).toMatchObject({ state: 'WITHDRAWN', closeReason: 'CHECK_ERROR' });
      expect((await core.record(ISSUE)).approvalHold).toBe('CHECK_ERROR');
      await core.edit(ISSUE, (issue) => {
        issue.stages = [aStage({ tasks: [aTask({ check: 'SUCCESS' })] })];
      });
      expect(await approval()).toMatchObject({ state: 'PENDING', generation: 2, triggers: ['NEW_STAGE'] });
      expect((await core.record(ISSUE)).approvalHold).toBeUndefined();
    });

    it('an issue that is closed and reopened is sent again', async () => {
      await core.write(anIssue());
      for (const status of ['CANCELED', 'OPEN'] as const) {
        await core.edit(ISSUE, (issue) => {
          issue.status = status;
        });
      }
      expect(await approval()).toMatchObject({ state: 'PENDING', generation: 2 });
    });

    it('a stage that is left after a rejection and entered again is sent again', async () => {
      const stages = [aStage(), aStage({ stageId: 'stage-2', tasks: [] })];
      await core.write(anIssue({ stages }));
      await tap('reject');
      for (const stageId of ['stage-2', 'stage-1']) {
        await core.edit(ISSUE, (issue) => {
          issue.currentStageId = stageId;
        });
      }
      expect(await approval()).toMatchObject({ state: 'PENDING', generation: 2, triggers: ['NEW_STAGE'] });
    });

    it('an issue that is deleted and written again is sent again', async () => {
      await core.write(anIssue());
      const card = onlyCard();
      await core.remove(ISSUE);
      expect(core.simulator.control.instance(card.instanceCode)?.status).toBe('CANCELED');
      expect((await core.rounds(ISSUE))[0]).toMatchObject({
        state: 'WITHDRAWN',
        closeReason: 'ISSUE_DELETED',
      });
      await core.write(anIssue());
      expect(await approval()).toMatchObject({ state: 'PENDING', generation: 2 });
    });
  });

  it('docs/lessons.md 34: a card that appears after its round was closed is found and cancelled', async () => {
    core.simulator.control.misbehave({ kind: 'RESET_AFTER', endpoint: 'createInstance' });
    core.simulator.control.misbehave({ kind: 'BAD_GATEWAY', endpoint: 'getInstance', times: 30 });
    await core.write(anIssue());
    expect(await approval()).toMatchObject({ state: 'REQUESTED', error: { code: 'FEISHU_UNAVAILABLE' } });
    core.simulator.control.behave();
    // GET does not know the instance for a while, so the round is closed without having seen it.
    core.simulator.control.misbehave({
      kind: 'ERROR_CODE',
      endpoint: 'getInstance',
      code: 1390003,
      status: 400,
    });
    await core.edit(ISSUE, (issue) => {
      issue.status = 'CANCELED';
    });
    expect(await approval()).toMatchObject({ state: 'WITHDRAWN', closeReason: 'ISSUE_CLOSED' });
    core.simulator.control.behave();
    expect(core.pending()).toHaveLength(1);
    await core.clock.advance(61_000);
    await core.run(ISSUE);
    expect(core.pending()).toHaveLength(0);
    expect(core.simulator.control.instances()[0]?.status).toBe('CANCELED');
  });

  it.each([
    ['of another initiator', 'other-stack@example.com', false],
    ['of another definition', 'creator@example.com', true],
  ])(
    "docs/lessons.md 35: another stack's instance with our uuid, %s, is never adopted",
    async (_, creator, isElsewhere) => {
      await core.close();
      core = await aCore(database(), {
        change: () => ({ newId: () => '0f0e0d0c-0000-4000-8000-000000000001' }),
      });
      await core.write(anIssue({ creator: { email: creator } }));
      const foreign = onlyCard();
      // A rebuilt table does not contain the instance, and the core generates the same id.
      const rebuilt = await aCore(database(), {
        change: () => ({ newId: () => '0f0e0d0c-0000-4000-8000-000000000001', feishu: core.work.feishu }),
      });
      const app = { appId: core.settings.appId, domain: 'feishu' } as const;
      const setup = createFeishuSetup({
        baseUrl: core.simulator.url,
        now: core.clock.now,
        credentials: () => Promise.resolve(core.simulator.app),
      });
      const definitionCode = isElsewhere
        ? await setup.saveDefinition(app, buildDefinition())
        : core.settings.definitionCode;
      await rebuilt.saveSettings({ ...core.settings, definitionCode });
      await rebuilt.write(anIssue());
      const record = await rebuilt.record(ISSUE);
      expect(record.stageApprovals?.['stage-1']).toMatchObject({
        state: 'FAILED',
        error: { code: 'FEISHU_REFUSED' },
      });
      expect(core.simulator.control.instance(foreign.instanceCode)?.status).toBe('PENDING');
      await rebuilt.close();
    },
  );
});
