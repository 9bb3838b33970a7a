import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FeishuSettings } from '../../../shared/settings/settings.ts';
import { ASSIGNEE, aCore, type Core, ISSUE } from '../../support/core.ts';
import { anIssue, aStage } from '../../support/issue.ts';
import { advanceAndSweep } from '../../support/sweep-over-time.ts';
import { useDatabase } from '../../support/use-core.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const database = useDatabase();
let core: Core;
beforeEach(async () => {
  core = await aCore(database());
});
afterEach(() => core.close());

const pass = (ms: number) => advanceAndSweep(core, database().documents, ms);
const save = (changes: Partial<FeishuSettings>) => core.saveSettings({ ...core.settings, ...changes });
const texts = (): string[] =>
  core.simulator.control.messages().map(({ content }) => JSON.parse(content).text);
const reminders = async () => (await core.rounds(ISSUE))[0]?.reminders;
const noted = (happening: string) =>
  core.notes.filter((note) => JSON.stringify(note).includes(`"${happening}"`));

describe('with reminders switched on', () => {
  beforeEach(async () => {
    await save({ reminderHours: 24 });
    await core.write(anIssue());
  });

  it('the approver is reminded once a period, three times, and then no more', async () => {
    const at: number[] = [];
    for (let hour = 8; hour <= 5 * 24; hour += 8) {
      await pass(8 * HOUR);
      if (texts().length > at.length) at.push(hour);
    }
    expect(texts()).toHaveLength(3);
    expect(at).toEqual([24, 48, 72]);
  });

  it('a reminder goes to the approver and names issue, stage, waiting and link, in both languages, and no SQL', async () => {
    await pass(24 * HOUR);
    const [message] = core.simulator.control.messages();
    expect(message).toMatchObject({ to: core.card().approvers[0]?.openId, type: 'text' });
    expect(texts()[0]?.split('\n')).toEqual([
      '提醒：工单“Orders get a note”的阶段“Production”已等待您审批 24 小时，请处理。',
      'Reminder: the stage “Production” of the issue “Orders get a note” has been waiting for your approval for 24 hours.',
      'https://frabit.example.com/issues/1',
    ]);
  });

  it('a reminder changes nothing on the record', async () => {
    const before = await core.record(ISSUE);
    await pass(24 * HOUR);
    expect(texts()).toHaveLength(1);
    expect(await core.record(ISSUE)).toEqual(before);
  });

  it('each round has its own reminders', async () => {
    await pass(24 * HOUR);
    await core.edit(ISSUE, (issue) => {
      issue.bell = { seq: 1, rungBy: 'creator@example.com', rungAt: '2026-03-02T08:30:00Z' };
    });
    await pass(23 * HOUR);
    expect(texts()).toHaveLength(1);
    await pass(HOUR);
    expect(texts()).toHaveLength(2);
  });

  it('a decision whose event was lost is taken in place of a reminder', async () => {
    core.simulator.control.approve(core.card().instanceCode, ASSIGNEE);
    await pass(24 * HOUR);
    expect(texts()).toEqual([]);
    expect((await core.record(ISSUE)).stageApprovals?.['stage-1']).toMatchObject({ state: 'APPROVED' });
  });

  it('a transferred task reminds nobody, until it is back with the approver', async () => {
    const { instanceCode } = core.card();
    core.simulator.control.transfer(instanceCode, ASSIGNEE, 'other@example.com');
    await pass(24 * HOUR);
    expect(texts()).toEqual([]);
    expect(core.simulator.control.instance(instanceCode)?.comments).toHaveLength(1);
    core.simulator.control.transfer(instanceCode, 'other@example.com', ASSIGNEE);
    await pass(24 * HOUR);
    expect(texts()).toHaveLength(1);
  });

  it('a card that is not with the approver is looked at no more often because of reminders', async () => {
    await save({ reminderHours: 0.5 });
    core.simulator.control.transfer(core.card().instanceCode, ASSIGNEE, 'other@example.com');
    await pass(HOUR);
    core.simulator.control.resetCalls();
    for (let halves = 0; halves < 3 * 24 * 2; halves++) await pass(HOUR / 2);
    expect(texts()).toEqual([]);
    expect(core.simulator.control.calls().calls.getInstance).toBeLessThan(12);
  });

  it('one that Feishu may have sent counts, though its task was handed on before it could be told', async () => {
    const { instanceCode } = core.card();
    core.simulator.control.misbehave({ kind: 'RESET_AFTER', endpoint: 'sendMessage', times: 1 });
    await pass(24 * HOUR);
    core.simulator.control.transfer(instanceCode, ASSIGNEE, 'other@example.com');
    await pass(11 * MINUTE);
    core.simulator.control.transfer(instanceCode, 'other@example.com', ASSIGNEE);
    for (let day = 0; day < 8; day++) await pass(24 * HOUR);
    expect(texts()).toHaveLength(3);
  });

  it('a task that waits for an added signer reminds nobody', async () => {
    const { instanceCode } = core.card();
    core.simulator.control.addSigner(instanceCode, ASSIGNEE, 'signer@example.com', 'AFTER');
    await pass(24 * HOUR);
    expect(texts()).toEqual([]);
  });

  it('nobody is reminded of what could not be sent yet', async () => {
    core.simulator.control.misbehave({ kind: 'BAD_GATEWAY' });
    await core.edit(ISSUE, (issue) => {
      issue.stages = [aStage({ environment: 'test' })];
    });
    for (let hour = 0; hour < 72; hour += 6) await pass(6 * HOUR);
    core.simulator.control.behave();
    await pass(6 * HOUR);
    await pass(6 * HOUR);
    expect(core.pending()).toHaveLength(1);
    expect(texts()).toEqual([]);
    await pass(24 * HOUR);
    expect(texts()).toHaveLength(1);
  });

  it('switching them off stops them, and on again goes on with those that are left', async () => {
    await pass(24 * HOUR);
    await save({});
    for (let day = 0; day < 3; day++) await pass(24 * HOUR);
    expect(texts()).toHaveLength(1);
    await save({ reminderHours: 24 });
    for (let day = 0; day < 4; day++) await pass(24 * HOUR);
    expect(texts()).toHaveLength(3);
  });

  it('changing them puts no look off', async () => {
    await pass(9 * MINUTE);
    await save({ reminderHours: 12 });
    await core.run(ISSUE);
    core.simulator.control.resetCalls();
    await pass(2 * MINUTE);
    expect(core.simulator.control.calls().calls.getInstance).toBe(1);
  });

  it('a shorter period reaches the rounds under way', async () => {
    await pass(2 * HOUR);
    await save({ reminderHours: 1 });
    await pass(MINUTE);
    expect(texts()).toHaveLength(1);
  });
});

