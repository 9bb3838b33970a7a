import { openTasks } from '../../infra/local/simulators/feishu/flow.ts';
import type { Instance } from '../../infra/local/simulators/feishu/world.ts';
import { ActRefused } from '../../infra/local/simulators/kit/control-routes.ts';
import type { OaApprovalRecord } from '../../infra/local/simulators/oa/approvals.ts';
import { isLive } from '../../shared/approval/plan/round.ts';
import type { FeishuAction, OaAction } from './actions.ts';
import { PEOPLE } from './frabit.ts';
import type { World } from './world.ts';

/** What people do in Feishu and at the OA, with the controls of the simulators. */

/** Whether the round of a card is being withdrawn or is closed: the product may have begun a cancel. */
function isBeingWithdrawn(world: World, { uuid }: Instance): boolean {
  const round = world.rounds().find(({ approvalId }) => approvalId.toLowerCase() === uuid?.toLowerCase());
  return round !== undefined && (round.withdraw !== undefined || !isLive(round));
}

/** Ignores what the simulator refuses: its page does not offer such an action either. */
export function ignoreImpossible(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof ActRefused) return undefined;
    throw error;
  }
}

/** The approvals that the OA has not decided, the newest first. */
export const openApprovals = ({ oa }: World): OaApprovalRecord[] =>
  [...oa.approvals.values()].filter(({ status }) => status === 'PENDING').reverse();

export const OA_DECIDER = 'board@oa.example.com';

/** Carries out an action at the OA. Does nothing if no approval is open. */
export function actAtOa(world: World, action: OaAction): unknown {
  const { control } = world.oa;
  if (action.do === 'OA_FORGET') return control.forget();
  const open = openApprovals(world);
  const approval = open.at(action.approval % Math.max(1, open.length));
  if (!approval) return undefined;
  return action.do === 'OA_APPROVE'
    ? control.approve(approval.id, OA_DECIDER, 'Fine.')
    : control.reject(approval.id, OA_DECIDER, 'Not like this.');
}

/** Open instances, the newest first. A card that a time limit closed is not open. */
export const openInstances = ({ tenant }: World): Instance[] =>
  [...tenant.world.instances.values()]
    .filter(({ status, overtime }) => status === 'PENDING' && !overtime)
    .reverse();

/** Carries out an action in Feishu. Does nothing if no card fits. */
export function actInFeishu(world: World, action: FeishuAction): unknown {
  const { control, world: tenant } = world.tenant;
  if (action.do === 'RECOVER') {
    const closed = [...tenant.instances.values()].filter(({ overtime }) => overtime);
    const card = closed.at(action.card % Math.max(1, closed.length));
    if (card) world.limitLifted.add(card.instanceCode);
    return card && control.overtimeRecover(card.instanceCode);
  }
  const open = openInstances(world);
  const card = open.at(action.card % Math.max(1, open.length));
  if (!card) return undefined;
  const code = card.instanceCode;
  const [turn] = openTasks(card);
  const owner = tenant.people.byId('open_id', turn?.openId ?? '')?.email ?? '';
  switch (action.do) {
    case 'APPROVE':
      return control.approve(code, owner, 'Fine.');
    case 'REJECT':
      return control.reject(code, owner, 'Not like this.');
    case 'ROLLBACK':
      return control.rollback(code, owner);
    case 'RETURN':
      return control.rollback(code, owner, 'Please explain.', 'INITIATOR');
    case 'RESUBMIT':
      return control.resubmit(code);
    case 'OVERTIME_REJECTED':
      world.closedByLimit.add(code);
      return control.overtimeClose(code, 'REJECTED');
    case 'TRANSFER':
      return control.transfer(code, owner, PEOPLE[action.to]);
    case 'ADD_SIGNER':
      return control.addSigner(code, owner, PEOPLE[action.who], action.place);
    case 'WITHDRAW_CARD':
      world.withdrawnByPeople.set(code, isBeingWithdrawn(world, card));
      return control.withdraw(code);
    case 'DELETE_CARD':
      return control.deleteInstance(code);
    case 'OVERTIME':
      world.closedByLimit.add(code);
      return control.overtimeClose(code);
    case 'AUTO_PASS':
      return control.autoPass(code);
    case 'AUTO_REJECT':
      return control.autoReject(code);
    default:
      return action satisfies never;
  }
}
