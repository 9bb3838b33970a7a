import { taskHash } from '../issue/content-hash.ts';
import type { IssueRecord, Person, Step, Task } from '../issue/record.ts';
import type { OaRequest } from './wire.ts';

/** Returns the body of `POST /approval` (docs/contract.md 5): all that the OA's approver must see. Pure. */
export function oaRequestOf(
  issue: IssueRecord,
  step: Step,
  round: { approvalId: string; requestedAt: string; contentSha256: string },
): OaRequest {
  return {
    approvalId: round.approvalId,
    issueId: issue.issueId,
    url: issue.url,
    title: issue.title,
    description: issue.description ?? null,
    project: issue.projectId ?? null,
    creator: personOf(issue.creator),
    assignee: issue.assignee ? personOf(issue.assignee) : null,
    createTime: round.requestedAt,
    step: { stepId: step.stepId, title: step.title },
    stages: issue.stages.map((stage) => ({
      stageId: stage.stageId,
      title: stage.title,
      environment: stage.environment ?? null,
      tasks: stage.tasks.map(taskOf),
    })),
    contentSha256: round.contentSha256,
  };
}

const personOf = ({ email, name }: Person) => ({ email, ...(name && { name }) });

const taskOf = (task: Task): OaRequest['stages'][number]['tasks'][number] => ({
  taskId: task.taskId,
  title: task.title,
  type: task.type ?? null,
  instance: task.instance ?? null,
  database: task.database ?? null,
  statement: task.sheet ? null : (task.statement ?? ''),
  sha256: taskHash(task),
  ...(task.sheet && { sheet: task.sheet }),
});