describe('what stands in the way of reminders ends them for the round, and never the approval', () => {
  it.each([
    [
      'a scope that is not granted',
      () => core.simulator.control.setScopes(['approval:approval', 'contact:user.id:readonly']),
      99991672,
    ],
    ['a bot that is off', () => core.simulator.control.setBotEnabled(false), 230006],
    [
      'somebody outside the range of the bot',
      () => core.simulator.control.setPersonState(ASSIGNEE, 'OUT_OF_RANGE'),
      230013,
    ],
  ])('%s', async (_, spoil, code) => {
    await save({ reminderHours: 24 });
    await core.write(anIssue());
    const card = core.card();
    const before = await core.record(ISSUE);
    spoil();
    for (let day = 0; day < 4; day++) await pass(24 * HOUR);
    expect(core.simulator.control.calls().calls.sendMessage).toBe(1);
    expect(noted('reminders stopped')).toMatchObject([{ feishuCode: code }]);
    expect(await core.record(ISSUE)).toEqual(before);
    core.simulator.control.behave();
    await pass(24 * HOUR);
    expect(texts()).toEqual([]);
    core.simulator.control.approve(card.instanceCode, ASSIGNEE);
    await core.hear(card, 'APPROVED');
    expect((await core.record(ISSUE)).stageApprovals?.['stage-1']).toMatchObject({ state: 'APPROVED' });
  });
});

