import { policyOf } from '../channels/policies.ts';
import type { PacedApi } from '../channels/policy.ts';
import type { Action } from './action.ts';
import { isReasonToLook, reportedEvents, statusesInHints } from './event-hints.ts';
import { HORIZON_MS } from './pace-policy.ts';
import type { Round } from './round.ts';
import type { Hints } from './snapshot.ts';
import { isCalledUp, isInLine } from './waiting-line.ts';

/**
 * Leaves out the actions of rounds that wait for a call until it is their turn. Meanwhile, only actions that an event
 * causes are done. A card that waits for its cancel is looked at without a slot if an event says that it is decided.
 */
export function withoutWaiting(
  actions: readonly Action[],
  rounds: readonly Round[],
  now: Date,
  hints: Hints,
): Action[] {
  return actions.flatMap((action): Action[] => {
    const round = 'approvalId' in action && rounds.find((one) => one.approvalId === action.approvalId);
    const api = round && callOf(action, round);
    if (!round || !api) return [action];
    const hasSlot = waitsForSlot(round, api, now);
    if (!hasSlot && !isWaitingInLine(round, api, hints)) return [action];
    if (action.do === 'WITHDRAW' && api === 'cancel') {
      const reported = reportedEvents(round, hints);
      return reported.decided && statusesInHints(round, hints).length > 0 ? [{ ...action, reported }] : [];
    }
    // With a slot, the message that took the slot does the action.
    return !hasSlot && statusesInHints(round, hints).some(isReasonToLook) ? [action] : [];
  });
}

/** Returns the call for which an action needs a slot; undefined if it needs none. */
function callOf(action: Action, round: Round): PacedApi | undefined {
  const allCalls = policyOf(round).pacing === 'ALL_CALLS';
  switch (action.do) {
    case 'SEND':
      return allCalls ? 'call' : 'create';
    case 'WITHDRAW':
      if (!round.attempted) return undefined;
      return allCalls ? 'call' : round.withdraw && 'cancel';
    case 'CLOSE_LEFTOVER':
      return allCalls ? 'call' : 'cancel';
    case 'LOOK':
      return allCalls ? 'call' : undefined;
    default:
      return undefined;
  }
}

/** The message that took the slot is hidden until then. It may come back this much early. */
const SLOT_NEAR_MS = 2_000;

/**
 * Whether the round has a slot that is still ahead. A slot further ahead than this version grants comes from the
 * previous version, and is void.
 */
const waitsForSlot = ({ slots }: Round, api: PacedApi, now: Date): boolean => {
  const ahead = Date.parse(slots[api] ?? '') - now.getTime();
  return ahead > SLOT_NEAR_MS && ahead <= HORIZON_MS.usual + SLOT_NEAR_MS;
};

/**
 * Whether the round waits in a line for this call and these hints do not call it up. A hint that calls it up may
 * arrive after the round was put back in the line.
 */
const isWaitingInLine = (round: Round, api: PacedApi, hints: Hints): boolean =>
  round.waiting?.api === api && (isInLine(round) || isCalledUp(round)) && !isNamed(round, hints);

/**
 * Whether a hint of the sweep names the round. A resync does not count: it names many rounds at once and calls up
 * none.
 */
const isNamed = ({ approvalId }: Round, hints: Hints): boolean =>
  hints.some((hint) => hint.kind === 'DUE' && !hint.resync && hint.approvalIds.includes(approvalId));
