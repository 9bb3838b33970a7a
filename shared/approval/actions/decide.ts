import type { CloseReason, CommentKind } from '../../issue/approval-words.ts';
import { channelOf } from '../channels/create-channels.ts';
import { policyOf } from '../channels/policies.ts';
import type { Opening } from '../plan/action.ts';
import { approvalOf } from '../plan/approval.ts';
import { type Approving, approvingOf, ownEntry } from '../plan/cover.ts';
import type { ReportedEvents } from '../plan/event-hints.ts';
import { isFlowPassed, isTurnOf } from '../plan/flow.ts';
import type { Verdict } from '../plan/judge.ts';
import type { Decision, Round } from '../plan/round.ts';
import { everyRound } from '../plan/rounds-of-newer-versions.ts';
import { asMap, type Snapshot } from '../plan/snapshot.ts';
import { isCovered, viewOf } from '../plan/subject.ts';
import { waitedSince } from '../plan/waiting-line.ts';
import { needsApproval } from '../plan/wanted.ts';
import { hasRoomForAsking } from '../plan/write-back.ts';
import { type ActionResult, AGAIN, change, LOOKED, type Reconciling } from './action-result.ts';
import { newRound } from './open.ts';

/** A decision that was found. `leavesInstanceOpen`: Feishu has not ended the instance. */
export type Decided = Extract<Verdict, { kind: 'APPROVED' | 'REJECTED' }> & { leavesInstanceOpen?: true };

/**
 * Returns the decision for an instance that was returned to its initiator. It is a rejection by a person, and the
 * instance must be closed so that nobody submits it again.
 */
export const rejectionOf = ({ decision }: Extract<Verdict, { now: 'RETURNED' }>): Decided => ({
  kind: 'REJECTED',
  by: 'PERSON',
  decision,
  leavesInstanceOpen: true,
});

/** How the instance of a round ended, when the round is closed without applying it. */
export type Found = Decided | Extract<Verdict, { kind: 'CANCELED' }>;

/**
 * The change of a round that is closed while its instance is still open: the instance must be closed as a leftover.
 */
export const INSTANCE_LEFT_OPEN = { settle: { what: 'OPEN', tries: 0 } } as const satisfies Partial<Round>;

/** A withdrawal: its reason, and the round to open in the transaction that closes this one. */
export interface Withdrawal {
  reason: CloseReason;
  next?: Opening;
  /** What events have reported while the round waits for its cancel. */
  reported?: ReportedEvents;
}

/**
 * Whether a decision on this round counts now. The record must say exactly what was shown (docs/lessons.md 4), no
 * task may ask now that did not ask then (row 36), and the record must still need the approval. For a stage: the
 * issue is at it (row 2), it needs approval, and the flow is approved. For a step: it is its turn.
 */
export function decisionCounts(round: Round, { issue, rounds, memory }: Snapshot): boolean {
  if (issue.kind !== 'VALID') return false;
  const { record } = issue;
  const view = viewOf(record, round.subject);
  if (record.status !== 'OPEN' || !view || !isCovered(round, view)) return false;
  const at = { issue: record, rounds, memory };
  switch (view.kind) {
    case 'STAGE':
      return view.stage.stageId === record.currentStageId && needsApproval(view.stage) && isFlowPassed(at);
    case 'STEP':
      return isTurnOf(view.step.stepId, at);
    default:
      return view satisfies never;
  }
}

/** Handles a decision that was found: applies it, or stores it with `applied: false`. */
export async function takeDecision(
  round: Round,
  verdict: Decided,
  snapshot: Snapshot,
  work: Reconciling,
  withdrawal: Withdrawal = { reason: 'SUPERSEDED' },
): Promise<ActionResult> {
  const decided = answerRing({ ...round, ...LOOKED }, snapshot);
  const leftover = verdict.leavesInstanceOpen ? INSTANCE_LEFT_OPEN : {};
  if (!decisionCounts(round, snapshot))
    return closeUndecided(round, withdrawal, verdict, snapshot, work, leftover);
  const { decision } = verdict;
  if (verdict.kind === 'REJECTED') {
    const decisions = [{ ...decision, applied: true }];
    return verdict.by === 'PERSON'
      ? close(round, decided, { state: 'REJECTED', decisions, ...leftover }, work)
      : failDecision(round, decided, 'DECIDED_AUTOMATICALLY', decision, work);
  }
  switch (verdict.by) {
    case 'APPROVER':
      return apply(round, decided, { ...decision, applied: true }, snapshot, work);
    case 'ANOTHER':
      return failDecision(round, decided, 'DECIDED_BY_ANOTHER', decision, work);
    case 'NOBODY':
      return failDecision(round, decided, 'DECIDED_AUTOMATICALLY', decision, work);
    default:
      return verdict satisfies never;
  }
}

/**
 * Marks the present ring as answered. The ring came before the decision was known, and nobody is asked twice for one
 * decision (docs/lessons.md 31).
 */
function answerRing(round: Round, { issue }: Snapshot): Round {
  const seq = issue.kind === 'VALID' ? (issue.record.bell?.seq ?? 0) : 0;
  return { ...round, bellSeq: Math.max(round.bellSeq, seq) };
}

