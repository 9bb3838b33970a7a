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
const logged = (happening: string) =>
  core.logged.filter((line) => JSON.stringify(line).includes(`"${happening}"`));

describe('with reminders enabled', () => {
  beforeEach(async () => {
    await save({ reminderHours: 24 });
    await core.write(anIssue());
  });

  it('the approver is reminded once a period, three times at most', async () => {
    const at: number[] = [];
    for (let hour = 8; hour <= 5 * 24; hour += 8) {
      await pass(8 * HOUR);
      if (texts().length > at.length) at.push(hour);
    }
    expect(texts()).toHaveLength(3);
    expect(at).toEqual([24, 48, 72]);
  });

  it('a reminder names issue, stage, waiting time and link in both languages, and no SQL', async () => {
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

  it('a decision whose event was lost is applied, and no reminder is sent', async () => {
    core.simulator.control.approve(core.card().instanceCode, ASSIGNEE);
    await pass(24 * HOUR);
    expect(texts()).toEqual([]);
    expect((await core.record(ISSUE)).stageApprovals?.['stage-1']).toMatchObject({ state: 'APPROVED' });
  });

  it('nobody is reminded of a transferred card until it is back with the approver', async () => {
    const { instanceCode } = core.card();
    core.simulator.control.transfer(instanceCode, ASSIGNEE, 'other@example.com');
    await pass(24 * HOUR);
    expect(texts()).toEqual([]);
    expect(core.simulator.control.instance(instanceCode)?.comments).toHaveLength(1);
    core.simulator.control.transfer(instanceCode, 'other@example.com', ASSIGNEE);
    await pass(24 * HOUR);
    expect(texts()).toHaveLength(1);
  });

  it('a transferred card is not looked at more often because of reminders', async () => {
    await save({ reminderHours: 0.5 });
    core.simulator.control.transfer(core.card().instanceCode, ASSIGNEE, 'other@example.com');
    await pass(HOUR);
    core.simulator.control.resetCalls();
    for (let halves = 0; halves < 3 * 24 * 2; halves++) await pass(HOUR / 2);
    expect(texts()).toEqual([]);
    expect(core.simulator.control.calls().calls.getInstance).toBeLessThan(12);
  });

  it('a reminder that Feishu may have sent counts, even if the card was transferred since', async () => {
    const { instanceCode } = core.card();
    core.simulator.control.misbehave({ kind: 'RESET_AFTER', endpoint: 'sendMessage', times: 1 });
    await pass(24 * HOUR);
    core.simulator.control.transfer(instanceCode, ASSIGNEE, 'other@example.com');
    await pass(11 * MINUTE);
    core.simulator.control.transfer(instanceCode, 'other@example.com', ASSIGNEE);
    for (let day = 0; day < 8; day++) await pass(24 * HOUR);
    expect(texts()).toHaveLength(3);
  });

  it('nobody is reminded of a card that waits for an added approver', async () => {
    const { instanceCode } = core.card();
    core.simulator.control.addSigner(instanceCode, ASSIGNEE, 'signer@example.com', 'AFTER');
    await pass(24 * HOUR);
    expect(texts()).toEqual([]);
  });

  it('nobody is reminded of a request that could not be sent', async () => {
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

  it('disabling reminders stops them, and enabling them sends those that are left', async () => {
    await pass(24 * HOUR);
    await save({});
    for (let day = 0; day < 3; day++) await pass(24 * HOUR);
    expect(texts()).toHaveLength(1);
    await save({ reminderHours: 24 });
    for (let day = 0; day < 4; day++) await pass(24 * HOUR);
    expect(texts()).toHaveLength(3);
  });

  it('changing the period does not delay a look', async () => {
    await pass(9 * MINUTE);
    await save({ reminderHours: 12 });
    await core.run(ISSUE);
    core.simulator.control.resetCalls();
    await pass(2 * MINUTE);
    expect(core.simulator.control.calls().calls.getInstance).toBe(1);
  });

  it('a shorter period applies to the rounds in progress', async () => {
    await pass(2 * HOUR);
    await save({ reminderHours: 1 });
    await pass(MINUTE);
    expect(texts()).toHaveLength(1);
  });
});

describe('reminders of a round end, and its approval continues, because of', () => {
  it.each([
    [
      'a scope that is not granted',
      () => core.simulator.control.setScopes(['approval:approval', 'contact:user.id:readonly']),
      99991672,
    ],
    ['a disabled bot', () => core.simulator.control.setBotEnabled(false), 230006],
    [
      'an approver whom the bot may not reach',
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
    expect(logged('reminders stopped')).toMatchObject([{ feishuCode: code }]);
    expect(await core.record(ISSUE)).toEqual(before);
    core.simulator.control.behave();
    await pass(24 * HOUR);
    expect(texts()).toEqual([]);
    core.simulator.control.approve(card.instanceCode, ASSIGNEE);
    await core.receiveEvent(card, 'APPROVED');
    expect((await core.record(ISSUE)).stageApprovals?.['stage-1']).toMatchObject({ state: 'APPROVED' });
  });
});

describe('when Feishu does not accept a reminder', () => {
  beforeEach(async () => {
    await save({ reminderHours: 24 });
    await core.write(anIssue());
  });

  it.each([
    ['because it is out of reach', { kind: 'BAD_GATEWAY' }],
    ['because of a rate limit', { kind: 'RATE_LIMITED', resetSeconds: 60 }],
  ] as const)('%s, the reminder is sent later with few calls, and the others follow', async (_, fault) => {
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

  it('because all of Feishu is out of reach, the periods that passed get no reminder later', async () => {
    core.simulator.control.misbehave({ kind: 'BAD_GATEWAY' });
    for (let hour = 0; hour < 60; hour += 4) await pass(4 * HOUR);
    core.simulator.control.behave();
    for (let hour = 0; hour < 12; hour++) await pass(HOUR);
    expect(texts()).toHaveLength(1);
  });

  it('and the result is unknown, it counts as sent after an hour, because a retry would send it twice', async () => {
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

  it('because of one rate limit, the reminder is tried again even hours later', async () => {
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

describe('one reminder is sent when the worker dies', () => {
  class Died extends Error {}

  /** Counts the calls of the core once armed, and lets the worker die at one of them. */
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

  it('before or after any of its calls', async () => {
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
