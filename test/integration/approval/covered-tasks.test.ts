import { ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { taskHash } from '../../../shared/issue/content-hash.ts';
import type { Task, TaskStatus } from '../../../shared/issue/record.ts';
import { ASSIGNEE, ISSUE } from '../../support/core.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { approvalOf, taskStatuses } from '../../support/stage-approval.ts';
import { useCore } from '../../support/use-core.ts';

/** A card covers only the tasks that asked when it was composed. */

const core = useCore();

const FIRST = aTask({ taskId: 'first', statement: 'SELECT 1' });
const second = (status: TaskStatus): Task => aTask({ taskId: 'second', statement: 'SELECT 2', status });

const write = (status: TaskStatus, changes: object = {}) =>
  core().write(anIssue({ stages: [aStage({ tasks: [FIRST, second(status)] })], ...changes }));

/** Sets only the status of a task, as Frabit does. `quietly`: without a reconcile. */
async function setStatus(taskId: string, status: TaskStatus, { quietly = false } = {}): Promise<void> {
  const record = await core().record(ISSUE);
  for (const task of record.stages.flatMap(({ tasks }) => tasks)) {
    if (task.taskId === taskId) task.status = status;
  }
  await (quietly ? core().put(record) : core().write(record));
}

async function tap(card = core().card(), decision: 'approve' | 'reject' = 'approve'): Promise<void> {
  core().simulator.control[decision](card.instanceCode, ASSIGNEE);
  await core().receiveEvent(card, decision === 'approve' ? 'APPROVED' : 'REJECTED');
}

const entryOf = async () => (await core().record(ISSUE)).approvedTasks?.['stage-1'];

describe('docs/lessons.md 36: a task that the card shows in another status is set to PENDING_APPROVAL', () => {
  it.each(['CANCELED', 'DONE', 'SKIPPED', 'FAILED', 'RUNNING', 'PENDING'] as const)(
    '%s on the card: the next tap approves nothing, and both tasks are asked again',
    async (status) => {
      await write(status);
      const old = core().card();
      await setStatus('second', 'PENDING_APPROVAL', { quietly: true });
      await tap(old);

      expect(await taskStatuses(core())).toEqual(['PENDING_APPROVAL', 'PENDING_APPROVAL']);
      expect(await entryOf()).toBeUndefined();
      expect(await approvalOf(core())).toMatchObject({
        state: 'PENDING',
        generation: 2,
        triggers: ['STATEMENT_CHANGED'],
      });
      const [first] = (await core().rounds(ISSUE)).sort((a, b) => a.generation - b.generation);
      expect(first).toMatchObject({ state: 'WITHDRAWN', closeReason: 'SUPERSEDED' });
      expect(first?.decisions).toMatchObject([{ result: 'APPROVED', applied: false }]);

      await tap();
      expect(await taskStatuses(core())).toEqual(['PENDING', 'PENDING']);
      expect(await entryOf()).toEqual({ first: taskHash(FIRST), second: taskHash(second('PENDING')) });
    },
  );

  it('before any tap: the old card is withdrawn and the stage is sent again', async () => {
    await write('CANCELED');
    const old = core().card();
    await setStatus('second', 'PENDING_APPROVAL');
    expect(core().simulator.control.instance(old.instanceCode)?.status).toBe('CANCELED');
    expect(core().card().instanceCode).not.toBe(old.instanceCode);
    expect(await approvalOf(core())).toMatchObject({ triggers: ['STATEMENT_CHANGED'], generation: 2 });
  });

  it('in BELL_ONLY: the old card is withdrawn and the stage waits for the bell', async () => {
    const bell = { seq: 1, rungBy: 'creator@example.com', rungAt: '2026-03-01T08:00:00Z' };
    await write('CANCELED', { approvalMode: 'BELL_ONLY' });
    await core().edit(ISSUE, (issue) => {
      issue.bell = bell;
    });
    expect(core().pending()).toHaveLength(1);
    await setStatus('second', 'PENDING_APPROVAL');
    expect(core().pending()).toEqual([]);
    expect((await core().record(ISSUE)).approvalHold).toBe('WAITING_FOR_BELL');
    await core().edit(ISSUE, (issue) => {
      issue.bell = { ...bell, seq: 2 };
    });
    expect(core().pending()).toHaveLength(1);
  });

  it('after a rejection: the stage is sent again without a ring', async () => {
    await write('CANCELED');
    await tap(core().card(), 'reject');
    expect(core().pending()).toEqual([]);
    await setStatus('second', 'PENDING_APPROVAL');
    expect(await approvalOf(core())).toMatchObject({ state: 'PENDING', triggers: ['STATEMENT_CHANGED'] });
  });

  it('after the approval: the runner may not run that task, and it is asked alone', async () => {
    await write('CANCELED');
    await tap();
    expect(await entryOf()).toEqual({ first: taskHash(FIRST) });
    // Frabit forgets to ask for it.
    await setStatus('second', 'PENDING');
    expect(await taskStatuses(core())).toEqual(['PENDING', 'PENDING_APPROVAL']);
    await tap();
    expect(await taskStatuses(core())).toEqual(['PENDING', 'PENDING']);
    expect(await entryOf()).toEqual({ first: taskHash(FIRST), second: taskHash(second('PENDING')) });
  });
});

describe('a task that asked', () => {
  it('does not supersede the card when it stops asking, and a tap approves the others', async () => {
    await write('PENDING_APPROVAL');
    const card = core().card();
    await setStatus('second', 'SKIPPED');
    expect(core().card().instanceCode).toBe(card.instanceCode);
    await tap(card);
    expect(await taskStatuses(core())).toEqual(['PENDING', 'SKIPPED']);
    expect(await entryOf()).toEqual({ first: taskHash(FIRST) });
  });

  it('stays ready to run if Frabit approved it before the tap for the others', async () => {
    await write('PENDING_APPROVAL');
    await setStatus('second', 'PENDING');
    await tap();
    expect(await taskStatuses(core())).toEqual(['PENDING', 'PENDING']);
    expect(await entryOf()).toEqual({ first: taskHash(FIRST), second: taskHash(second('PENDING')) });
  });

  it('is listed on the approval, unless all tasks asked', async () => {
    await write('CANCELED');
    expect(await approvalOf(core())).toMatchObject({ asking: ['first'] });
    await setStatus('second', 'PENDING_APPROVAL');
    expect(await approvalOf(core())).not.toHaveProperty('asking');
  });
});

it('a request that could not be sent covers the tasks that ask when it is composed', async () => {
  core().simulator.control.setScopes(['approval:approval', 'approval:approval:readonly']);
  await write('CANCELED');
  expect(await approvalOf(core())).toMatchObject({ state: 'REQUESTED', generation: 1 });
  const [waiting] = await core().rounds(ISSUE);
  expect(waiting?.attempted).toBe(false);
  await setStatus('second', 'PENDING_APPROVAL');
  core().simulator.control.behave();
  await core().run(ISSUE, {
    kind: 'DUE',
    issueId: ISSUE,
    approvalIds: [waiting?.approvalId ?? ''],
    resync: true,
  });
  expect(await approvalOf(core())).toMatchObject({ state: 'PENDING', generation: 1 });
  await tap();
  expect(await taskStatuses(core())).toEqual(['PENDING', 'PENDING']);
});

describe('rounds of the previous version, which kept no list of the tasks that asked,', () => {
  async function forgetLists(): Promise<void> {
    const { documents, tables } = core();
    const { Items = [] } = await documents.send(new ScanCommand({ TableName: tables.approvalTableName }));
    for (const { pk, sk } of Items.filter((item) => item.generation !== undefined)) {
      await documents.send(
        new UpdateCommand({
          TableName: tables.approvalTableName,
          Key: { pk, sk },
          UpdateExpression: 'REMOVE asking, underWay',
        }),
      );
    }
  }

  it('take the tasks that ask when first seen, and no longer cover a task that asks later', async () => {
    await write('CANCELED');
    const card = core().card();
    await forgetLists();
    await core().run(ISSUE);
    expect(core().card().instanceCode).toBe(card.instanceCode);
    expect((await core().rounds(ISSUE))[0]?.asking).toEqual(['first']);
    await setStatus('second', 'PENDING_APPROVAL');
    expect(core().card().instanceCode).not.toBe(card.instanceCode);
  });

  it('are applied unchanged if their decision is seen first', async () => {
    await write('CANCELED');
    await forgetLists();
    await tap();
    expect(await taskStatuses(core())).toEqual(['PENDING', 'CANCELED']);
  });

  it('leave a task that the card showed as already approved', async () => {
    await write('PENDING');
    const card = core().card();
    await forgetLists();
    await core().run(ISSUE);
    await tap(card);
    expect(await taskStatuses(core())).toEqual(['PENDING', 'PENDING']);
    expect(core().pending()).toEqual([]);
  });

  it('are looked at when due, even if they are first seen then', async () => {
    await write('CANCELED');
    const [round] = await core().rounds(ISSUE);
    await forgetLists();
    core().simulator.control.approve(core().card().instanceCode, ASSIGNEE);
    await core().clock.advance(11 * 60_000);
    await core().run(ISSUE, { kind: 'DUE', issueId: ISSUE, approvalIds: [round?.approvalId ?? ''] });
    expect(await taskStatuses(core())).toEqual(['PENDING', 'CANCELED']);
  });

  it('leave a task that joined the approved stage before the issue was closed', async () => {
    await core().write(anIssue({ stages: [aStage({ tasks: [FIRST] })] }));
    await tap();
    await forgetLists();
    await core().edit(ISSUE, (issue) => {
      issue.status = 'CANCELED';
      issue.stages = [aStage({ tasks: [{ ...FIRST, status: 'PENDING' }, second('PENDING')] })];
    });
    expect(await taskStatuses(core())).toEqual(['PENDING', 'PENDING']);
    await core().edit(ISSUE, (issue) => {
      issue.status = 'OPEN';
    });
    expect(await taskStatuses(core())).toEqual(['PENDING', 'PENDING']);
  });

  it('leave a task that joined the approved stage earlier, and set back one that joins later', async () => {
    await core().write(anIssue({ stages: [aStage({ tasks: [FIRST] })] }));
    await tap();
    await forgetLists();
    await core().edit(ISSUE, (issue) => {
      issue.stages = [aStage({ tasks: [{ ...FIRST, status: 'PENDING' }, second('PENDING')] })];
    });
    expect(await taskStatuses(core())).toEqual(['PENDING', 'PENDING']);
    const third = aTask({ taskId: 'third', statement: 'SELECT 3', status: 'PENDING' });
    await core().edit(ISSUE, (issue) => {
      issue.stages = [aStage({ tasks: [{ ...FIRST, status: 'PENDING' }, second('PENDING'), third] })];
    });
    expect(await taskStatuses(core())).toEqual(['PENDING', 'PENDING', 'PENDING_APPROVAL']);
  });
});

describe('a stage that was approved', () => {
  it('asks once for a task that joins ready to run, and leaves it once Frabit approves it', async () => {
    await core().write(anIssue({ stages: [aStage({ tasks: [FIRST] })] }));
    await tap();
    await core().edit(ISSUE, (issue) => {
      issue.stages = [aStage({ tasks: [{ ...FIRST, status: 'PENDING' }, second('PENDING')] })];
    });
    expect(await taskStatuses(core())).toEqual(['PENDING', 'PENDING_APPROVAL']);
    expect(core().pending()).toHaveLength(1);
    await setStatus('second', 'PENDING');
    expect(await taskStatuses(core())).toEqual(['PENDING', 'PENDING']);
    expect(core().pending()).toEqual([]);
  });
});

it('a stage with the most and longest task ids of a record is sent again when all tasks change', async () => {
  const write = (statement?: string) =>
    core().edit(ISSUE, (issue) => {
      for (const task of issue.stages.flatMap(({ tasks }) => tasks)) {
        Object.assign(task, { statement, status: 'PENDING_APPROVAL' });
      }
    });
  const tasks = Array.from({ length: 710 }, (_, at) => ({
    taskId: `${at}-`.padEnd(128, 'x'),
    title: 't',
    status: 'PENDING_APPROVAL' as const,
  }));
  await core().write(anIssue({ stages: [aStage({ tasks })] }));
  await tap();
  await write('-');
  expect((await core().record(ISSUE)).approvalError).toBeUndefined();
  expect(core().pending()).toHaveLength(1);
}, 60_000);