/** Approves the whole stage, or the step, in one transaction (docs/design.md 4.5). */
async function apply(
  before: Round,
  decided: Round,
  decision: Decision,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  if (snapshot.issue.kind !== 'VALID') return AGAIN;
  const { record, ours, raw } = snapshot.issue;
  const view = viewOf(record, before.subject);
  const entry = asMap(ownEntry(asMap(ours.approvedTasks), before.subject.id));
  const { taskIds, approvedTasks } =
    view?.kind === 'STAGE' ? approvingOf(before, view.stage, entry) : NO_TASKS;
  const now = work.now();
  const after = withoutError(
    change(decided, { state: 'APPROVED', closedAt: now.toISOString(), decisions: [decision] }, now),
  );
  const room = { asking: hasRoomForAsking(snapshot.issue, everyRound(snapshot)) };
  await work.store.approve({ before, after, raw, taskIds, approvedTasks, approval: approvalOf(after, room) });
  const { kind } = before.subject;
  work.log('approved', { approvalId: before.approvalId, subject: kind, tasks: taskIds.length });
  return AGAIN;
}

const NO_TASKS: Approving = { taskIds: [], approvedTasks: {} };

function failDecision(
  before: Round,
  decided: Round,
  code: 'DECIDED_BY_ANOTHER' | 'DECIDED_AUTOMATICALLY',
  decision: Omit<Decision, 'applied'>,
  work: Reconciling,
): Promise<ActionResult> {
  const decidedBy = decision.by.email ?? decision.by.userId;
  const error = channelOf(before, work).explain({ kind: code, decidedBy, result: decision.result });
  const decisions = [{ ...decision, applied: false }];
  const commented = queueComment(decided, code);
  return close(before, commented, { state: 'FAILED', decisions, error }, work);
}

async function close(
  before: Round,
  decided: Round,
  changes: Partial<Round>,
  work: Reconciling,
): Promise<ActionResult> {
  const now = work.now();
  await work.store.save(
    before,
    change(withoutError(decided), { ...changes, closedAt: now.toISOString() }, now),
  );
  work.log('round closed', { approvalId: before.approvalId, state: changes.state });
  return AGAIN;
}

/**
 * Closes a round as WITHDRAWN, and opens the next one in the same transaction. A decision that came too late, or for
 * other content, is stored with `applied: false`. A comment tells the approver, and says whether a new request
 * follows. A card that our cancel closed gets a comment that says why (docs/lessons.md 47).
 * @param found how the instance ended; undefined if it is not known or needs no comment
 */
export async function closeUndecided(
  round: Round,
  { reason, next }: Withdrawal,
  found: Found | undefined,
  snapshot: Snapshot,
  work: Reconciling,
  changes: Partial<Round> = {},
): Promise<ActionResult> {
  const now = work.now();
  const late = found?.kind === 'CANCELED' ? undefined : found;
  const kind = next && reason === 'SUPERSEDED' ? 'CONTENT_MOVED_ON' : 'LATE_DECISION';
  const commented = late
    ? queueComment(round, kind)
    : found
      ? queueWithdrawalComment(round, snapshot)
      : round;
  const since = waitedSince(round, now);
  const opened = next && { ...newRound(next, snapshot, work), ...(since && { waitedSince: since }) };
  const after = change(
    withoutError(commented),
    {
      ...LOOKED,
      state: 'WITHDRAWN',
      closedAt: now.toISOString(),
      closeReason: round.withdraw?.reason ?? reason,
      ...(late && { decisions: [{ ...late.decision, applied: false }] }),
      ...(opened && successorOf(opened)),
      ...changes,
    },
    now,
  );
  if (opened) await work.store.open(opened, { before: round, after });
  else await work.store.save(round, after);
  work.log('round withdrawn', { approvalId: round.approvalId, reason: after.closeReason });
  return AGAIN;
}

/** Stores a decision on a closed round. It is never applied, and the first one stays. */
export const recordLateDecision = (round: Round, decision: Omit<Decision, 'applied'>): Round =>
  round.decisions.length > 0 ? round : { ...round, decisions: [{ ...decision, applied: false }] };

/**
 * Adds a comment to those that wait to be posted, once. An OA has no comments. A new comment gets its own tries.
 * `remarkTries` stays above 0 if earlier comments were tried, because only at 0 none of them can be on the card.
 */
export function queueComment(round: Round, kind: CommentKind): Round {
  if (!policyOf(round).hasComments) return round;
  const isQueuedOrPosted = round.remarks.includes(kind) || round.remarked.includes(kind);
  if (isQueuedOrPosted) return round;
  const { remarkAfter: _, ...rest } = round;
  return { ...rest, remarks: [...round.remarks, kind], remarkTries: Math.min(round.remarkTries, 1) };
}

/** Returns the approver of the successor, to be stored on the round before it. */
export function successorOf({ approvers }: Round): Pick<Round, 'successor'> {
  const [approver] = approvers;
  return approver ? { successor: { email: approver.email } } : {};
}

/** Comments that already say what happened to a decision. */
const ABOUT_DECISIONS: readonly CommentKind[] = [
  'CONTENT_MOVED_ON',
  'LATE_DECISION',
  'DECIDED_BY_ANOTHER',
  'DECIDED_AUTOMATICALLY',
];

/**
 * Adds the comment that says why a card was withdrawn, if this product began a cancel. Not if a comment about a
 * decision exists, or if the settings turn such comments off to save the call.
 */
export function queueWithdrawalComment(round: Round, { settings }: Snapshot): Round {
  if (!round.cancelBegun || settings?.withdrawalComments === false) return round;
  const isExplained = [...round.remarks, ...round.remarked].some((one) => ABOUT_DECISIONS.includes(one));
  return isExplained ? round : queueComment(round, 'WITHDRAWN');
}

/** Removes the error of a set-up problem or an outage: it explained a state that has ended. */
function withoutError(round: Round): Round {
  const { error: _, ...rest } = round;
  return rest;
}
