import { isDeepStrictEqual } from 'node:util';
import type { OaApprovalRecord } from '../../infra/local/simulators/oa/approvals.ts';
import type { Round } from '../../shared/approval/plan/round.ts';
import type { IssueRecord, Step } from '../../shared/issue/record.ts';
import { OA_DECIDER } from './actions.ts';
import { hashOf } from './card-contents.ts';
import type { World } from './world.ts';

/** What the OA knows, set against a record: in words of its own, and not in the product's. */

/** What runs, and where, over all stages, as the OA was told it. */
const shownTo = ({ request }: OaApprovalRecord) =>
  request.stages.map(({ stageId, environment, tasks }) => ({
    stageId,
    environment,
    tasks: tasks.map(({ taskId, sha256, statement, sheet, type, instance, database }) => [
      taskId,
      sha256,
      type,
      statement,
      sheet && [sheet.uri, sheet.sha256],
      instance,
      database,
    ]),
  }));

const contentOf = ({ stages }: IssueRecord) =>
  stages.map(({ stageId, environment, tasks }) => ({
    stageId,
    environment: environment ?? null,
    tasks: tasks.map((task) => [
      task.taskId,
      hashOf(task),
      task.type ?? null,
      task.sheet ? null : (task.statement ?? ''),
      task.sheet ? [task.sheet.uri, task.sheet.sha256] : undefined,
      task.instance ?? null,
      task.database ?? null,
    ]),
  }));

/** Whether the OA was asked for this step with exactly this content. */
export const isAbout = (approval: OaApprovalRecord, issue: IssueRecord, step: Step): boolean =>
  approval.request.issueId === issue.issueId &&
  approval.request.step.stepId === step.stepId &&
  isDeepStrictEqual(shownTo(approval), contentOf(issue));

/** Whether the OA ever decided so on exactly this content. */
export const hasDecided = (
  { oaApprovals }: World,
  status: 'APPROVED' | 'REJECTED',
  issue: IssueRecord,
  step: Step,
): boolean =>
  [...oaApprovals.values()].some((approval) => approval.status === status && isAbout(approval, issue, step));

/** Whether a decision of a round was made at the OA, by whom it names. */
export const wasDecidedAtOa = (
  { oaApprovals }: World,
  { approvalId }: Round,
  { result, by }: Round['decisions'][number],
): boolean =>
  by.email === OA_DECIDER &&
  [...oaApprovals.values()].some((one) => one.approvalId === approvalId && one.status === result);

export const externalStepsOf = (issue: IssueRecord): Step[] =>
  issue.approvalFlow?.steps.filter(({ kind }) => kind === 'EXTERNAL') ?? [];

/** The step whose turn it is, by what the record says; undefined: the flow is passed, or stands still for another reason. */
export function stepAtTurn(issue: IssueRecord): Step | undefined {
  const next = issue.approvalFlow?.steps.find(({ status }) => status !== 'APPROVED');
  return issue.status === 'OPEN' && next?.kind === 'EXTERNAL' ? next : undefined;
}
