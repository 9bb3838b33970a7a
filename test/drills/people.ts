import {
  ASSIGNEE,
  demoIssue,
  type Issue,
  isReadyToRun,
  OA_STEP_ID,
  withAssignee,
  withOaStep,
  withStageRun,
} from '../../infra/local/frabit/frabit.ts';
import { declareStatements } from '../support/secrets.ts';
import { type DrillStack, newIssueId } from './drill-stack.ts';

/** What Frabit, the people in Feishu and the people at the OA do in a drill. */

/** Frabit writes a new issue. Resolves to its id; the hint is not handled yet. */
export async function writeIssue(
  stack: DrillStack,
  change: (issue: Issue) => Issue = (issue) => issue,
): Promise<string> {
  const issue = change(demoIssue(newIssueId(), stack.frontUrl, new Date(stack.now())));
  for (const { tasks } of issue.stages) declareStatements(tasks);
  await stack.frabit.put(issue);
  return issue.issueId;
}

/** Writes issues whose assignees have their cards. Resolves to their ids. */
export async function writeSent(stack: DrillStack, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index++) ids.push(await writeIssue(stack));
  await stack.settle();
  return ids;
}

export const writeOaIssue = (stack: DrillStack): Promise<string> => writeIssue(stack, withOaStep);

/** An assignee whom Feishu does not know. */
export const writeForStranger = (stack: DrillStack): Promise<string> =>
  writeIssue(stack, (issue) => withAssignee(issue, 'dba@elsewhere.example.org'));

async function instanceOf(stack: DrillStack, issueId: string): Promise<string> {
  const issue = await stack.frabit.read(issueId);
  const approval = issue?.stageApprovals?.[issue.currentStageId ?? ''];
  const instanceCode = approval?.ref?.instanceCode;
  if (!instanceCode) throw new Error('the current stage of the issue has no card');
  return instanceCode;
}

/** The assignee approves the card of the current stage. */
export async function approveCard(stack: DrillStack, issueId: string): Promise<void> {
  stack.feishu.control.approve(await instanceOf(stack, issueId), ASSIGNEE.email);
}

export async function rejectCard(stack: DrillStack, issueId: string): Promise<void> {
  stack.feishu.control.reject(await instanceOf(stack, issueId), ASSIGNEE.email, 'not on a Friday');
}

/** The change board approves the issue's step at the OA. */
export async function approveAtOa(stack: DrillStack, issueId: string): Promise<void> {
  const approvalId = (await stack.frabit.read(issueId))?.stepApprovals?.[OA_STEP_ID]?.approvalId;
  if (!approvalId) throw new Error('the step of the issue was not asked');
  stack.oa.control.approve(approvalId, 'change board');
}

/** Frabit runs an approved stage and moves on. Resolves to whether the issue is not done yet. */
export async function runStage(stack: DrillStack, issueId: string): Promise<boolean> {
  const issue = await stack.frabit.change(issueId, (present) =>
    isReadyToRun(present) ? withStageRun(present) : present,
  );
  return issue?.status === 'OPEN';
}
