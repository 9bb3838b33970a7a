import { openTasks } from '../../infra/local/simulators/feishu/flow.ts';
import type { Instance } from '../../infra/local/simulators/feishu/world.ts';
import type { IssueRecord } from '../../shared/issue/record.ts';
import { OA_DECIDER, openApprovals } from './act-as-people.ts';
import { describeIssue } from './describe-round.ts';
import { createFrabit, ISSUES, type IssueIndex } from './frabit.ts';
import { isAbout, stepToAsk } from './oa-decisions.ts';
import { perform } from './perform-action.ts';
import { violated } from './violation.ts';
import { cardsOf, mustBeOpen, needsApproval, stageOf } from './wanted-cards.ts';
import type { World } from './world.ts';

/** The longest flow in any story. */
const MAX_STEPS = 2;

/** A ring by the creator always sends a request, and an approval on its card approves the stage. */
export async function checkLastRing(world: World): Promise<void> {
  const frabit = createFrabit(world);
  for (const issue of ISSUES) {
    await checkLastRingForStep(world, issue);
    const record = await frabit.read(issue);
    if (!record || !mustBeOpen(world, record)) continue;
    await perform(world, { do: 'RING', issue, by: 'CREATOR' });
    await world.rest(1);
    const rung = await frabit.read(issue);
    const card = cardsOf(world, issue)[0];
    if (!rung || !card || !isAskedOf(world, card, rung)) {
      throw violated('a ring by the creator sends a request', describeIssue(world, issue));
    }
    world.tenant.control.approve(card.instanceCode, rung.assignee?.email ?? '');
    await world.rest(1);
    if (needsApproval(stageOf(await frabit.read(issue)))) {
      throw violated('an approval on the present card approves the stage', describeIssue(world, issue));
    }
  }
}

/** A ring by the creator also asks the OA again, and its approval passes the step. */
async function checkLastRingForStep(world: World, issue: IssueIndex): Promise<void> {
  const frabit = createFrabit(world);
  // One ring for each step: a step is asked only after the step before it has passed.
  for (let rings = 0; rings < MAX_STEPS; rings++) {
    const record = await frabit.read(issue);
    const step = record && stepToAsk(record);
    if (!step) return;
    await perform(world, { do: 'RING', issue, by: 'CREATOR' });
    await world.rest(1);
    const rung = await frabit.read(issue);
    const asked = rung && openApprovals(world).filter((one) => isAbout(one, rung, step));
    const [approval] = asked ?? [];
    if (!approval || asked?.length !== 1)
      throw violated('a ring by the creator sends a request', describeIssue(world, issue));
    world.oa.control.approve(approval.id, OA_DECIDER);
    await world.rest(1);
    const passed = (await frabit.read(issue))?.approvalFlow?.steps.find((one) => one.stepId === step.stepId);
    if (passed?.status !== 'APPROVED') {
      throw violated("an OA's approval passes its step", describeIssue(world, issue));
    }
  }
}

function isAskedOf({ tenant }: World, card: Instance, issue: IssueRecord): boolean {
  const person = tenant.world.people.byEmail(issue.assignee?.email ?? '')?.openId;
  return openTasks(card).some(({ openId }) => openId === person);
}
