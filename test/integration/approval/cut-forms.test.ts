import { beforeEach, describe, expect, it } from 'vitest';
import { readDueRounds } from '../../../shared/approval/store/due-rounds.ts';
import { aCore, type Core, ISSUE } from '../../support/core.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { aLargeIssue } from '../../support/large-stage.ts';
import { approvalOf, approve } from '../../support/stage-approval.ts';
import { sweepEachMinute } from '../../support/sweep-over-time.ts';
import { useDatabase } from '../../support/use-core.ts';

/** `cutForms: "refuse"`: a card is sent only if it shows every statement whole (ADR 13). */

const database = useDatabase();
let core: Core;
beforeEach(async () => {
  core = await aCore(database());
  return () => core.close();
});

const control = () => core.simulator.control;
const holdOf = async () => (await core.record(ISSUE)).approvalHold;
const set = (cutForms: 'allow' | 'refuse') =>
  core.saveSettings({ ...core.settings, cutForms, revision: core.settings.revision + 1 });
const creates = () => control().calls().calls.createInstance ?? 0;
const ring = (seq: number) =>
  core.edit(ISSUE, (issue) => {
    issue.bell = { seq, rungBy: issue.creator.email, rungAt: '2026-03-01T09:00:00.000Z' };
  });
/** Far more SQL than any card has room for. */
const HUGE = aStage({
  tasks: [
    aTask({
      statement: Array.from({ length: 9_000 }, (_, n) => `DELETE FROM log WHERE id = ${n};`).join('\n'),
    }),
  ],
});

describe('when cut cards are refused', () => {
  beforeEach(() => set('refuse'));

  it('a card that shows everything is sent', async () => {
    await core.write(anIssue());
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', form: 'FULL' });
    expect(await holdOf()).toBeUndefined();
    await approve(core);
  });

  it('a stage whose card would be cut is not sent, and the record says why', async () => {
    await core.write(anIssue({ stages: [HUGE] }));
    expect(creates()).toBe(0);
    expect(await holdOf()).toBe('TOO_LARGE_TO_SHOW');
    expect(await approvalOf(core)).toMatchObject({ state: 'WITHDRAWN', closeReason: 'TOO_LARGE_TO_SHOW' });
    await sweepEachMinute(core, database().documents, 30);
    expect(await core.rounds(ISSUE)).toHaveLength(1);
    expect(creates()).toBe(0);
  });

  it('the record no longer says that Feishu is out of reach once it is back', async () => {
    control().misbehave({ kind: 'BAD_GATEWAY', endpoint: 'people' });
    await core.write(anIssue({ stages: [HUGE] }));
    expect(await approvalOf(core)).toMatchObject({ error: { code: 'FEISHU_UNAVAILABLE' } });
    control().behave();
    await sweepEachMinute(core, database().documents, 2);
    expect(await holdOf()).toBe('TOO_LARGE_TO_SHOW');
    expect((await approvalOf(core))?.error).toBeUndefined();
  });

  it('a sheet is never shown whole, so its stage is not sent', async () => {
    const sheet = { uri: 's3://sheets/1', sha256: 'a'.repeat(64), sizeBytes: 9, preview: 'SELECT 1;' };
    const { statement: _, ...task } = aTask();
    await core.write(anIssue({ stages: [aStage({ tasks: [{ ...task, sheet }] })] }));
    expect(await holdOf()).toBe('TOO_LARGE_TO_SHOW');
  });

  it('a stage is sent once its SQL is shorter', async () => {
    await core.write(anIssue({ stages: [HUGE] }));
    await core.edit(ISSUE, (issue) => {
      issue.stages = [aStage()];
    });
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', form: 'FULL' });
    expect(await holdOf()).toBeUndefined();
  });

  it('a stage is sent without a ring once cut cards are allowed', async () => {
    await core.write(anIssue({ stages: [HUGE] }));
    await set('allow');
    // A save hints every due round, this one included.
    const due = await readDueRounds({ documents: core.documents, tableName: core.tables.approvalTableName });
    expect(due.map(({ issueId }) => issueId)).toEqual([ISSUE]);
    await core.run(ISSUE);
    expect(await approvalOf(core)).toMatchObject({
      state: 'PENDING',
      generation: 2,
      triggers: ['NEW_STAGE'],
    });
    expect(await holdOf()).toBeUndefined();
  });

  it('a ring tries again, and a BELL_ONLY stage needs no second ring once cut cards are allowed', async () => {
    await core.write(anIssue({ stages: [HUGE], approvalMode: 'BELL_ONLY' }));
    expect(await holdOf()).toBe('WAITING_FOR_BELL');
    await ring(1);
    expect(await holdOf()).toBe('TOO_LARGE_TO_SHOW');
    await ring(2);
    expect(await holdOf()).toBe('TOO_LARGE_TO_SHOW');
    expect(await core.rounds(ISSUE)).toHaveLength(2);
    await set('allow');
    await core.run(ISSUE);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING' });
  });

  it('a tenant that refuses large cards is not sent a shorter one', async () => {
    control().setCreateLimit({ bytes: 40_000, answer: 60006 });
    await core.write(aLargeIssue(100));
    expect(await holdOf()).toBe('TOO_LARGE_TO_SHOW');
    expect(core.pending()).toHaveLength(0);
    expect((await core.rounds(ISSUE))[0]?.forms.every(({ whole, refusal }) => whole && refusal)).toBe(true);
  });

  it('any form that Feishu accepts and that shows everything is sent', async () => {
    control().setCreateLimit({ bytes: 40_000, answer: 60006 });
    // In plain text the card is half as long.
    await core.write(aLargeIssue(20));
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', form: 'FULL' });
  });
});

