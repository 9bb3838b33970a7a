import { taskHash } from '../../issue/content.ts';
import type { Stage, Task, TaskStatus } from '../../issue/record.ts';
import { isLive, type Round } from './round.ts';

/**
 * Which tasks of a stage an approval covers: those that asked for it, that is, stood at PENDING_APPROVAL, when its
 * request was composed. A card that calls a task canceled does not approve it (docs/lessons.md 36). Pure.
 */
export type Cover = Required<Pick<Round, 'asking' | 'underWay'>>;

/** A task in one of these states was approved before: it may run, runs, or may be tried again. */
const UNDER_WAY: ReadonlySet<TaskStatus> = new Set(['PENDING', 'RUNNING', 'FAILED']);

/** Returns what a request covers that is composed from this stage. */
export const coverOf = ({ tasks }: Stage): Cover => ({
  asking: idsOf(tasks, ({ status }) => status === 'PENDING_APPROVAL'),
  underWay: idsOf(tasks, ({ status }) => UNDER_WAY.has(status)),
});

const idsOf = (tasks: readonly Task[], isOne: (task: Task) => boolean): string[] =>
  tasks.filter(isOne).map(({ taskId }) => taskId);

/**
 * Returns the tasks outside of which none may ask, by id. Undefined if there is no limit: the request is still to be
 * composed and takes in whatever asks then, or an earlier version opened the round.
 */
export const limitOf = (round: Round): readonly string[] | undefined =>
  isLive(round) && !round.attempted ? undefined : round.asking;

/** Whether a task asks that did not when the request was composed. */
export function asksAnew(round: Round, { tasks }: Stage): boolean {
  const limit = limitOf(round);
  if (limit === undefined) return false;
  const covered = new Set(limit);
  return tasks.some(({ taskId, status }) => status === 'PENDING_APPROVAL' && !covered.has(taskId));
}

/** What an approval of a stage does to its tasks. */
export interface Approving {
  /** From PENDING_APPROVAL to PENDING, by id. */
  taskIds: string[];
  /** The stage's entry in `approvedTasks`: taskId → task hash. */
  approvedTasks: Record<string, string>;
}

/**
 * Returns what an approval of the round does to its stage, whose content is the round's. The runner may run what asked
 * and still waits, and what was approved before if the card said so.
 * @param before the stage's entry in `approvedTasks` as it stands on the record
 */
export function approvingOf(
  round: Round,
  stage: Stage,
  before: Readonly<Record<string, unknown>>,
): Approving {
  const asking = new Set(round.asking ?? coverOf(stage).asking);
  const underWay = new Set(round.underWay);
  const mayRun = (task: Task, hash: string): boolean =>
    asking.has(task.taskId)
      ? task.status === 'PENDING_APPROVAL' || task.status === 'PENDING'
      : underWay.has(task.taskId) && ownEntry(before, task.taskId) === hash;
  const hashed = stage.tasks.map((task) => ({ task, hash: taskHash(task) }));
  return {
    taskIds: idsOf(stage.tasks, ({ taskId, status }) => status === 'PENDING_APPROVAL' && asking.has(taskId)),
    approvedTasks: Object.fromEntries(
      hashed.filter(({ task, hash }) => mayRun(task, hash)).map(({ task, hash }) => [task.taskId, hash]),
    ),
  };
}

/** An entry of a map by a key that may be the name of something every object inherits. */
export const ownEntry = <T>(map: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(map, key) ? map[key] : undefined;
