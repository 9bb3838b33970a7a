import type { Instance } from '../../infra/local/simulators/feishu/world.ts';
import type { Round } from '../../shared/approval/plan/round.ts';
import type { IssueRecord, Stage } from '../../shared/issue/record.ts';
import { openInstances } from './act-as-people.ts';
import { type IssueIndex, issueIdOf } from './frabit.ts';
import { roundOfInstance } from './invariants.ts';
import type { World } from './world.ts';

/** Which approvals a record wants, and which cards are open. */

export const stageOf = (issue: IssueRecord | undefined): Stage | undefined =>
  issue?.stages.find(({ stageId }) => stageId === issue.currentStageId);
export const needsApproval = (stage: Stage | undefined): boolean =>
  stage?.tasks.some(({ status }) => status === 'PENDING_APPROVAL') ?? false;

/**
 * Whether an approval of this record may be open. Uses none of the product's own rules. A running check prevents a new
 * request, but does not withdraw one.
 */
export function mayBeOpen(issue: IssueRecord): boolean {
  const stage = stageOf(issue);
  return (
    issue.status === 'OPEN' &&
    needsApproval(stage) &&
    issue.assignee?.email !== undefined &&
    !issue.approvalFlow?.steps.some(({ status }) => status !== 'APPROVED') &&
    !stage?.tasks.some(({ check }) => check === 'ERROR')
  );
}

/** Whether an approval must be open: Feishu knows the approver, and no check runs. */
export const mustBeOpen = ({ tenant }: World, issue: IssueRecord): boolean =>
  mayBeOpen(issue) &&
  !stageOf(issue)?.tasks.some(({ check }) => check === 'RUNNING') &&
  tenant.world.people.byEmail(issue.assignee?.email ?? '') !== undefined;

/**
 * The open cards of an issue, without those whose time limit was lifted. Only an event reports that. If the event is lost,
 * an approval on such a card has no effect.
 */
export const cardsOf = (world: World, issue: IssueIndex): Instance[] => {
  const rounds = world.rounds();
  return openInstances(world).filter((instance) => {
    const round = roundOfInstance(rounds, instance);
    return round?.issueId === issueIdOf(issue) && !isLeftWithLimitLifted(world, round, instance);
  });
};

const isLeftWithLimitLifted = (
  { limitLifted }: World,
  { state }: Round,
  { instanceCode }: Instance,
): boolean => state === 'EXPIRED' && limitLifted.has(instanceCode);