it('withdraws a waiting cut card when the settings refuse cut cards', async () => {
  await core.write(anIssue({ stages: [HUGE] }));
  const card = core.card();
  await set('refuse');
  await core.run(ISSUE);
  expect(await approvalOf(core)).toMatchObject({ state: 'WITHDRAWN', closeReason: 'TOO_LARGE_TO_SHOW' });
  expect(await holdOf()).toBe('TOO_LARGE_TO_SHOW');
  expect(control().instance(card.instanceCode)?.status).toBe('CANCELED');
});

it('sends a cut card again in a form that shows everything, if there is one', async () => {
  // The card is cut with keys, and whole in plain text.
  await core.write(aLargeIssue(140));
  expect((await core.rounds(ISSUE))[0]?.forms.at(-1)).toMatchObject({ wording: 'KEYS', whole: false });
  control().setKeysRefused(true);
  await set('refuse');
  await core.run(ISSUE);
  expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 2, form: 'FULL' });
  expect((await core.rounds(ISSUE))[1]?.forms.at(-1)).toMatchObject({ wording: 'PLAIN', whole: true });
  expect(core.pending()).toHaveLength(1);
});

it('does not assume that Feishu refused a small card for its size', async () => {
  await set('refuse');
  control().misbehave({ kind: 'ERROR_CODE', endpoint: 'createInstance', code: 1390001, status: 400 });
  await core.write(anIssue());
  expect(await approvalOf(core)).toMatchObject({ state: 'FAILED', error: { code: 'FEISHU_REFUSED' } });
  expect(await holdOf()).toBeUndefined();
});

it('withdraws a card of an earlier version, which may not show everything', async () => {
  await core.write(anIssue());
  for (const round of await core.rounds(ISSUE)) await core.work.store.save(round, { ...round, forms: [] });
  await set('refuse');
  await core.run(ISSUE);
  expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 2, form: 'FULL' });
});

it('leaves a whole card open when the settings refuse cut cards', async () => {
  await core.write(anIssue());
  await set('refuse');
  await core.run(ISSUE);
  expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1 });
});
