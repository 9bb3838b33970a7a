import type { CloseReason } from '../../issue/approval-words.ts';
import { currentStage, externalSteps } from '../../issue/content-hash.ts';
import type { IssueRecord } from '../../issue/record.ts';
import type { Trigger } from '../../issue/triggers.ts';
import type { Action, Opening } from './action.ts';
import { planJoining, planMemory } from './arrivals.ts';
import { isRingingAtStage, isRingingAtStep, planBell } from './bell.ts';
import { planClosed, planForInvalid, planKeepingEvents, planPostponing } from './closed-rounds.ts';
import { isDue } from './event-hints.ts';
import { latestRound, latestRounds } from './latest-round.ts';
import { mayActNow, planLive } from './live-rounds.ts';
import { planPast } from './past-rounds.ts';
import { planReapproval, planReapprovalWithoutRound } from './reapproval.ts';
import { mayHaveLostRounds, planKeeping, planRetention } from './retention.ts';
import { isLive, type Round, repeatedTriggers, sameSubject } from './round.ts';
import { planFirstSight } from './rounds-of-earlier-versions.ts';
import { everyRound, isLeftAlone } from './rounds-of-newer-versions.ts';
import type { Circumstances, SubjectSituation } from './situation.ts';
import type { Hints, Snapshot } from './snapshot.ts';
import { changesSince, isCovered, isSpent, type SubjectView, stageView, stepView } from './subject.ts';
import { withoutWaiting } from './waiting-rounds.ts';
import { isStageWanted, isStepWanted, isTooLargeToShow, needsApproval } from './wanted.ts';
import { planWriteBack } from './write-back.ts';

/**
 * Returns the actions that bring the rounds and the record from what they are to what they should be, in the order to
 * do them (docs/design.md 3). Pure: no I/O. For an invalid record it plans only the `approvalError`, and stores what
 * hints report. No action is about a subject that is left alone (`unknown-rounds.ts`).
 */
export function plan(snapshot: Snapshot, now: Date, hints: Hints = []): Action[] {
  const { issue, rounds } = snapshot;
  const keep = planKeeping(snapshot);
  if (keep) return [keep];
  const writeBack = planWriteBack(snapshot, now);
  const writes: Action[] = writeBack ? [{ do: 'WRITE_BACK', writeBack }] : [];
  // Past rounds are stored first: the more there are, the longer the next read takes.
  const remember = planMemory(snapshot, hints) ?? planBell(snapshot, hints, now) ?? planPast(snapshot);
  if (remember) return [remember];
  if (issue.kind === 'INVALID') return [...writes, ...planForInvalid(rounds, now, hints)];

  const joining = planJoining(snapshot);
  if (joining.length > 0) return joining;
  const current = latestRounds(rounds);
  const wasInvalid = issue.kind === 'VALID' && issue.ours.approvalError !== undefined;
  const closedActions = rounds.flatMap((round) => planClosed(round, now, hints, wasInvalid));
  // Stages depend on the step statuses of the record, so these are corrected before the stages are planned.
  const isFlowOutdated = Object.keys(writeBack?.stepStatuses ?? {}).length > 0 && !wasInvalid;
  const actions: Action[] = [
    ...(isFlowOutdated ? writes : []),
    ...(issue.kind === 'VALID' ? planFirstSight(issue.record, issue.ours, rounds) : []),
    ...(issue.kind === 'VALID' ? planReapproval(issue.record, issue.ours, rounds) : []),
    ...(issue.kind === 'VALID' && mayHaveLostRounds(snapshot.memory, now)
      ? planReapprovalWithoutRound(issue.record, issue.ours, rounds)
      : []),
    ...rounds.filter((round) => isLive(round) && !current.includes(round)).map(withdraw('SUPERSEDED')),
    ...planSubjects(snapshot, current, now, hints),
    // The error shows that decisions may be waiting. It is removed after they are handled.
    ...(wasInvalid ? [...closedActions, ...writes] : [...(isFlowOutdated ? [] : writes), ...closedActions]),
  ];
  const planned = [
    ...withoutWaiting(actions, rounds, now, hints),
    ...planPostponing(rounds, actions, now, hints),
  ];
  const retain = planned.length === 0 ? planRetention(snapshot, now) : undefined;
  return retain ? [retain] : planned;
}

function planSubjects(snapshot: Snapshot, current: readonly Round[], now: Date, hints: Hints): Action[] {
  const { issue } = snapshot;
  if (issue.kind !== 'VALID') {
    return current.filter(isLive).map(withdraw('ISSUE_DELETED'));
  }
  const { record } = issue;
  const at: Circumstances = {
    ...snapshot,
    rounds: everyRound(snapshot),
    record,
    wasInvalid: issue.ours.approvalError !== undefined,
    now,
    hints,
  };
  const stage = currentStage(record);
  const views = [
    ...externalSteps(record).map((step) => stepView(record, step)),
    ...(stage ? [stageView(record, stage)] : []),
  ];
  const isHere = (round: Round) => views.some(({ subject }) => sameSubject(subject, round.subject));
  return [
    ...current
      .filter((round) => isLive(round) && !isHere(round) && mayActNow(round, at))
      .map((round) => withdraw(reasonElsewhere(record, round))(round)),
    ...views.flatMap((view) => {
      const round = latestRound(current, view.subject);
      if (!isLeftAlone(view.subject, record, snapshot)) return planSubject(view, round, at);
      return round && isLive(round) ? planKeepingEvents([round], hints) : [];
    }),
  ];
}

