import { isDeepStrictEqual } from 'node:util';
import type { OaApprovalRecord } from '../../infra/local/simulators/oa/approvals.ts';
import type { Round } from '../../shared/approval/plan/round.ts';
import type { IssueRecord, Step } from '../../shared/issue/record.ts';
import { OA_DECIDER } from './act-as-people.ts';
import { hashOf } from './card-contents.ts';
import type { World } from './world.ts';

/** Compares the requests and decisions of the OA with a record. Uses none of the product's own rules. */

/** What runs and where, in all stages, as the OA received it. */
const contentAtOa = ({ request }: OaApprovalRecord) =>
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

/** Whether an approval at the OA asks for this step with exactly this content. */
export const isAbout = (approval: OaApprovalRecord, issue: IssueRecord, step: Step): boolean =>
  approval.request.issueId === issue.issueId &&
  approval.request.step.stepId === step.stepId &&
  isDeepStrictEqual(contentAtOa(approval), contentOf(issue));

/** Whether the OA ever made this decision on exactly this content. */
export const hasDecided = (
  { oaApprovals }: World,
  status: 'APPROVED' | 'REJECTED',
  issue: IssueRecord,
  step: Step,
): boolean =>
  [...oaApprovals.values()].some((approval) => approval.status === status && isAbout(approval, issue, step));

/** Whether the person whom a decision names made it at the OA. */
export const wasDecidedAtOa = (
  { oaApprovals }: World,
  { approvalId }: Round,
  { result, by }: Round['decisions'][number],
): boolean =>
  by.email === OA_DECIDER &&
  [...oaApprovals.values()].some((one) => one.approvalId === approvalId && one.status === result);

export const externalStepsOf = (issue: IssueRecord): Step[] =>
  issue.approvalFlow?.steps.filter(({ kind }) => kind === 'EXTERNAL') ?? [];

/** The EXTERNAL step that must be asked now, according to the record; undefined if there is none. */
export function stepToAsk(issue: IssueRecord): Step | undefined {
  const next = issue.approvalFlow?.steps.find(({ status }) => status !== 'APPROVED');
  return issue.status === 'OPEN' && next?.kind === 'EXTERNAL' ? next : undefined;
}
