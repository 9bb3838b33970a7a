import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { IssueRecord, Stage, Step, Task } from '../../shared/issue/record.ts';
import { declareStatements } from './secrets.ts';

/** A task that waits for approval. */
export function aTask(changes: Partial<Task> = {}): Task {
  const task: Task = {
    taskId: 'task-1',
    title: 'Add a column',
    type: 'DDL',
    status: 'PENDING_APPROVAL',
    instance: 'mysql-prod-1',
    database: 'shop',
    statement: 'ALTER TABLE orders ADD COLUMN note TEXT',
    ...changes,
  };
  declareStatements([task]);
  return task;
}

export const aStage = (changes: Partial<Stage> = {}): Stage => ({
  stageId: 'stage-1',
  title: 'Production',
  environment: 'prod',
  tasks: [aTask()],
  ...changes,
});

/** An open issue with one stage, a creator and an assignee. */
export function anIssue(changes: Partial<IssueRecord> = {}): IssueRecord {
  const issue: IssueRecord = {
    issueId: 'issue-1',
    projectId: 'shop',
    title: 'Orders get a note',
    status: 'OPEN',
    url: 'https://frabit.example.com/issues/1',
    creator: { email: 'creator@example.com', name: 'Creator' },
    assignee: { email: 'assignee@example.com', name: 'Assignee' },
    currentStageId: 'stage-1',
    stages: [aStage()],
    ...changes,
  };
  for (const { tasks } of issue.stages) declareStatements(tasks);
  return issue;
}

export const aStep = (changes: Partial<Step> = {}): Step => ({
  stepId: 'step-1',
  title: 'Review by the DBA',
  kind: 'FRABIT',
  status: 'PENDING',
  ...changes,
});

/** Returns an item as raw attribute values, as a stream or the low-level client gives it. */
export const imageOf = (item: object): Record<string, AttributeValue> =>
  marshall(item, { removeUndefinedValues: true });
