import * as z from 'zod';
import { sha256 } from '../runtime/sha256.ts';
import type { IssueRecord, Stage, Step, Task } from './record.ts';

/**
 * Returns the *task hash* of docs/contract.md 1: the SHA-256, in hex, of the canonical JSON of RFC 8785 (JCS).
 * `JSON.stringify` writes this form for an array of well-formed texts and nulls, because it has no numbers and no keys.
 * Test vectors: docs/examples/task-hash.json.
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

/** The version of contents. A round keeps it and is compared in its own version (docs/design.md 2.1). */
export const CONTENT_VERSION = 1;

/** Returns the version of a stored content, which every version writes as the first member. Ours if there is none. */
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

/** What an approver must have seen of a stage (docs/design.md 2.1). */
export type StageContent = z.infer<typeof stageContentSchema>;

/** Reads what `canonicalContent` wrote. */
export const parseContent = (text: string): StageContent => stageContentSchema.parse(JSON.parse(text));

const stepContentSchema = z.object({
  v: z.literal(CONTENT_VERSION),
  stepId: z.string(),
  /** The node that decides. An approval by one OA is not an approval by another. */
  nodeId: z.string(),
  /** All stages in order, each with the task hashes of all its tasks. */
  stages: z.array(
    z.object({ stageId: z.string(), environment: z.string().nullable(), tasks: z.array(z.string()) }),
  ),
});

/** What an OA must have seen at an EXTERNAL step: the tasks of all stages and the node, without the assignee. */
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

/** Returns JSON with the keys in a fixed order, so that equal contents give equal texts. */
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

/** Returns JSON with the keys in a fixed order, so that equal contents give equal texts. */
export function canonicalContent(content: StageContent): string {
  const { v, stageId, environment, assignee, tasks } = content;
  return JSON.stringify({ v, stageId, environment, assignee, tasks });
}

export const taskHashes = (stage: Stage): Record<string, string> =>
  Object.fromEntries(stage.tasks.map((task) => [task.taskId, taskHash(task)]));

/**
 * Returns the task hashes of all stages by taskId. A taskId is unique in its stage only: if several stages have the
 * same one, its key is `<stageId>/<taskId>`.
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

/** Returns the EXTERNAL steps of the approval flow, in order. */
export const externalSteps = (issue: IssueRecord): Step[] =>
  (issue.approvalFlow?.steps ?? []).filter(({ kind }) => kind === 'EXTERNAL');

export const currentStage = (issue: IssueRecord): Stage | undefined =>
  issue.currentStageId ? issue.stages.find((stage) => stage.stageId === issue.currentStageId) : undefined;
