import { beforeEach, describe, expect, it } from 'vitest';
import { ASSIGNEE, type Core, ISSUE } from '../../support/core.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { useCore } from '../../support/use-core.ts';

const theCore = useCore();
let core: Core;
beforeEach(() => {
  core = theCore();
});

const approval = async () => (await core.record(ISSUE)).stageApprovals?.['stage-1'];
const open = () => core.simulator.control.instances().filter((card) => card.status === 'PENDING');
const edit = (statement: string) =>
  core.edit(ISSUE, (issue) => {
    issue.stages = [aStage({ tasks: [aTask({ statement })] })];
  });
const MINUTE = 60_000;

describe('ids with a special meaning in JavaScript', () => {
  it.each(['constructor', 'toString', '试'.repeat(128), 'a#b%/../', '😀'.repeat(128)])(
    '%s is approved as the id of a task and a stage',
    async (id) => {
      await core.write(
        anIssue({ currentStageId: id, stages: [aStage({ stageId: id, tasks: [aTask({ taskId: id })] })] }),
      );
      const card = core.card();
      core.simulator.control.approve(card.instanceCode, ASSIGNEE);
      await core.receiveEvent(card, 'APPROVED');
      const record = await core.record(ISSUE);
      expect(record.stages[0]?.tasks[0]?.status).toBe('PENDING');
      expect(Object.keys(record.approvedTasks?.[id] ?? {})).toEqual([id]);
    },
  );
});

describe('no card is left open', () => {
  it('when GET does not know the card yet at its withdrawal', async () => {
    await core.write(anIssue());
    core.simulator.control.misbehave({
      kind: 'ERROR_CODE',
      endpoint: 'getInstance',
      code: 1390003,
      status: 400,
      times: 1,
    });
    await edit('SELECT 2');
    expect(open()).toHaveLength(2);
    await core.clock.advance(MINUTE);
    await core.run(ISSUE);
    expect(open()).toHaveLength(1);
    expect(await approval()).toMatchObject({ state: 'PENDING', generation: 2 });
  });

  it('when Feishu refuses a withdrawal and is then out of reach for hours', async () => {
    await core.write(anIssue());
    core.simulator.control.misbehave({
      kind: 'ERROR_CODE',
      endpoint: 'cancelInstance',
      code: 1390009,
      status: 403,
      times: 1,
    });
    await edit('SELECT 2');
    core.simulator.control.misbehave({ kind: 'BAD_GATEWAY' });
    for (let hour = 0; hour < 12; hour++) {
      await core.clock.advance(60 * MINUTE);
      await core.run(ISSUE);
    }
    core.simulator.control.behave();
    await core.clock.advance(12 * 60 * MINUTE);
    await core.run(ISSUE);
    expect(open()).toHaveLength(1);
  });
});

describe('the content of an event is kept when its message is gone', () => {
  it('if it is a time limit, which only the event shows, and the look fails', async () => {
    await core.write(anIssue());
    const card = core.card();
    core.simulator.control.overtimeClose(card.instanceCode);
    core.simulator.control.misbehave({ kind: 'BAD_GATEWAY', endpoint: 'getInstance', times: 3 });
    await core.receiveEvent(card, 'OVERTIME_CLOSE');
    expect(await approval()).toMatchObject({ state: 'PENDING' });
    await core.clock.advance(MINUTE);
    await core.run(ISSUE);
    expect(await approval()).toMatchObject({ state: 'EXPIRED' });
  });

  it('if it is a revoked approval, the record is invalid and then the look fails', async () => {
    await core.write(anIssue());
    const card = core.card();
    core.simulator.control.approve(card.instanceCode, ASSIGNEE);
    await core.receiveEvent(card, 'APPROVED');
    const [definition] = core.simulator.control.definitions();
    if (definition) definition.body.settings = { ...definition.body.settings, revert_interval: 3600 };
    core.simulator.control.revert(card.instanceCode);
    const kept = await core.record(ISSUE);
    await core.put({ ...kept, title: '' });
    await core.receiveEvent(card, 'REVERTED');
    core.simulator.control.misbehave({ kind: 'BAD_GATEWAY', endpoint: 'getInstance', times: 3 });
    await core.edit(ISSUE, (issue) => {
      issue.title = 'corrected';
    });
    expect(await approval()).toMatchObject({ state: 'APPROVED' });
    await core.clock.advance(40 * MINUTE);
    await core.run(ISSUE);
    expect(await approval()).toMatchObject({ state: 'REVERTED' });
  });
});

it('a rate limit that does not end is shown on the record before the message is used up', async () => {
  core.simulator.control.misbehave({ kind: 'RATE_LIMITED', endpoint: 'createInstance', resetSeconds: 30 });
  await core.put(anIssue());
  let waits = 0;
  while ((await core.run(ISSUE)).waitSeconds !== undefined) {
    waits++;
    await core.clock.advance(31_000);
    if (waits > 10) break;
  }
  expect(waits).toBeLessThanOrEqual(5);
  expect(await approval()).toMatchObject({ state: 'REQUESTED', error: { code: 'FEISHU_UNAVAILABLE' } });
  core.simulator.control.behave();
  await core.clock.advance(MINUTE);
  await core.run(ISSUE);
  expect(await approval()).toMatchObject({ state: 'PENDING' });
});

it('hundreds of entries that are not ours are removed in one write', async () => {
  const strange = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [`stage ${index}`, { state: 'APPROVED' }]),
  );
  await core.write({ ...anIssue(), stageApprovals: { ...strange, ['x'.repeat(3_000)]: 1 } } as ReturnType<
    typeof anIssue
  >);
  expect(Object.keys((await core.record(ISSUE)).stageApprovals ?? {})).toEqual(['stage-1']);
  expect(core.pending()).toHaveLength(1);
});

it('a record without room for its approvals is invalid, and nobody is asked', async () => {
  const tasks = Array.from({ length: 1_000 }, (_, index) =>
    aTask({ taskId: `t${index}`, statement: 'x'.repeat(250) }),
  );
  await core.write(anIssue({ stages: [aStage({ tasks })] }));
  expect((await core.record(ISSUE)).approvalError?.message).toContain('leaves no room');
  expect(core.simulator.control.instances()).toHaveLength(0);
});
