import { policyOf } from '../channels/policies.ts';
import type { Hint } from './hint.ts';
import type { Round } from './round.ts';
import type { Hints } from './snapshot.ts';
import { isCalledUp, isInLine } from './waiting-line.ts';

/** What events have reported about the request of a round. It decides whether to look, never what is true. */
export interface ReportedEvents {
  statuses: string[];
  /** An event reported a decision or an end. GET may not show it yet. */
  decided: boolean;
  /** Feishu closed the instance by a time limit. GET does not report time limits. */
  overtime: boolean;
}

/** Status of an event of an OA: something has changed. The event does not say what. */
const CHANGED = 'CHANGED';

/** Returns the statuses that these hints report about the request of a round. */
export const statusesInHints = (round: Round, hints: Hints): string[] =>
  hints.map((hint) => statusIn(hint, round)).filter((status) => status !== undefined);

/**
 * Returns the status that a hint reports about the round. An event counts only if it comes from where the round is
 * asked: from Feishu, or from this very external node. Events from elsewhere would cost a call each (docs/lessons.md
 * 42).
 */
function statusIn(hint: Hint, round: Round): string | undefined {
  if (hint.kind !== policyOf(round).hints || hint.approvalId !== round.approvalId) return undefined;
  switch (hint.kind) {
    case 'FEISHU_EVENT':
      return hint.status;
    case 'EXTERNAL_EVENT':
      return hint.nodeId === undefined || hint.nodeId === round.nodeId ? CHANGED : undefined;
    default:
      return hint satisfies never;
  }
}

/** Returns the approvalIds that hints name. */
export const roundsNamedIn = (hints: Hints): string[] => [...new Set(hints.flatMap(namesIn))];

function namesIn(hint: Hint): readonly string[] {
  switch (hint.kind) {
    case 'FEISHU_EVENT':
    case 'EXTERNAL_EVENT':
      return [hint.approvalId];
    case 'DUE':
      return hint.approvalIds;
    case 'RECORD_CHANGED':
    case 'UNKNOWN_INSTANCE':
      return [];
    default:
      return hint satisfies never;
  }
}

/** Returns these statuses and those stored on the round because nothing could be done about them earlier. */
export const reportedStatuses = (round: Round, hints: Hints): string[] => [
  ...new Set([...round.missed, ...statusesInHints(round, hints)]),
];

/** Returns what events have reported about a round, the stored statuses included. */
export function reportedEvents(round: Round, hints: Hints): ReportedEvents {
  const statuses = reportedStatuses(round, hints);
  return {
    statuses,
    decided: statuses.some(isDecision),
    overtime: statuses.includes('OVERTIME_CLOSE'),
  };
}

const DECIDED: ReadonlySet<string> = new Set(['APPROVED', 'REJECTED', 'CANCELED', 'DELETED', CHANGED]);
const isDecision = (status: string): boolean => DECIDED.has(status);

/**
 * Whether a status is a reason to look. The creation of the instance (PENDING), and a task closed without a decision
 * of its owner (DONE), change nothing for a round that knows its instance.
 */
export const isReasonToLook = (status: string): boolean => status !== 'PENDING' && status !== 'DONE';

/**
 * Whether a status is a reason to look at a closed round: a late decision or a revocation may have to be recorded.
 * What our own withdrawal caused is not a reason.
 */
export function isReasonToLookAtClosed(round: Round, status: string): boolean {
  switch (status) {
    case 'APPROVED':
    case 'REJECTED':
    case CHANGED:
      return round.decisions.length === 0;
    case 'REVERTED':
    case 'OVERTIME_RECOVER':
    case 'ROLLBACK':
      return true;
    case 'CANCELED':
    case 'DELETED':
      return round.state === 'APPROVED';
    default:
      return false;
  }
}

/** When the sweep hints a round, it moves `checkAfter` ahead by this time. */
export const MOVE_ON_MS = 2 * 60_000;

/**
 * Whether a round is due, by its `checkAfter` or by a hint that names it. A round that was handled after the hint was
 * sent is not due: hints may have waited behind a hidden message. A resync makes every named round due except one
 * that only waits for a person. A round in a line is due only after it was called up (`line.ts`).
 */
export function isDue(round: Round, now: Date, hints: Hints): boolean {
  if (round.checkAfter === undefined || isInLine(round)) return false;
  const ahead = Date.parse(round.checkAfter) - now.getTime();
  const hinting = hints
    .filter((hint) => hint.kind === 'DUE')
    .filter((hint) => hint.approvalIds.includes(round.approvalId));
  if (isCalledUp(round)) return hinting.length > 0;
  const resync = hinting.some((hint) => hint.resync) && (round.state !== 'PENDING' || round.setbacks > 0);
  return ahead <= 0 || resync || (hinting.length > 0 && ahead <= MOVE_ON_MS);
}
