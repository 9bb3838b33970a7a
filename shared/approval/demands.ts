import { isDeepStrictEqual } from 'node:util';
import { taskHash } from '../issue/content.ts';
import type { IssueRecord, Stage } from '../issue/record.ts';
import { ownEntry } from './cover.ts';
import { latest } from './current.ts';
import type { Step } from './plan.ts';
import type { Round } from './round.ts';
import { asMap, type WrittenBack } from './snapshot.ts';

/**
 * In a stage that was approved through us, a task must not be ready to run without an approval of exactly this task
 * (CONTRACT section 1, Frabit's duties): a PENDING task that has none is put back to PENDING_APPROVAL. It has one if
 * its hash is its entry in `approvedTasks`, if the last approved card showed this very hash as approved before, or if
 * the task was seen asking with this hash since: then Frabit itself has approved it.
 */
export function planDemands(record: IssueRecord, ours: WrittenBack, rounds: readonly Round[]): Step[] {
  const approved = asMap(ours.approvedTasks);
  return record.stages.flatMap((stage) => {
    const round = lastApproved(rounds, stage.stageId);
    return round ? planStageDemands(stage, round, asMap(ownEntry(approved, stage.stageId))) : [];
  });
}

function planStageDemands(stage: Stage, round: Round, entry: Record<string, unknown>): Step[] {
  const tasks = stage.tasks.map((task) => ({ ...task, hash: taskHash(task) }));
  const underWay = new Set(round.underWay);
  const wasUnderWay = (taskId: string, hash: string) =>
    underWay.has(taskId) && ownEntry(round.tasks, taskId) === hash;
  const unapproved = tasks
    .filter(({ taskId, hash }) => ownEntry(entry, taskId) !== hash && !wasUnderWay(taskId, hash))
    .filter(({ taskId, hash }) => ownEntry(round.asked, taskId) !== hash);
  const asking = unapproved.filter(({ status }) => status === 'PENDING_APPROVAL');
  const unasked = unapproved.filter(({ status }) => status === 'PENDING').map(({ taskId }) => taskId);
  // What was asked for and then given up is not approved in Frabit when it comes back.
  const stillSo = Object.entries(round.asked).filter(([taskId, hash]) =>
    tasks.some((task) => task.taskId === taskId && task.hash === hash),
  );
  const asked = Object.fromEntries([...stillSo, ...asking.map(({ taskId, hash }) => [taskId, hash])]);
  return [
    ...(!isDeepStrictEqual(asked, round.asked)
      ? [{ do: 'NOTICE', approvalId: round.approvalId, asked } as const]
      : []),
    ...(unasked.length > 0
      ? [{ do: 'DEMAND_APPROVAL', stageId: stage.stageId, taskIds: unasked } as const]
      : []),
  ];
}

export const lastApproved = (rounds: readonly Round[], stageId: string): Round | undefined =>
  latest(
    rounds.filter(
      (round) =>
        (round.state === 'APPROVED' || round.state === 'REVERTED') &&
        round.subject.kind === 'STAGE' &&
        round.subject.id === stageId,
    ),
  );
