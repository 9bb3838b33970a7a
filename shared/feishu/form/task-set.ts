import type { Shown, ShownTask } from '../shown-content.ts';

/** A task in both requests, with its position in each, from 1. */
export interface Kept {
  before: ShownTask;
  now: ShownTask;
  was: number;
  is: number;
}

export function keptTasks(before: Shown, now: Shown): Kept[] {
  const old = new Map(before.tasks.map((task, index) => [task.taskId, { task, was: index + 1 }]));
  return now.tasks.flatMap((task, index) => {
    const found = old.get(task.taskId);
    return found ? [{ before: found.task, now: task, was: found.was, is: index + 1 }] : [];
  });
}

/** Returns the tasks of `all` that are not in `other`, with their positions in `all`. */
export function missingFrom(other: Shown, all: Shown): { tasks: ShownTask[]; positions: number[] } {
  const known = new Set(other.tasks.map((task) => task.taskId));
  const missing = all.tasks.flatMap((task, index) =>
    known.has(task.taskId) ? [] : [{ task, position: index + 1 }],
  );
  return { tasks: missing.map(({ task }) => task), positions: missing.map(({ position }) => position) };
}

/**
 * Returns the smallest set of tasks whose move explains the new order: all except a longest ascending run of old
 * positions. Tasks that only shifted because others were added or removed did not move.
 */
export function movedTasks(kept: readonly Kept[]): Kept[] {
  const ends: number[] = [];
  const lengths = kept.map(({ was }) => {
    const found = ends.findIndex((end) => end > was);
    const at = found === -1 ? ends.length : found;
    ends[at] = was;
    return at + 1;
  });
  const stays = new Set<number>();
  let wanted = ends.length;
  // Among runs of equal length keep the one with the lowest last position, because most runs can extend it.
  for (let index = kept.length - 1; index >= 0 && wanted > 0; index -= 1) {
    if (lengths[index] !== wanted) continue;
    stays.add(index);
    wanted -= 1;
  }
  return kept.filter((_, index) => !stays.has(index));
}
