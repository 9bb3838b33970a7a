import { taskHash } from '../../issue/content-hash.ts';
import type { Stage, Task, TaskStatus } from '../../issue/record.ts';
import { isLive, type Round } from './round.ts';

/**
 * The tasks of a stage that an approval covers: those that stood at PENDING_APPROVAL when its request was composed. A
 * card that shows a task as canceled does not approve it (docs/lessons.md 36). Pure.
 */
export type Cover = Required<Pick<Round, 'asking' | 'underWay'>>;

/** A task with one of these statuses was approved before: it can run, it is running, or it can be tried again. */
const UNDER_WAY: ReadonlySet<TaskStatus> = new Set(['PENDING', 'RUNNING', 'FAILED']);

/** Returns what a request covers that is composed from this stage as it is now. */
export const coverOf = ({ tasks }: Stage): Cover => ({
  asking: idsOf(tasks, ({ status }) => status === 'PENDING_APPROVAL'),
  underWay: idsOf(tasks, ({ status }) => UNDER_WAY.has(status)),
});

const idsOf = (tasks: readonly Task[], isOne: (task: Task) => boolean): string[] =>
  tasks.filter(isOne).map(({ taskId }) => taskId);

/**
 * Returns the only tasks that may ask, by id. Undefined if there is no limit: the request is not composed yet and
 * will include the tasks that ask then, or an earlier version opened the round.
 */
export const limitOf = (round: Round): readonly string[] | undefined =>
  isLive(round) && !round.attempted ? undefined : round.asking;

/** Whether a task asks now that did not ask when the request was composed. */
export function asksAnew(round: Round, { tasks }: Stage): boolean {
  const limit = limitOf(round);
  if (limit === undefined) return false;
  const covered = new Set(limit);
  return tasks.some(({ taskId, status }) => status === 'PENDING_APPROVAL' && !covered.has(taskId));
}

/** What an approval of a stage does to its tasks. */
export interface Approving {
  /** Ids of the tasks to set from PENDING_APPROVAL to PENDING. */
  taskIds: string[];
  /** The stage's entry in `approvedTasks`: taskId → task hash. */
  approvedTasks: Record<string, string>;
}

/**
 * Returns what an approval of the round changes in its stage. The content of the stage must be that of the round. The
 * runner may run the tasks that asked and still wait, and those that the card showed as approved before.
 * @param before the entry of the stage in `approvedTasks`, as it is on the record
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

/**
 * Returns an entry of a map. A key may equal the name of an inherited member, such as `constructor`; such members are
 * not entries.
 */
export const ownEntry = <T>(map: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(map, key) ? map[key] : undefined;
