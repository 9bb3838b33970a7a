import { isDeepStrictEqual } from 'node:util';
import type { Stage, Task } from '../../shared/issue/record.ts';
import { hashOfTask as hashOf } from '../card-reader/hashes.ts';
import type { StoredRecord } from '../support/core.ts';
import type { Card } from './card.ts';
import { PEOPLE } from './feishu.ts';
import type { Instance } from './state.ts';

/** Returns the rule that a write of the product to the issue record breaks; undefined if there is none. */
export function judgeWrite(
  old: StoredRecord | undefined,
  now: StoredRecord,
  instances: readonly Instance[],
): string | undefined {
  if (!old) return 'the product creates no issue record';
  const moved = movedTasks(old, now);
  if (!moved) return 'of what Frabit writes, only task statuses change';
  const approved = moved.filter(({ to }) => to === 'PENDING');
  for (const { stage, task, to } of moved) {
    const isSetBack = task.status === 'PENDING' && to === 'PENDING_APPROVAL';
    const entry = old.approvedTasks?.[stage.stageId];
    if (to !== 'PENDING' && (!isSetBack || !entry || entry[task.taskId] === hashOf(task)))
      return 'only a task that changed after its approval is set back';
  }
  if (approved.length > 0) return judgeApproval(old, now, approved, instances);
  return isDeepStrictEqual(old.approvedTasks, now.approvedTasks)
    ? undefined
    : 'only the transaction of an approval writes approvedTasks';
}

interface Moved {
  stage: Stage;
  task: Task;
  to: Task['status'];
  at: number;
}

/** Returns the tasks whose status changed; undefined if another of Frabit's attributes changed too. */
function movedTasks(old: StoredRecord, now: StoredRecord): Moved[] | undefined {
  const moved = old.stages.flatMap((stage, index) =>
    stage.tasks.flatMap((task, at): Moved[] => {
      const to = now.stages[index]?.tasks[at]?.status;
      return to === undefined || to === task.status ? [] : [{ stage, task, to, at }];
    }),
  );
  const put = old.stages.map((stage) => ({
    ...stage,
    tasks: stage.tasks.map((task) => ({
      ...task,
      status: moved.find((one) => one.task === task)?.to ?? task.status,
    })),
  }));
  return isDeepStrictEqual({ ...frabitsPartOf(old), stages: put }, frabitsPartOf(now)) ? moved : undefined;
}

function frabitsPartOf(record: StoredRecord) {
  const { stageApprovals: _, approvedTasks: __, approvalHold: ___, approvalError: ____, ...rest } = record;
  return rest;
}

function judgeApproval(
  old: StoredRecord,
  now: StoredRecord,
  approved: readonly Moved[],
  instances: readonly Instance[],
): string | undefined {
  const broken = (why: string) => `only SQL that the approver saw is approved (${why})`;
  const stage = old.stages.find(({ stageId }) => stageId === old.currentStageId);
  if (!stage || old.status !== 'OPEN') return broken('the issue is at no stage');
  if (approved.some((one) => one.stage !== stage)) return broken('the issue is at another stage');
  if (approved.some(({ task }) => task.status !== 'PENDING_APPROVAL')) return broken('a task did not ask');
  const approval = now.stageApprovals?.[stage.stageId];
  const approvedInstance = instances.find(({ uuid }) => uuid === approval?.approvalId.toLowerCase());
  if (approval?.state !== 'APPROVED' || !approvedInstance) return broken('the record names no card');
  if (!isApprovedBy(approvedInstance, old.assignee?.email)) return broken('the assignee did not approve it');
  const { card } = approvedInstance;
  if (
    card.stage !== stage.title ||
    stage.tasks.some(({ statement }, at) => card.tasks[at]?.sql !== statement)
  )
    return broken('the card shows other SQL');
  if (approved.some(({ at }) => card.tasks[at]?.status !== 'PENDING_APPROVAL'))
    return broken('on the card a task does not ask');
  const left = now.stages.find(({ stageId }) => stageId === stage.stageId)?.tasks;
  if (left?.some(({ status }) => status === 'PENDING_APPROVAL')) return 'one approval covers the whole stage';
  return isDeepStrictEqual(now.approvedTasks?.[stage.stageId], mayRun(old, stage, card))
    ? undefined
    : 'approvedTasks has exactly the tasks that may run';
}

const isApprovedBy = ({ status, tasks }: Instance, email: string | undefined): boolean => {
  const person = Object.entries(PEOPLE).find(([known]) => known === email)?.[1];
  return status === 'APPROVED' && tasks.some((task) => task.status === 'APPROVED' && task.openId === person);
};

/** Returns the tasks that asked on the card and still wait, and those that the card shows as approved before. */
function mayRun(old: StoredRecord, { stageId, tasks }: Stage, card: Card): Record<string, string> {
  const before = old.approvedTasks?.[stageId] ?? {};
  const runs = tasks.filter((task, at) => {
    const shown = card.tasks[at]?.status ?? '';
    return shown === 'PENDING_APPROVAL'
      ? ['PENDING_APPROVAL', 'PENDING'].includes(task.status)
      : ['PENDING', 'RUNNING', 'FAILED'].includes(shown) && before[task.taskId] === hashOf(task);
  });
  return Object.fromEntries(runs.map((task) => [task.taskId, hashOf(task)]));
}
