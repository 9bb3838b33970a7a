import { isDeepStrictEqual } from 'node:util';
import { taskHash } from '../issue/content.ts';
import type { IssueRecord, Stage } from '../issue/record.ts';
import { latest } from './current.ts';
import type { Step } from './plan.ts';
import type { Round } from './round.ts';
import { asMap, type WrittenBack } from './snapshot.ts';

/**
 * If a writer forgets to ask again for what it changed after the approval, we do, as long as the task is PENDING
 * (CONTRACT section 1, Frabit's duties). A task that was seen asking with its present content has not been
 * forgotten: when it is PENDING again, it was approved in Frabit itself, and is left alone.
 */
export function planDemands(record: IssueRecord, ours: WrittenBack, rounds: readonly Round[]): Step[] {
  const approved = asMap(ours.approvedTasks);
  return record.stages.flatMap((stage) => {
    const round = lastApproved(rounds, stage.stageId);
    return round ? planStageDemands(stage, round, asMap(own(approved, stage.stageId))) : [];
  });
}

function planStageDemands(stage: Stage, round: Round, entry: Record<string, unknown>): Step[] {
  const tasks = stage.tasks.map((task) => ({ ...task, hash: taskHash(task) }));
  const changed = tasks
    .filter(({ taskId, hash }) => own(round.tasks, taskId) !== undefined && own(entry, taskId) !== hash)
    .filter(({ taskId, hash }) => own(round.asked, taskId) !== hash);
  const asking = changed.filter(({ status }) => status === 'PENDING_APPROVAL');
  const forgotten = changed.filter(({ status }) => status === 'PENDING').map(({ taskId }) => taskId);
  // What was asked for and then given up is not approved in Frabit when it comes back.
  const stillSo = Object.entries(round.asked).filter(([taskId, hash]) =>
    tasks.some((task) => task.taskId === taskId && task.hash === hash),
  );
  const asked = Object.fromEntries([...stillSo, ...asking.map(({ taskId, hash }) => [taskId, hash])]);
  return [
    ...(!isDeepStrictEqual(asked, round.asked)
      ? [{ do: 'NOTICE', approvalId: round.approvalId, asked } as const]
      : []),
    ...(forgotten.length > 0
      ? [{ do: 'DEMAND_APPROVAL', stageId: stage.stageId, taskIds: forgotten } as const]
      : []),
  ];
}

const lastApproved = (rounds: readonly Round[], stageId: string): Round | undefined =>
  latest(
    rounds.filter(
      (round) =>
        (round.state === 'APPROVED' || round.state === 'REVERTED') &&
        round.subject.kind === 'STAGE' &&
        round.subject.id === stageId,
    ),
  );

/** An entry of a map by a key that may be the name of something every object inherits. */
const own = <T>(map: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(map, key) ? map[key] : undefined;
