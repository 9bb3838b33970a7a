import type { Action } from '../../shared/approval/plan/action.ts';
import type { Hint } from '../../shared/approval/plan/hint.ts';
import { plan } from '../../shared/approval/plan/plan.ts';
import type { Snapshot } from '../../shared/approval/plan/snapshot.ts';

/** Actions that are left out, because other tests cover them. */
const LEFT_OUT: Action['do'][] = ['WRITE_BACK', 'RECORD_ASKING', 'POSTPONE'];

/** Returns one line for each planned action: the action, the subject, and why. */
export function planBriefly(snapshot: Snapshot, now: Date, hints: Hint[] = []): string[] {
  const idOf = (approvalId: string) =>
    snapshot.rounds.find((round) => round.approvalId === approvalId)?.subject.id;
  return plan(snapshot, now, hints)
    .filter((action) => !LEFT_OUT.includes(action.do))
    .map((action) => {
      switch (action.do) {
        case 'OPEN':
          return `OPEN ${action.opening.subject.id} ${action.opening.generation} ${action.opening.triggers.join('+')}`;
        case 'WITHDRAW':
          return `WITHDRAW ${idOf(action.approvalId)} ${action.reason}${action.next ? ` then ${action.next.triggers.join('+')}` : ''}`;
        default:
          return 'approvalId' in action ? `${action.do} ${idOf(action.approvalId)}` : action.do;
      }
    });
}
