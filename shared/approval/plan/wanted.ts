import type { CloseReason, Hold } from '../../issue/approval-words.ts';
import { currentStage } from '../../issue/content-hash.ts';
import type { Stage, Step } from '../../issue/record.ts';
import type { FeishuSettings } from '../../settings/settings.ts';
import { isRingingAtStage } from './bell.ts';
import { externalStatus, type FlowCircumstances, flowHold, isFlowPassed, isTurnOf } from './flow.ts';
import { isLive, type Round } from './round.ts';
import { isSpent, stageView } from './subject.ts';

export type Wanted = { wanted: true; checkRunning: boolean } | { wanted: false; because: CloseReason };

export interface StageCircumstances extends FlowCircumstances {
  settings: FeishuSettings | undefined;
}

/** Whether a task of the stage asks for approval. */
export const needsApproval = (stage: Stage): boolean =>
  stage.tasks.some((task) => task.status === 'PENDING_APPROVAL');

const hasCheck = (stage: Stage, check: 'RUNNING' | 'ERROR'): boolean =>
  stage.tasks.some((task) => task.check === check);

/**
 * Returns whether an approval of this stage should exist now, and if not, why (docs/design.md 3). A RUNNING check
 * only delays the opening. It does not make an approval unwanted, because a check that flaps must not cause
 * withdrawals.
 * @param isRingAnswered a live round with the same content, or one that is still to be retried, keeps a BELL_ONLY
 * stage wanted without another ring
 * @param tooLarge the result of `isTooLargeToShow`; false if a ring asks to try again
 */
export function isStageWanted(
  at: StageCircumstances,
  stageId: string,
  { isRingAnswered, tooLarge }: { isRingAnswered: boolean; tooLarge: boolean },
): Wanted {
  const { issue, settings } = at;
  if (issue.status !== 'OPEN') return unwanted('ISSUE_CLOSED');
  const stage = currentStage(issue);
  if (stage?.stageId !== stageId) return unwanted('STAGE_LEFT');
  if (!settings?.enabled) return unwanted('DISABLED');
  if (!isFlowPassed(at)) return unwanted('FLOW_CHANGED');
  if (!needsApproval(stage)) return unwanted('APPROVED_IN_FRABIT');
  if (!issue.assignee) return unwanted('NO_ASSIGNEE');
  if (hasCheck(stage, 'ERROR')) return unwanted('CHECK_ERROR');
  if (issue.approvalMode === 'BELL_ONLY' && !isRingAnswered && !isRingingAtStage(at))
    return unwanted('SUPERSEDED');
  if (tooLarge) return unwanted('TOO_LARGE_TO_SHOW');
  return { wanted: true, checkRunning: hasCheck(stage, 'RUNNING') };
}

/**
 * Returns whether an approval of this EXTERNAL step should exist now, and if not, why: it must be the turn of the
 * step, and its content must not be approved. What matters only to stages does not count: an assignee, checks,
 * whether Feishu is enabled.
 */
export function isStepWanted(at: FlowCircumstances, step: Step): Wanted {
  if (at.issue.status !== 'OPEN') return unwanted('ISSUE_CLOSED');
  if (!isTurnOf(step.stepId, at)) return unwanted('FLOW_CHANGED');
  if (externalStatus(step, at) === 'APPROVED') return unwanted('SUPERSEDED');
  return { wanted: true, checkRunning: false };
}

/**
 * Returns the hold of the current stage: why a stage of an OPEN issue that needs approval has no live round.
 * @param round the latest round of that stage
 */
export function holdOf(at: StageCircumstances, round: Round | undefined): Hold | undefined {
  const { issue, settings } = at;
  const stage = currentStage(issue);
  if (issue.status !== 'OPEN' || !stage || !needsApproval(stage) || (round && isLive(round)))
    return undefined;
  if (!settings?.enabled) return 'DISABLED';
  const flow = flowHold(at);
  if (flow) return flow;
  if (!issue.assignee) return 'NO_ASSIGNEE';
  if (hasCheck(stage, 'ERROR')) return 'CHECK_ERROR';
  if (hasCheck(stage, 'RUNNING')) return 'CHECK_RUNNING';
  const ringing = isRingingAtStage(at);
  const tooLarge = round !== undefined && isTooLargeToShow(round, stage, at);
  if (issue.approvalMode === 'BELL_ONLY' && !ringing && !tooLarge) return 'WAITING_FOR_BELL';
  return tooLarge && !ringing ? 'TOO_LARGE_TO_SHOW' : undefined;
}

/**
 * Whether the card of the stage cannot show every statement whole while the settings forbid cut cards: its live card
 * is cut, or its last request was not sent for this reason.
 * @param round the latest round of the stage
 */
export function isTooLargeToShow(
  round: Round,
  stage: Stage,
  { issue, settings, memory }: Pick<StageCircumstances, 'issue' | 'settings' | 'memory'>,
): boolean {
  if (allowsCutForms(settings) || round.content !== stageView(issue, stage).content) return false;
  // Of a card of an earlier version it is not known whether it shows everything. A value of `cutForms` that only a
  // newer version knows sends no cut card, and withdraws none.
  if (isLive(round))
    return settings?.cutForms === 'refuse' && round.attempted && round.forms.at(-1)?.whole !== true;
  // If a live card was withdrawn for this reason, another form may show everything: that is tried once.
  const wasTried = round.closeReason === 'TOO_LARGE_TO_SHOW' && round.withdraw === undefined;
  return wasTried && round.appId === settings?.appId && !isSpent(round, memory);
}

/**
 * Whether a card may be sent that does not show every statement whole. Only the value `allow`, or no value, allows
 * it.
 */
export const allowsCutForms = (settings: FeishuSettings | undefined): boolean =>
  (settings?.cutForms ?? 'allow') === 'allow';

const unwanted = (because: CloseReason): Wanted => ({ wanted: false, because });
