import { isDeepStrictEqual } from 'node:util';
import type { Stage, Task } from '../../shared/issue/record.ts';
import { hashOfTask as hashOf } from '../card-reader/hashes.ts';
import type { StoredRecord } from '../support/core.ts';
import type { Card } from './card.ts';
import { PEOPLE } from './feishu.ts';
import type { Instance } from './state.ts';

/** The rule that a write of ours to the issue record breaks, if any: what it approves stands on the tapped card. */
export function judgeWrite(
  old: StoredRecord | undefined,
  now: StoredRecord,
  instances: readonly Instance[],
): string | undefined {
  if (!old) return 'we make no records';
  const moved = movedTasks(old, now);
  if (!moved) return "nothing of Frabit's is changed but statuses";
  const approved = moved.filter(({ to }) => to === 'PENDING');
  for (const { stage, task, to } of moved) {
    const isForgotten = task.status === 'PENDING' && to === 'PENDING_APPROVAL';
    const entry = old.approvedTasks?.[stage.stageId];
    if (to !== 'PENDING' && (!isForgotten || !entry || entry[task.taskId] === hashOf(task)))
      return 'only what changed after its approval is put back';
  }
  if (approved.length > 0) return judgeApproval(old, now, approved, instances);
  return isDeepStrictEqual(old.approvedTasks, now.approvedTasks)
    ? undefined
    : 'approvedTasks is written only by the transaction that approves';
}

interface Moved {
  stage: Stage;
  task: Task;
  to: Task['status'];
  at: number;
}

/** Tasks whose status we changed; undefined: something else of Frabit's was changed as well. */
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
  return isDeepStrictEqual({ ...frabits(old), stages: put }, frabits(now)) ? moved : undefined;
}

function frabits(record: StoredRecord) {
  const { stageApprovals: _, approvedTasks: __, approvalHold: ___, approvalError: ____, ...rest } = record;
  return rest;
}

function judgeApproval(
  old: StoredRecord,
  now: StoredRecord,
  approved: readonly Moved[],
  instances: readonly Instance[],
): string | undefined {
  const refuse = (why: string) => `no SQL is approved that its approver did not see (${why})`;
  const stage = old.stages.find(({ stageId }) => stageId === old.currentStageId);
  if (!stage || old.status !== 'OPEN') return refuse('it is at no stage');
  if (approved.some((one) => one.stage !== stage)) return refuse('it is at another stage');
  if (approved.some(({ task }) => task.status !== 'PENDING_APPROVAL')) return refuse('a task had not asked');
  const approval = now.stageApprovals?.[stage.stageId];
  const tapped = instances.find(({ uuid }) => uuid === approval?.approvalId.toLowerCase());
  if (approval?.state !== 'APPROVED' || !tapped) return refuse('the record names no card');
  if (!isTappedBy(tapped, old.assignee?.email)) return refuse('the assignee did not tap it');
  const { card } = tapped;
  if (
    card.stage !== stage.title ||
    stage.tasks.some(({ statement }, at) => card.tasks[at]?.sql !== statement)
  )
    return refuse('the card shows something else');
  if (approved.some(({ at }) => card.tasks[at]?.status !== 'PENDING_APPROVAL'))
    return refuse('the card says that a task does not ask');
  const left = now.stages.find(({ stageId }) => stageId === stage.stageId)?.tasks;
  if (left?.some(({ status }) => status === 'PENDING_APPROVAL')) return 'one tap approves the whole stage';
  return isDeepStrictEqual(now.approvedTasks?.[stage.stageId], mayRun(old, stage, card))
    ? undefined
    : 'approvedTasks is what may run';
}

const isTappedBy = ({ status, tasks }: Instance, email: string | undefined): boolean => {
  const person = Object.entries(PEOPLE).find(([known]) => known === email)?.[1];
  return status === 'APPROVED' && tasks.some((task) => task.status === 'APPROVED' && task.openId === person);
};

/** What asked on the card and waits, and what the card said to be approved before, if it was. */
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
