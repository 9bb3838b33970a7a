import type { ChangeKind } from './card.ts';
import type { RecordIssue, RecordStage, RecordTask } from './record.ts';

/** A record at the moment when a request was made from it. */
export interface Moment {
  issue: Pick<RecordIssue, 'assignee'>;
  stage: RecordStage;
}

export const TASK_KINDS = [
  'INSTANCE',
  'DATABASE',
  'TYPE',
  'ADDED',
  'REMOVED',
  'SQL',
  'ASKS_NOW',
  'ASKS_NO_LONGER',
] as const satisfies readonly ChangeKind[];
export type TaskKind = (typeof TASK_KINDS)[number];

/** A task that is in both requests. */
export interface Kept {
  before: RecordTask;
  now: RecordTask;
  was: number;
  is: number;
}

/** The differences between two records. */
export interface Facts {
  assignee: boolean;
  environment: boolean;
  kept: Kept[];
  /** The positions of the changed tasks. For removed tasks, their former positions. */
  tasks: Record<TaskKind, number[]>;
  counts: { before: number; now: number };
}

export function factsOf(before: Moment, now: Moment): Facts {
  const [old, fresh] = [before.stage.tasks, now.stage.tasks];
  const kept = fresh.flatMap((task, index): Kept[] => {
    const was = old.findIndex(({ taskId }) => taskId === task.taskId);
    const found = old[was];
    return found ? [{ before: found, now: task, was: was + 1, is: index + 1 }] : [];
  });
  const where = (differs: (before: RecordTask, now: RecordTask) => boolean): number[] =>
    kept.filter((one) => differs(one.before, one.now)).map(({ is }) => is);
  const lacking = (all: readonly RecordTask[], others: readonly RecordTask[]): number[] =>
    all.flatMap(({ taskId }, index) => (others.some((one) => one.taskId === taskId) ? [] : [index + 1]));
  const asks = ({ status }: RecordTask): boolean => status === 'PENDING_APPROVAL';
  return {
    assignee: before.issue.assignee?.email.toLowerCase() !== now.issue.assignee?.email.toLowerCase(),
    environment: (before.stage.environment ?? null) !== (now.stage.environment ?? null),
    kept,
    tasks: {
      INSTANCE: where((one, other) => (one.instance ?? null) !== (other.instance ?? null)),
      DATABASE: where((one, other) => (one.database ?? null) !== (other.database ?? null)),
      TYPE: where((one, other) => (one.type ?? null) !== (other.type ?? null)),
      ADDED: lacking(fresh, old),
      REMOVED: lacking(old, fresh),
      SQL: where((one, other) => whatRuns(one) !== whatRuns(other)),
      ASKS_NOW: where((one, other) => asks(other) && !asks(one)),
      ASKS_NO_LONGER: where((one, other) => asks(one) && !asks(other)),
    },
    counts: { before: old.length, now: fresh.length },
  };
}

/** Returns the statement, or what identifies a sheet. A preview does not identify it. */
export const whatRuns = ({ sheet, statement }: RecordTask): string =>
  JSON.stringify(sheet ? [sheet.uri, sheet.sizeBytes, sheet.sha256.toLowerCase()] : (statement ?? ''));

/** Returns whether the tasks are in their former order. */
export const isAscending = (kept: readonly Kept[]): boolean =>
  kept.every(({ was }, index) => was > (kept[index - 1]?.was ?? 0));