function reasonElsewhere({ status }: IssueRecord, { subject }: Round): CloseReason {
  if (status !== 'OPEN') return 'ISSUE_CLOSED';
  return subject.kind === 'STAGE' ? 'STAGE_LEFT' : 'FLOW_CHANGED';
}

function planSubject(view: SubjectView, round: Round | undefined, circumstances: Circumstances): Action[] {
  const flow = { ...circumstances, issue: circumstances.record };
  const at: SubjectSituation = {
    ...circumstances,
    isCovered: round !== undefined && isCovered(round, view),
    ringing: view.kind === 'STAGE' ? isRingingAtStage(flow) : isRingingAtStep(flow),
  };
  const live = round !== undefined && isLive(round);
  const tooLarge = round !== undefined && view.kind === 'STAGE' && isTooLargeToShow(round, view.stage, flow);
  const wanted =
    view.kind === 'STAGE'
      ? isStageWanted(flow, view.stage.stageId, {
          isRingAnswered:
            at.isCovered && (live || isUnknownApprover(round, at) || isHeldAsTooLarge(round, at)),
          tooLarge: tooLarge && (live || !at.ringing),
        })
      : isStepWanted(flow, view.step);
  const opening = (triggers: Trigger[]): Opening => ({
    subject: view.subject,
    generation: (round?.generation ?? 0) + 1,
    triggers,
  });
  const mayOpen = wanted.wanted && !wanted.checkRunning;
  const rests = view.kind === 'STAGE' && !needsApproval(view.stage);
  if (round && isSilent(round) && !round.rested && rests) {
    return [{ do: 'REST', approvalId: round.approvalId }];
  }
  if (round && live) {
    return planLive(round, wanted, at, (reason) => {
      const triggers = mayOpen ? followUp(round, reason, at) : undefined;
      return triggers && opening(triggers);
    });
  }
  const triggers = mayOpen && openTriggers(round, at);
  return triggers ? [{ do: 'OPEN', opening: opening(triggers) }] : [];
}

/** Whether a round answered the ring but Feishu did not know the approver. Its daily retries need no further ring. */
const isUnknownApprover = (round: Round | undefined, { memory }: Circumstances): boolean =>
  round?.error?.code === 'ASSIGNEE_NOT_IN_FEISHU' && round.arrival === memory?.arrival;

/**
 * Whether a round answered the ring but its card would be cut. It is sent without a further ring once cut cards are
 * allowed.
 */
const isHeldAsTooLarge = (round: Round | undefined, { memory }: Circumstances): boolean =>
  round?.closeReason === 'TOO_LARGE_TO_SHOW' && round.arrival === memory?.arrival;

/**
 * Returns the triggers of the round to open in the transaction that closes a live round; undefined: none. After an
 * expiry nothing is opened, unless something calls for it by now.
 */
function followUp(round: Round, reason: CloseReason, at: SubjectSituation): Trigger[] | undefined {
  if (reason !== 'EXPIRED_BY_US') return resendTriggers(round, at);
  return openTriggers({ ...round, state: 'WITHDRAWN', closeReason: reason }, at);
}

/** Returns the triggers of the round that replaces a live one. */
function resendTriggers(round: Round, at: SubjectSituation): Trigger[] {
  if (!at.isCovered) return changeTriggers(round, at);
  return at.ringing ? ['BELL'] : repeatedTriggers(round);
}

/** Returns the triggers with which a subject without a live round is asked again; undefined: nothing is sent. */
function openTriggers(round: Round | undefined, at: SubjectSituation): Trigger[] | undefined {
  const bell: Trigger[] = at.ringing ? ['BELL'] : [];
  if (!round || isSpent(round, at.memory)) return ['NEW_STAGE', ...bell];
  if (!at.isCovered) return changeTriggers(round, at);
  if (round.rested) return ['NEW_STAGE', ...bell];
  const again = [...new Set([...repeatedTriggers(round), ...bell])];
  switch (round.state) {
    case 'APPROVED':
    case 'REVERTED':
      // The tasks had left PENDING_APPROVAL, so the stage needs approval again.
      return ['NEW_STAGE', ...bell];
    case 'WITHDRAWN':
      return round.closeReason === 'EXPIRED_BY_US' && !at.ringing ? undefined : again;
    case 'FAILED': {
      const retry = round.error?.code === 'ASSIGNEE_NOT_IN_FEISHU' && isDue(round, at.now, at.hints);
      return retry ? again : at.ringing ? bell : undefined;
    }
    default:
      return at.ringing ? bell : undefined;
  }
}

/**
 * Whether a round is closed and nothing is sent again for its content until one of the four triggers occurs
 * (docs/contract.md 1).
 */
function isSilent({ state, closeReason }: Round): boolean {
  switch (state) {
    case 'REJECTED':
    case 'CANCELED':
    case 'EXPIRED':
    case 'DELETED':
    case 'FAILED':
      return true;
    case 'WITHDRAWN':
      return closeReason === 'EXPIRED_BY_US';
    case 'REQUESTED':
    case 'PENDING':
    case 'APPROVED':
    case 'REVERTED':
      return false;
    default:
      return state satisfies never;
  }
}

/**
 * Returns the triggers for the changes between a round and the record. If no change is one of the four triggers, the
 * triggers of the round.
 */
function changeTriggers(round: Round, { record, ringing }: SubjectSituation): Trigger[] {
  const changes = changesSince(round, record, ringing);
  return changes.length > 0 ? changes : repeatedTriggers(round);
}

const withdraw =
  (reason: CloseReason) =>
  (round: Round): Action => ({
    do: 'WITHDRAW',
    approvalId: round.approvalId,
    reason: round.withdraw?.reason ?? reason,
  });
