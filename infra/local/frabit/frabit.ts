import * as z from 'zod';
import { OA_NODE } from '../names.ts';

/**
 * Simulates Frabit: the records that it writes and what its users do, as docs/contract.md 1 requires. Pure. Keeps what
 * the approvals add to a record unchanged.
 */
const taskSchema = z.looseObject({
  taskId: z.string(),
  title: z.string(),
  status: z.string(),
  instance: z.string().nullish(),
  database: z.string().nullish(),
  statement: z.string().nullish(),
});
const stageSchema = z.looseObject({
  stageId: z.string(),
  title: z.string(),
  environment: z.string().nullish(),
  tasks: z.array(taskSchema),
});
const stepSchema = z.looseObject({
  stepId: z.string(),
  title: z.string(),
  kind: z.string(),
  externalNodeId: z.string().nullish(),
  status: z.string(),
});
const personSchema = z.looseObject({ email: z.string(), name: z.string().nullish() });

/** The `approval` of docs/contract.md 1, as far as the console and the story read it. */
export const approvalSchema = z.looseObject({
  approvalId: z.string(),
  generation: z.number(),
  state: z.string(),
  triggers: z.array(z.string()),
  approvers: z.array(z.looseObject({ email: z.string() })),
  closeReason: z.string().nullish(),
  ref: z.looseObject({ instanceCode: z.string().nullish() }).nullish(),
  decisions: z.array(
    z.looseObject({
      result: z.string(),
      by: z.looseObject({ email: z.string().nullish(), userId: z.string().nullish() }),
      at: z.string(),
      comment: z.string().nullish(),
      applied: z.boolean(),
    }),
  ),
  error: z.looseObject({ code: z.string(), message: z.string() }).nullish(),
});
export type Approval = z.infer<typeof approvalSchema>;

export const issueSchema = z.looseObject({
  issueId: z.string(),
  title: z.string(),
  status: z.string(),
  url: z.string(),
  creator: personSchema,
  assignee: personSchema.nullish(),
  currentStageId: z.string().nullish(),
  stages: z.array(stageSchema),
  bell: z.looseObject({ seq: z.number(), rungBy: z.string(), rungAt: z.string() }).nullish(),
  version: z.number().nullish(),
  approvalFlow: z.looseObject({ steps: z.array(stepSchema) }).nullish(),
  stageApprovals: z.record(z.string(), approvalSchema).nullish(),
  stepApprovals: z.record(z.string(), approvalSchema).nullish(),
  approvalHold: z.string().nullish(),
  approvalError: z.looseObject({ code: z.string(), message: z.string() }).nullish(),
});
export type Issue = z.infer<typeof issueSchema>;
export type Stage = z.infer<typeof stageSchema>;
export type Step = z.infer<typeof stepSchema>;

const CREATOR = { email: 'dev@example.com', name: 'Dana Dev' } as const;
export const ASSIGNEE = { email: 'dba@example.com', name: 'Bo Admin' } as const;

export const stageOf = (issue: Issue): Stage | undefined =>
  issue.stages.find((stage) => stage.stageId === issue.currentStageId);

/** Makes a new demo issue with three stages of the same change; `origin`: the origin of its link. */
export function demoIssue(issueId: string, origin: string, createdAt: Date): Issue {
  return {
    issueId,
    projectId: 'web-shop',
    title: 'Add loyalty points to customers',
    description: 'Customers collect points with every order; the balance is shown in their account.',
    status: 'OPEN',
    url: `${origin}/?issue=${encodeURIComponent(issueId)}`,
    creator: { ...CREATOR },
    assignee: { ...ASSIGNEE },
    createdAt: createdAt.toISOString(),
    currentStageId: 'test',
    stages: [
      demoStage('test', 'Test', 'mysql-test'),
      demoStage('staging', 'Staging', 'mysql-staging'),
      demoStage('production', 'Production', 'mysql-prod-1'),
    ],
    version: 1,
  };
}

/** The id of the step that the OA simulator decides. */
export const OA_STEP_ID = 'oa';

/** Adds an approval flow with one EXTERNAL step. It must be approved before any stage is sent. */
export function withOaStep(issue: Issue): Issue {
  const step: Step = {
    stepId: OA_STEP_ID,
    title: 'Change board',
    kind: 'EXTERNAL',
    externalNodeId: OA_NODE.nodeId,
    status: 'PENDING',
  };
  return { ...issue, approvalFlow: { steps: [step] } };
}

function demoStage(stageId: string, title: string, instance: string): Stage {
  const task = (taskId: string, title: string, type: string, database: string, statement: string) => ({
    taskId,
    title,
    type,
    status: 'PENDING_APPROVAL',
    instance,
    database,
    statement,
    check: 'SUCCESS',
  });
  return {
    stageId,
    title,
    environment: stageId,
    tasks: [
      task(
        'add-column',
        'Add the balance',
        'DDL',
        'customers',
        'ALTER TABLE customers\n  ADD COLUMN loyalty_points INT UNSIGNED NOT NULL DEFAULT 0;',
      ),
      task(
        'backfill',
        'Credit past orders',
        'DML',
        'customers',
        "UPDATE customers c\n  JOIN (SELECT customer_id, FLOOR(SUM(total) / 10) AS points\n          FROM orders WHERE status = 'PAID'\n         GROUP BY customer_id) o ON o.customer_id = c.id\n   SET c.loyalty_points = o.points;",
      ),
    ],
  };
}

/** Changes the statement of a task in the current stage. The same write makes the task wait for approval again. */
export function withStatement(issue: Issue, taskId: string, statement: string): Issue {
  return withCurrentTasks(issue, (task) =>
    task.taskId === taskId ? { ...task, statement, status: 'PENDING_APPROVAL' } : task,
  );
}

export function withAssignee(issue: Issue, email: string): Issue {
  return { ...issue, assignee: email === ASSIGNEE.email ? { ...ASSIGNEE } : { email } };
}

/** The creator rings the bell. */
export function withBell(issue: Issue, at: Date): Issue {
  const seq = (issue.bell?.seq ?? 0) + 1;
  return { ...issue, bell: { seq, rungBy: issue.creator.email, rungAt: at.toISOString() } };
}

/** Marks the approved tasks of the stage as run, and moves on to the next stage or to DONE. */
export function withStageRun(issue: Issue): Issue {
  const run = withCurrentTasks(issue, (task) =>
    task.status === 'PENDING' ? { ...task, status: 'DONE' } : task,
  );
  const next = issue.stages[issue.stages.findIndex((stage) => stage.stageId === issue.currentStageId) + 1];
  if (next) return { ...run, currentStageId: next.stageId };
  const { currentStageId: _, ...done } = run;
  return { ...done, status: 'DONE' };
}

/** Whether the runner may run the stage: it is approved, and no task waits. */
export const isReadyToRun = (issue: Issue): boolean => {
  const tasks = stageOf(issue)?.tasks ?? [];
  return (
    tasks.some((task) => task.status === 'PENDING') &&
    tasks.every((task) => task.status !== 'PENDING_APPROVAL')
  );
};

export const withClosed = (issue: Issue): Issue => ({ ...issue, status: 'CANCELED' });

function withCurrentTasks(
  issue: Issue,
  change: (task: Stage['tasks'][number]) => Stage['tasks'][number],
): Issue {
  const stages = issue.stages.map((stage) =>
    stage.stageId === issue.currentStageId ? { ...stage, tasks: stage.tasks.map(change) } : stage,
  );
  return { ...issue, stages };
}
