import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { IssueRecord, Stage, TaskStatus } from '../../shared/issue/record.ts';
import { readImage } from '../../shared/runtime/attribute-values.ts';
import type { StoredRecord } from '../support/core.ts';
import { anIssue, aStage, aTask } from '../support/issue.ts';

/** Frabit of the small world: one issue with two stages of two tasks. Each task has one of two statements. */

const ISSUE_ID = 'issue-1';
export const CREATOR = 'creator@example.com';
export const ASSIGNEE = 'assignee@example.com';
export const STRANGER = 'stranger@example.com';
export const STAGES = ['s1', 's2'] as const;
export type Position = 1 | 2;
/** More rings lead to no other behaviour than two do. */
export const MAX_RINGS = 2;

/** An issue record as raw attribute values. */
export type Image = Readonly<Record<string, AttributeValue>>;

const CONTENTS = ['A', 'B'] as const;
/** Each statement is one line, and no statement is part of another. */
const sqlOf = (stageId: string, taskId: string, content: (typeof CONTENTS)[number]): string =>
  `UPDATE ${stageId}_${taskId} SET note = '${content}';`;

/** The record has no version, so only the conditions on the raw values protect content that was not approved. */
export const firstRecord = (isBellOnly: boolean): IssueRecord =>
  anIssue({
    ...(isBellOnly && { approvalMode: 'BELL_ONLY' }),
    issueId: ISSUE_ID,
    creator: { email: CREATOR },
    assignee: { email: ASSIGNEE },
    currentStageId: STAGES[0],
    stages: STAGES.map((stageId) =>
      aStage({
        stageId,
        title: `Stage ${stageId}`,
        tasks: ['t1', 't2'].map((taskId) =>
          aTask({ taskId, title: taskId, database: `db_${taskId}`, statement: sqlOf(stageId, taskId, 'A') }),
        ),
      }),
    ),
  });

const records = new WeakMap<Image, StoredRecord>();

/** Returns the same object for the same image: callers must not change it. */
export function recordOf(image: Image): StoredRecord {
  const known = records.get(image);
  if (known) return known;
  // Both Frabit and the product wrote it with this type.
  const record = readImage(image) as unknown as StoredRecord;
  records.set(image, record);
  return record;
}

export const stageOf = (record: IssueRecord, stageId: string | null | undefined): Stage | undefined =>
  record.stages.find((one) => one.stageId === stageId);

export const currentStage = ({ stages, currentStageId }: IssueRecord): Stage | undefined =>
  stages.find(({ stageId }) => stageId === currentStageId);

/** Changes the SQL and sets the task to PENDING_APPROVAL in the same write, as docs/contract.md 1 demands. */
export const editTask = (record: IssueRecord, position: Position): IssueRecord =>
  changeTask(record, position, ({ stageId }, task) => {
    const [a, b] = CONTENTS.map((content) => sqlOf(stageId, task.taskId, content));
    return { ...task, statement: task.statement === a ? b : a, status: 'PENDING_APPROVAL' };
  });

export const setTaskStatus = (record: IssueRecord, position: Position, status: TaskStatus): IssueRecord =>
  changeTask(record, position, (_, task) => ({ ...task, status }));

function changeTask(
  record: IssueRecord,
  position: Position,
  change: (stage: Stage, task: Stage['tasks'][number]) => Stage['tasks'][number],
): IssueRecord {
  const stages = record.stages.map((stage) =>
    stage.stageId === record.currentStageId
      ? { ...stage, tasks: stage.tasks.map((task, at) => (at === position - 1 ? change(stage, task) : task)) }
      : stage,
  );
  return { ...record, stages };
}

export const moveTo = (record: IssueRecord, stageId: string): IssueRecord => ({
  ...record,
  currentStageId: stageId,
});

export const ring = (record: IssueRecord, rungBy: string): IssueRecord => ({
  ...record,
  bell: { seq: (record.bell?.seq ?? 0) + 1, rungBy, rungAt: '2026-03-01T08:00:00.000Z' },
});

export const imageOf = (record: IssueRecord): Record<string, AttributeValue> =>
  marshall(record, { removeUndefinedValues: true });
