import * as z from 'zod';
import { taskHash } from '../issue/content-hash.ts';
import { type IssueRecord, type Stage, sheetSchema, type Task } from '../issue/record.ts';

/**
 * What a request showed to its approver. It is stored beside the round, for the diff of the next request and for
 * auditors. Null: the record does not have it.
 */
export const shownTaskSchema = z.object({
  taskId: z.string(),
  title: z.string(),
  type: z.string().nullable(),
  instance: z.string().nullable(),
  database: z.string().nullable(),
  /** The task hash of docs/contract.md 1. */
  hash: z.string(),
  /** When the request was composed. Absent in what earlier versions stored. Later versions may have other values. */
  status: z.string().optional(),
  check: z.string().nullish(),
  /** The whole SQL; '' if the task has none. Absent if there is a sheet. */
  statement: z.string().optional(),
  sheet: sheetSchema.optional(),
});
export type ShownTask = z.infer<typeof shownTaskSchema>;

export const shownSchema = z.object({
  stageId: z.string(),
  stageTitle: z.string(),
  environment: z.string().nullable(),
  /** E-mail address as in the record. */
  assignee: z.string().nullable(),
  tasks: z.array(shownTaskSchema),
});
export type Shown = z.infer<typeof shownSchema>;

export function shownOf(issue: Pick<IssueRecord, 'assignee'>, stage: Stage): Shown {
  return {
    stageId: stage.stageId,
    stageTitle: stage.title,
    environment: stage.environment ?? null,
    assignee: issue.assignee?.email ?? null,
    tasks: stage.tasks.map(shownTaskOf),
  };
}

const shownTaskOf = (task: Task): ShownTask => ({
  taskId: task.taskId,
  title: task.title,
  type: task.type ?? null,
  instance: task.instance ?? null,
  database: task.database ?? null,
  hash: taskHash(task),
  status: task.status,
  check: task.check ?? null,
  ...(task.sheet ? { sheet: task.sheet } : { statement: task.statement ?? '' }),
});
