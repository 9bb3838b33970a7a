import * as z from 'zod';
import { sha256 } from '../runtime/sha256.ts';
import type { IssueRecord, Stage, Step, Task } from './record.ts';

/**
 * Returns the *task hash* of docs/contract.md 1: hex SHA-256 over the canonical JSON of RFC 8785 (JCS).
 * `JSON.stringify` writes that form for an array of well-formed texts and null: RFC 8785 defines texts by it, and there
 * are no numbers and no keys. Test vectors: docs/examples/task-hash.json.
 */
export function taskHash(task: Task): string {
  return sha256(
    JSON.stringify([
      task.taskId,
      task.type ?? null,
      task.instance ?? null,
      task.database ?? null,
      task.sheet ? [task.sheet.uri, task.sheet.sha256] : (task.statement ?? ''),
    ]),
  );
}

/** The version of `stageContent`; kept with a round, which is compared in its own version (docs/design.md 2.1). */
export const CONTENT_VERSION = 1;

/**
 * The version of a kept content: of every version it is the first member of the text. Ours where the text says none.
 */
export const contentVersionOf = (text: string): number =>
  Number(/^\{"v":(\d{1,9})[,}]/.exec(text)?.[1] ?? CONTENT_VERSION);

const stageContentSchema = z.object({
  v: z.literal(CONTENT_VERSION),
  stageId: z.string(),
  environment: z.string().nullable(),
  /** In lower case: a change of case is not a change of person. */
  assignee: z.string().nullable(),
  /** The task hashes of all tasks, in order. */
  tasks: z.array(z.string()),
});

/** What an approver must have seen of a stage; see docs/design.md 2. */
export type StageContent = z.infer<typeof stageContentSchema>;

/** Reads what `canonicalContent` wrote. */
export const parseContent = (text: string): StageContent => stageContentSchema.parse(JSON.parse(text));

const stepContentSchema = z.object({
  v: z.literal(CONTENT_VERSION),
  stepId: z.string(),
  /** Who decides: what one OA approved, another one did not. */
  nodeId: z.string(),
  /** All stages in order, each with the task hashes of all its tasks. */
  stages: z.array(
    z.object({ stageId: z.string(), environment: z.string().nullable(), tasks: z.array(z.string()) }),
  ),
});

/** What an OA must have seen at an EXTERNAL step: as of a stage, over the tasks of all stages, without the assignee. */
export type StepContent = z.infer<typeof stepContentSchema>;

/** Reads what `canonicalStepContent` wrote. */
export const parseStepContent = (text: string): StepContent => stepContentSchema.parse(JSON.parse(text));

export function stepContent(issue: IssueRecord, step: Step): StepContent {
  return {
    v: CONTENT_VERSION,
    stepId: step.stepId,
    nodeId: step.externalNodeId ?? '',
    stages: issue.stages.map((stage) => ({
      stageId: stage.stageId,
      environment: stage.environment ?? null,
      tasks: stage.tasks.map(taskHash),
    })),
  };
}

/** As `canonicalContent`. */
export const canonicalStepContent = ({ v, stepId, nodeId, stages }: StepContent): string =>
  JSON.stringify({
    v,
    stepId,
    nodeId,
    stages: stages.map(({ stageId, environment, tasks }) => ({ stageId, environment, tasks })),
  });

export function stageContent(issue: IssueRecord, stage: Stage): StageContent {
  return {
    v: CONTENT_VERSION,
    stageId: stage.stageId,
    environment: stage.environment ?? null,
    assignee: issue.assignee?.email.toLowerCase() ?? null,
    tasks: stage.tasks.map(taskHash),
  };
}

/** JSON with keys in the order of the declaration: equal contents give equal texts. */
export function canonicalContent(content: StageContent): string {
  const { v, stageId, environment, assignee, tasks } = content;
  return JSON.stringify({ v, stageId, environment, assignee, tasks });
}

export const taskHashes = (stage: Stage): Record<string, string> =>
  Object.fromEntries(stage.tasks.map((task) => [task.taskId, taskHash(task)]));

/**
 * The task hashes of all stages by taskId. One that several stages have is `<stageId>/<taskId>`: it is unique in its
 * stage only.
 */
export function allTaskHashes({ stages }: IssueRecord): Record<string, string> {
  const tasks = stages.flatMap(({ stageId, tasks: own }) => own.map((task) => ({ stageId, task })));
  const counts = Map.groupBy(tasks, ({ task }) => task.taskId);
  return Object.fromEntries(
    tasks.map(({ stageId, task }) => {
      const isOne = counts.get(task.taskId)?.length === 1;
      return [isOne ? task.taskId : `${stageId}/${task.taskId}`, taskHash(task)];
    }),
  );
}

/** The EXTERNAL steps of the approval flow, in order. */
export const externalSteps = (issue: IssueRecord): Step[] =>
  (issue.approvalFlow?.steps ?? []).filter(({ kind }) => kind === 'EXTERNAL');

export const currentStage = (issue: IssueRecord): Stage | undefined =>
  issue.currentStageId ? issue.stages.find((stage) => stage.stageId === issue.currentStageId) : undefined;
