import type { Step } from '../../shared/approval/plan/action.ts';
import type { Hint } from '../../shared/approval/plan/hint.ts';
import { plan } from '../../shared/approval/plan/plan.ts';
import type { Snapshot } from '../../shared/approval/plan/snapshot.ts';

/** Bookkeeping, tested by itself. */
const BESIDE: Step['do'][] = ['WRITE_BACK', 'NOTICE', 'POSTPONE'];

/** What is planned for each subject, a line each: what, which subject, why. */
export function planBriefly(snapshot: Snapshot, now: Date, hints: Hint[] = []): string[] {
  const idOf = (approvalId: string) =>
    snapshot.rounds.find((round) => round.approvalId === approvalId)?.subject.id;
  return plan(snapshot, now, hints)
    .filter((step) => !BESIDE.includes(step.do))
    .map((step) => {
      switch (step.do) {
        case 'OPEN':
          return `OPEN ${step.opening.subject.id} ${step.opening.generation} ${step.opening.triggers.join('+')}`;
        case 'WITHDRAW':
          return `WITHDRAW ${idOf(step.approvalId)} ${step.reason}${step.next ? ` then ${step.next.triggers.join('+')}` : ''}`;
        default:
          return 'approvalId' in step ? `${step.do} ${idOf(step.approvalId)}` : step.do;
      }
    });
}