describe('when Feishu does not take a reminder now', () => {
  beforeEach(async () => {
    await save({ reminderHours: 24 });
    await core.write(anIssue());
  });

  it.each([
    ['out of reach', { kind: 'BAD_GATEWAY' }],
    ['slowing us down', { kind: 'RATE_LIMITED', resetSeconds: 60 }],
  ] as const)('%s: it is sent later, without hurry, and the others follow', async (_, fault) => {
    core.simulator.control.misbehave({ ...fault, endpoint: 'sendMessage' });
    await pass(24 * HOUR);
    for (let minute = 0; minute < 40; minute++) await pass(MINUTE);
    expect(core.simulator.control.calls().calls.sendMessage).toBeLessThanOrEqual(5);
    core.simulator.control.behave();
    for (let minute = 0; minute < 10; minute++) await pass(MINUTE);
    expect(texts()).toHaveLength(1);
    for (let hour = 0; hour < 60; hour += 4) await pass(4 * HOUR);
    expect(texts()).toHaveLength(3);
  });

  it('out of reach altogether: the periods that passed are not made up for', async () => {
    core.simulator.control.misbehave({ kind: 'BAD_GATEWAY' });
    for (let hour = 0; hour < 60; hour += 4) await pass(4 * HOUR);
    core.simulator.control.behave();
    for (let hour = 0; hour < 12; hour++) await pass(HOUR);
    expect(texts()).toHaveLength(1);
  });

  it('and nobody knows whether it was sent: after an hour it counts as sent, as Feishu would send it twice', async () => {
    core.simulator.control.misbehave({ kind: 'RESET_AFTER', endpoint: 'sendMessage', times: 1 });
    await pass(24 * HOUR);
    expect(texts()).toHaveLength(1);
    expect(await reminders()).toMatchObject({ sent: 0, begunAt: expect.any(String) });
    await pass(2 * HOUR);
    expect(texts()).toHaveLength(1);
    expect(await reminders()).toMatchObject({ sent: 1 });
    await pass(24 * HOUR);
    expect(texts()).toHaveLength(2);
  });

  it('what was limited was not sent: it is tried again however much later', async () => {
    core.simulator.control.misbehave({
      kind: 'RATE_LIMITED',
      endpoint: 'sendMessage',
      resetSeconds: 60,
      times: 1,
    });
    await pass(24 * HOUR);
    expect(texts()).toEqual([]);
    await pass(2 * HOUR);
    expect(texts()).toHaveLength(1);
  });
});

describe('a worker that dies on the way sends one reminder all the same', () => {
  class Died extends Error {}

  /** Every call that the core makes passes here once armed: `count` of them, and which one dies. */
  function aSaboteur() {
    let armed = false;
    let calls = 0;
    let victim: { call: number; after: boolean } | undefined;
    const passThrough = async <T>(run: () => Promise<T>): Promise<T> => {
      if (!armed) return run();
      const dies = calls++ === victim?.call ? victim : undefined;
      if (dies && !dies.after) throw new Died();
      const result = await run();
      if (dies) throw new Died();
      return result;
    };
    return {
      passThrough,
      calls: () => calls,
      arm(next?: { call: number; after: boolean }) {
        armed = true;
        calls = 0;
        victim = next;
      },
      disarm() {
        armed = false;
      },
    };
  }

  async function aReminderDue() {
    const saboteur = aSaboteur();
    const { passThrough } = saboteur;
    const fragile = await aCore(database(), {
      change: ({ store, feishu }) => ({
        store: { ...store, save: (...args) => passThrough(() => store.save(...args)) },
        feishu: {
          ...feishu,
          getInstance: (...args) => passThrough(() => feishu.getInstance(...args)),
          sendMessage: (...args) => passThrough(() => feishu.sendMessage(...args)),
        },
      }),
    });
    await fragile.saveSettings({ ...fragile.settings, reminderHours: 24 });
    await fragile.write(anIssue());
    await fragile.clock.advance(24 * HOUR);
    return { fragile, saboteur };
  }

  it('at every call, before it and after it', async () => {
    const undisturbed = await aReminderDue();
    undisturbed.saboteur.arm();
    await undisturbed.fragile.run(ISSUE);
    const calls = undisturbed.saboteur.calls();
    expect(undisturbed.fragile.simulator.control.messages()).toHaveLength(1);
    await undisturbed.fragile.close();
    expect(calls).toBe(4);

    for (let call = 0; call < calls; call++) {
      for (const after of [false, true]) {
        const { fragile, saboteur } = await aReminderDue();
        saboteur.arm({ call, after });
        await expect(fragile.run(ISSUE)).rejects.toThrow(Died);
        saboteur.disarm();
        await fragile.clock.advance(90_000);
        await fragile.run(ISSUE);
        const [round] = await fragile.rounds(ISSUE);
        expect(
          fragile.simulator.control.messages(),
          `call ${call}, ${after ? 'after' : 'before'}`,
        ).toHaveLength(1);
        expect(round?.reminders).toMatchObject({ sent: 1 });
        expect(round?.reminders.begunAt).toBeUndefined();
        await fragile.close();
      }
    }
  });
});
