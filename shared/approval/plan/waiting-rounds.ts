import { policyOf } from '../channels/policies.ts';
import type { PacedApi } from '../channels/policy.ts';
import type { Action } from './action.ts';
import { isReasonToLook, reportedEvents, statusesInHints } from './event-hints.ts';
import { isCalledUp, isInLine } from './line.ts';
import { HORIZON_MS } from './pace-policy.ts';
import type { Round } from './round.ts';
import type { Hints } from './snapshot.ts';

/**
 * Leaves out the actions of rounds that wait for a call until it is their turn: nothing is tried meanwhile but what an
 * event asks for. A card that waits for its cancel is looked at without a slot when an event says that it is decided.
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
    // With a slot it is left to the message that took it.
    return !hasSlot && statusesInHints(round, hints).some(isReasonToLook) ? [action] : [];
  });
}

/** Returns the call that an action needs a slot for; undefined: none. */
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

/** The message that took the slot is hidden until then; it may come back a little early. */
const SLOT_NEAR_MS = 2_000;

/** A slot further ahead than any is now was handed out by the version before, and is void. */
const waitsForSlot = ({ slots }: Round, api: PacedApi, now: Date): boolean => {
  const ahead = Date.parse(slots[api] ?? '') - now.getTime();
  return ahead > SLOT_NEAR_MS && ahead <= HORIZON_MS.usual + SLOT_NEAR_MS;
};

/** It was told to wait, and these hints do not call it up: one that does may come after the round is back in line. */
const isWaitingInLine = (round: Round, api: PacedApi, hints: Hints): boolean =>
  round.waiting?.api === api && (isInLine(round) || isCalledUp(round)) && !isNamed(round, hints);

/** A resync names many at once, and calls nobody up. */
const isNamed = ({ approvalId }: Round, hints: Hints): boolean =>
  hints.some((hint) => hint.kind === 'DUE' && !hint.resync && hint.approvalIds.includes(approvalId));
