import type { CloseReason } from '../../issue/approval-words.ts';
import { currentStage, externalSteps } from '../../issue/content.ts';
import type { IssueRecord } from '../../issue/record.ts';
import type { Trigger } from '../../issue/triggers.ts';
import type { Action, Opening } from './action.ts';
import { planJoining, planMemory } from './arrivals.ts';
import { isRingingAtStage, isRingingAtStep, planBell } from './bell.ts';
import { planClosed, planForInvalid, planKeepingEvents, planPostponing } from './closed-rounds.ts';
import { isDue } from './event-hints.ts';
import { planFirstSight } from './first-sight.ts';
import { latestRound, latestRounds } from './latest-round.ts';
import { mayActNow, planLive } from './live-rounds.ts';
import { planPast } from './past-rounds.ts';
import { planReapproval } from './reapproval.ts';
import { isLive, type Round, repeatedTriggers, sameSubject } from './round.ts';
import type { Circumstances, SubjectSituation } from './situation.ts';
import type { Hints, Snapshot } from './snapshot.ts';
import { changesSince, isCovered, isSpent, type SubjectView, stageView, stepView } from './subject.ts';
import { everyRound, isLeftAlone } from './unknown-rounds.ts';
import { withoutWaiting } from './waiting-rounds.ts';
import { isStageWanted, isStepWanted, isTooLargeToShow, needsApproval } from './wanted.ts';
import { planWriteBack } from './write-back.ts';

/**
 * The difference between what should be and what is, as actions in the order they are to be done (docs/design.md 3).
 * Pure: no I/O. An invalid record plans nothing but its `approvalError`, and what is heard meanwhile is remembered and
 * kept. Subjects that are left alone (`unknown-rounds.ts`) are in none of the actions.
 */
export function plan(snapshot: Snapshot, now: Date, hints: Hints = []): Action[] {
  const { issue, rounds } = snapshot;
  const writeBack = planWriteBack(snapshot, now);
  const writes: Action[] = writeBack ? [{ do: 'WRITE_BACK', writeBack }] : [];
  // What is past is written down before all else: the more there is of it, the longer the next read takes.
  const remember = planMemory(snapshot, hints) ?? planBell(snapshot, hints, now) ?? planPast(snapshot);
  if (remember) return [remember];
  if (issue.kind === 'INVALID') return [...writes, ...planForInvalid(rounds, now, hints)];

  const joining = planJoining(snapshot);
  if (joining.length > 0) return joining;
  const current = latestRounds(rounds);
  const wasInvalid = issue.kind === 'VALID' && issue.ours.approvalError !== undefined;
  const closedActions = rounds.flatMap((round) => planClosed(round, now, hints, wasInvalid));
  // The stages go by what the record says of the flow: it is set right before they are looked at.
  const isFlowOutdated = Object.keys(writeBack?.stepStatuses ?? {}).length > 0 && !wasInvalid;
  const actions: Action[] = [
    ...(isFlowOutdated ? writes : []),
    ...(issue.kind === 'VALID' ? planFirstSight(issue.record, issue.ours, rounds) : []),
    ...(issue.kind === 'VALID' ? planReapproval(issue.record, issue.ours, rounds) : []),
    ...rounds.filter((round) => isLive(round) && !current.includes(round)).map(withdraw('SUPERSEDED')),
    ...planSubjects(snapshot, current, now, hints),
    // Removing the error ends the knowledge that decisions waited: it comes after them.
    ...(wasInvalid ? [...closedActions, ...writes] : [...(isFlowOutdated ? [] : writes), ...closedActions]),
  ];
  return [...withoutWaiting(actions, rounds, now, hints), ...planPostponing(rounds, actions, now, hints)];
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

/** Its ring was heard, but the approver was unknown: the retries go on without another ring. */
const isUnknownApprover = (round: Round | undefined, { memory }: Circumstances): boolean =>
  round?.error?.code === 'ASSIGNEE_NOT_IN_FEISHU' && round.arrival === memory?.arrival;

/** The creator rang, but the card would be cut: send it without another ring once cut cards are allowed. */
const isHeldAsTooLarge = (round: Round | undefined, { memory }: Circumstances): boolean =>
  round?.closeReason === 'TOO_LARGE_TO_SHOW' && round.arrival === memory?.arrival;

/**
 * What is opened in the transaction that closes a live round. After an expiry that is nothing, unless by now
 * something calls for it.
 */
function followUp(round: Round, reason: CloseReason, at: SubjectSituation): Trigger[] | undefined {
  if (reason !== 'EXPIRED_BY_US') return resendTriggers(round, at);
  return openTriggers({ ...round, state: 'WITHDRAWN', closeReason: reason }, at);
}

/** The triggers of the round that follows a live one. */
function resendTriggers(round: Round, at: SubjectSituation): Trigger[] {
  if (!at.isCovered) return changeTriggers(round, at);
  return at.ringing ? ['BELL'] : repeatedTriggers(round);
}

/** The triggers with which a closed subject is opened again, or undefined: nothing is sent. */
function openTriggers(round: Round | undefined, at: SubjectSituation): Trigger[] | undefined {
  const bell: Trigger[] = at.ringing ? ['BELL'] : [];
  if (!round || isSpent(round, at.memory)) return ['NEW_STAGE', ...bell];
  if (!at.isCovered) return changeTriggers(round, at);
  if (round.rested) return ['NEW_STAGE', ...bell];
  const again = [...new Set([...repeatedTriggers(round), ...bell])];
  switch (round.state) {
    case 'APPROVED':
    case 'REVERTED':
      // Its tasks had left PENDING_APPROVAL: the stage has come to need approval again.
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

/** Closed, and nothing is sent again for its content until one of the four triggers occurs (docs/contract.md 1). */
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

/** What moved between a round and the record; where it is none of the four triggers, those of the round again. */
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
