import { policyOf } from '../channels/policies.ts';
import type { Hint } from './hint.ts';
import { isCalledUp, isInLine } from './line.ts';
import type { Round } from './round.ts';
import type { Hints } from './snapshot.ts';

/** What the hints say of an instance; it decides whether to look, never what is true. */
export interface ReportedEvents {
  statuses: string[];
  /** An event called it decided, or over: GET may lag behind. */
  decided: boolean;
  /** Feishu closed it by a time limit, which GET does not tell. */
  overtime: boolean;
}

/** An OA says that something has changed, and not what. */
const CHANGED = 'CHANGED';

/** The statuses that the events at hand tell of this round's instance. */
export const statusesInHints = (round: Round, hints: Hints): string[] =>
  hints.map((hint) => statusIn(hint, round)).filter((status) => status !== undefined);

/**
 * An event counts only from where the round is asked: of Feishu, or of the very node. One from elsewhere would cost a
 * call each time (docs/lessons.md 42).
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

/** The rounds that hints are about, by approvalId. */
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

/** Those, and the ones that were missed before. */
export const reportedStatuses = (round: Round, hints: Hints): string[] => [
  ...new Set([...round.missed, ...statusesInHints(round, hints)]),
];

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

/** That an instance was created, or a task closed without its owner, is no news to a round that knows it. */
export const isReasonToLook = (status: string): boolean => status !== 'PENDING' && status !== 'DONE';

/** Late decisions are kept, revocations noticed; what our own closing caused is no news. */
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

/** The sweep has moved the checkAfter of a round on by so long when it hints it. */
export const MOVE_ON_MS = 2 * 60_000;

/**
 * Whether the round's time has come, by its checkAfter or by a hint that says so. A round that was worked on since
 * the hint was sent is not due any more: hints may have piled up behind a hidden message. A resync finds everything
 * due but what waits for a person alone; what waits in a line is due when it was called up (`line.ts`).
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
