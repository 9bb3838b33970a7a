import type { CloseReason, CommentKind } from '../../issue/approval-words.ts';
import { channelOf } from '../channels/create-channels.ts';
import { policyOf } from '../channels/policies.ts';
import type { Opening } from '../plan/action.ts';
import { approvalOf } from '../plan/approval.ts';
import { type Approving, approvingOf, ownEntry } from '../plan/cover.ts';
import type { ReportedEvents } from '../plan/event-hints.ts';
import { isFlowPassed, isTurnOf } from '../plan/flow.ts';
import type { Verdict } from '../plan/judge.ts';
import { waitedSince } from '../plan/line.ts';
import type { Decision, Round } from '../plan/round.ts';
import { asMap, type Snapshot } from '../plan/snapshot.ts';
import { isCovered, viewOf } from '../plan/subject.ts';
import { everyRound } from '../plan/unknown-rounds.ts';
import { needsApproval } from '../plan/wanted.ts';
import { hasRoomForAsking } from '../plan/write-back.ts';
import { type ActionResult, AGAIN, change, LOOKED, type Reconciling } from './action-result.ts';
import { newRound } from './open.ts';

/** `leavesInstanceOpen`: it is a decision, though Feishu has not ended the instance. */
export type Decided = Extract<Verdict, { kind: 'APPROVED' | 'REJECTED' }> & { leavesInstanceOpen?: true };

/** Sent back to its initiator: a refusal by a person, of an instance that must not be left for a resubmission. */
export const rejectionOf = ({ decision }: Extract<Verdict, { now: 'RETURNED' }>): Decided => ({
  kind: 'REJECTED',
  by: 'PERSON',
  decision,
  leavesInstanceOpen: true,
});

/** What the instance of a round was found to be when the round is closed without it. */
export type Found = Decided | Extract<Verdict, { kind: 'CANCELED' }>;

/** The instance of a round that closes is still to be closed itself. */
export const INSTANCE_LEFT_OPEN = { settle: { what: 'OPEN', tries: 0 } } as const satisfies Partial<Round>;

/** A round that is being withdrawn, and what is opened in the same transaction when it closes. */
export interface Withdrawal {
  reason: CloseReason;
  next?: Opening;
  /** What an event says of it while it waits for its cancel. */
  reported?: ReportedEvents;
}

/**
 * Whether a decision on this round counts now: the record says exactly what was shown (docs/lessons.md 4), no task asks
 * that did not then (row 36), and the record asks for it still: of a stage, the issue is at it (row 2), it needs
 * approval, and the flow is passed; of a step, it is its turn.
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

/** Takes a decision that was found: applies it, or keeps it with `applied: false`. */
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
 * A decision answers the ring that came before it was known: nobody is asked twice for one tap (docs/lessons.md 31).
 */
function answerRing(round: Round, { issue }: Snapshot): Round {
  const seq = issue.kind === 'VALID' ? (issue.record.bell?.seq ?? 0) : 0;
  return { ...round, bellSeq: Math.max(round.bellSeq, seq) };
}

/** The transaction that approves the whole stage, or the step (docs/design.md 4.5). */
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
  const remarked = queueComment(decided, code);
  return close(before, remarked, { state: 'FAILED', decisions, error }, work);
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
 * Closes a round as WITHDRAWN and opens the next one in the same transaction. A decision that came too late, or
 * for other content, is kept with `applied: false`; if a new request follows, the approver is told so. A card that
 * our cancel closed says why (docs/lessons.md 47). `found`: undefined if it is not known, or nothing to speak of.
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

/** A decision on a round that is closed already: kept, and never applied; the first one stays. */
export const recordLateDecision = (round: Round, decision: Omit<Decision, 'applied'>): Round =>
  round.decisions.length > 0 ? round : { ...round, decisions: [{ ...decision, applied: false }] };

/**
 * Puts a remark into the outbox, once; an OA has no place for any. It gets tries of its own, but what was tried before
 * may be on the card: only a round whose `remarkTries` is 0 has none of its remarks there.
 */
export function queueComment(round: Round, kind: CommentKind): Round {
  if (!policyOf(round).hasComments) return round;
  const known = round.remarks.includes(kind) || round.remarked.includes(kind);
  if (known) return round;
  const { remarkAfter: _, ...rest } = round;
  return { ...rest, remarks: [...round.remarks, kind], remarkTries: Math.min(round.remarkTries, 1) };
}

/** Who is asked by the round that follows, to be kept on the one before. */
export function successorOf({ approvers }: Round): Pick<Round, 'successor'> {
  const [approver] = approvers;
  return approver ? { successor: { email: approver.email } } : {};
}

/** What became of a decision is said already, or will be. */
const ABOUT_DECISIONS: readonly CommentKind[] = [
  'CONTENT_MOVED_ON',
  'LATE_DECISION',
  'DECIDED_BY_ANOTHER',
  'DECIDED_AUTOMATICALLY',
];

/**
 * Says on a card that is CANCELED why it was withdrawn, if a cancel of ours was begun; not where it was decided or the
 * settings save the call.
 */
export function queueWithdrawalComment(round: Round, { settings }: Snapshot): Round {
  if (!round.cancelBegun || settings?.withdrawalComments === false) return round;
  const said = [...round.remarks, ...round.remarked].some((one) => ABOUT_DECISIONS.includes(one));
  return said ? round : queueComment(round, 'WITHDRAWN');
}

/** The error of a set-up or an outage ends with the state that it explained. */
function withoutError(round: Round): Round {
  const { error: _, ...rest } = round;
  return rest;
}
