import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FeishuSettings } from '../../../shared/settings/settings.ts';
import { ASSIGNEE, aCore, type Core, ISSUE } from '../../support/core.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { advanceAndSweep } from '../../support/sweep-over-time.ts';
import { useDatabase } from '../../support/use-core.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const database = useDatabase();
let core: Core;
beforeEach(async () => {
  core = await aCore(database());
  await save({ expiryHours: 72 });
});
afterEach(() => core.close());

const pass = (ms: number) => advanceAndSweep(core, database().documents, ms);
const save = (changes: Partial<FeishuSettings>) => core.saveSettings({ ...core.settings, ...changes });
const approval = async () => (await core.record(ISSUE)).stageApprovals?.['stage-1'];
const status = async () => (await core.record(ISSUE)).stages[0]?.tasks[0]?.status;
const open = () => core.simulator.control.instances().filter((card) => card.status === 'PENDING');
const bell = (seq: number) => ({ seq, rungBy: 'creator@example.com', rungAt: '2026-03-01T09:00:00Z' });
const ring = (seq = 1) =>
  core.edit(ISSUE, (issue) => {
    issue.bell = bell(seq);
  });
const edit = (statement: string) =>
  core.edit(ISSUE, (issue) => {
    issue.stages = issue.stages.map((stage) => ({ ...stage, tasks: [aTask({ statement })] }));
  });
const EXPIRED = { state: 'WITHDRAWN', closeReason: 'EXPIRED_BY_US', generation: 1 };

describe('a request that nobody decides in time', () => {
  const twoStages = anIssue({ stages: [aStage(), aStage({ stageId: 'stage-2' })] });
  beforeEach(() => core.write(twoStages));

  it('is withdrawn at its expiry, not earlier, and nothing is sent afterwards', async () => {
    for (let hour = 6; hour < 72; hour += 6) await pass(6 * HOUR);
    expect(await approval()).toMatchObject({ state: 'PENDING' });
    await pass(6 * HOUR);
    expect(await approval()).toMatchObject(EXPIRED);
    for (let day = 0; day < 5; day++) await pass(24 * HOUR);
    expect(await approval()).toMatchObject(EXPIRED);
    expect(open()).toEqual([]);
    expect(await status()).toBe('PENDING_APPROVAL');
  });

  it('docs/lessons.md 7: is sent again after a ring, and expires again', async () => {
    await pass(72 * HOUR);
    await ring();
    expect(await approval()).toMatchObject({
      state: 'PENDING',
      generation: 2,
      triggers: ['NEW_STAGE', 'BELL'],
    });
    await pass(71 * HOUR);
    expect(await approval()).toMatchObject({ state: 'PENDING' });
    await pass(2 * HOUR);
    expect(await approval()).toMatchObject({ ...EXPIRED, generation: 2 });
  });

  it('is sent again when its content changes', async () => {
    await pass(72 * HOUR);
    await edit('SELECT 2');
    expect(await approval()).toMatchObject({ state: 'PENDING', triggers: ['STATEMENT_CHANGED'] });
  });

  it('is sent again when the issue comes back to the stage', async () => {
    await pass(72 * HOUR);
    for (const stageId of ['stage-2', 'stage-1']) {
      await core.edit(ISSUE, (issue) => {
        issue.currentStageId = stageId;
      });
    }
    expect(await approval()).toMatchObject({ state: 'PENDING', generation: 2, triggers: ['NEW_STAGE'] });
  });

  it('is not withdrawn if the approver decided before: the decision counts', async () => {
    core.simulator.control.approve(core.card().instanceCode, ASSIGNEE);
    await pass(72 * HOUR);
    expect(await approval()).toMatchObject({ state: 'APPROVED', decisions: [{ applied: true }] });
    expect(await status()).toBe('PENDING');
  });

  it('is replaced at once if the bell is rung at the moment of expiry', async () => {
    await core.clock.advance(72 * HOUR);
    await ring();
    expect(await approval()).toMatchObject({ state: 'PENDING', generation: 2, triggers: ['BELL'] });
    expect(open()).toHaveLength(1);
  });
});

describe('changed settings', () => {
  beforeEach(() => core.write(anIssue()));

  it('with a shorter expiry end older requests at once, through the sweep', async () => {
    await pass(10 * HOUR);
    await save({ expiryHours: 8 });
    await pass(MINUTE);
    expect(await approval()).toMatchObject(EXPIRED);
  });

  it('with a longer expiry, or none, apply to the rounds in progress', async () => {
    await pass(71 * HOUR);
    await save({ expiryHours: 100 });
    await pass(2 * HOUR);
    expect(await approval()).toMatchObject({ state: 'PENDING' });
    await save({ expiryHours: undefined });
    await pass(100 * HOUR);
    expect(await approval()).toMatchObject({ state: 'PENDING' });
  });
});

describe('when Feishu is out of reach at the expiry', () => {
  beforeEach(async () => {
    await core.write(anIssue());
    await pass(70 * HOUR);
    core.simulator.control.misbehave({ kind: 'BAD_GATEWAY' });
  });
  const outage = async () => {
    for (let hour = 0; hour < 12; hour++) await pass(HOUR);
    core.simulator.control.behave();
  };
  const afterwards = async () => {
    for (let hour = 0; hour < 8; hour++) await pass(HOUR);
  };

  it('the request expires once Feishu is back, and nothing is sent afterwards', async () => {
    await outage();
    expect(await approval()).toMatchObject({ state: 'PENDING' });
    await afterwards();
    expect(await approval()).toMatchObject(EXPIRED);
    expect(open()).toEqual([]);
    expect(await core.rounds(ISSUE)).toHaveLength(1);
  });

  it('a decision made meanwhile counts', async () => {
    const { instanceCode } = core.card();
    await pass(6 * HOUR);
    core.simulator.control.approve(instanceCode, ASSIGNEE);
    await outage();
    await afterwards();
    expect(await approval()).toMatchObject({ state: 'APPROVED', decisions: [{ applied: true }] });
  });

  it('a ring made meanwhile sends the request again', async () => {
    await outage();
    await ring();
    await afterwards();
    expect(await approval()).toMatchObject({ state: 'PENDING', generation: 2 });
    expect(open()).toHaveLength(1);
  });
});

it('a request that could not be sent yet does not expire', async () => {
  core.simulator.control.misbehave({ kind: 'BAD_GATEWAY' });
  await core.write(anIssue());
  for (let day = 0; day < 5; day++) await pass(24 * HOUR);
  expect(await approval()).toMatchObject({ state: 'REQUESTED' });
  core.simulator.control.behave();
  await pass(12 * HOUR);
  expect(await approval()).toMatchObject({ state: 'PENDING' });
  await pass(71 * HOUR);
  expect(await approval()).toMatchObject({ state: 'PENDING' });
  await pass(2 * HOUR);
  expect(await approval()).toMatchObject(EXPIRED);
});
