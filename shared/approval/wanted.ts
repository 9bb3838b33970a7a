import { currentStage } from '../issue/content.ts';
import type { IssueRecord, Stage } from '../issue/record.ts';
import { creatorsRing } from '../issue/triggers.ts';
import type { FeishuSettings } from '../settings/settings.ts';
import type { CloseReason, IssueMemory, Round } from './round.ts';

/** Why a stage that needs approval is not being sent (CONTRACT section 1, `approvalHold`), in order. */
export const HOLDS = [
  'DISABLED',
  'FLOW_REJECTED',
  'FLOW_PENDING',
  'NO_ASSIGNEE',
  'CHECK_ERROR',
  'CHECK_RUNNING',
  'WAITING_FOR_BELL',
] as const;
export type Hold = (typeof HOLDS)[number];

export type Wanted = { wanted: true; checkRunning: boolean } | { wanted: false; because: CloseReason };

export interface StageCircumstances {
  issue: IssueRecord;
  /** All rounds of the issue, of every subject. */
  rounds: readonly Round[];
  memory: IssueMemory | undefined;
  settings: FeishuSettings | undefined;
}

/** The highest ring any round of the issue knows of; a higher one may count. */
export const heardRings = (rounds: readonly Round[]): number =>
  rounds.reduce((highest, round) => Math.max(highest, round.bellSeq), 0);

/**
 * Whether the creator rang since the last round of the issue was opened and since the issue came to its stage
 * (DESIGN, "The bell"): such a ring counts.
 */
export function isRinging({ issue, rounds, memory }: Omit<StageCircumstances, 'settings'>): boolean {
  const ring = creatorsRing(issue);
  return ring > heardRings(rounds) && ring > (memory?.bellSeq ?? 0);
}

export const isFlowPassed = (issue: IssueRecord): boolean => flowHold(issue) === undefined;

/**
 * An EXTERNAL step is passed only by a round of its own; until such rounds exist it holds the flow,
 * whatever its status says.
 */
function flowHold(issue: IssueRecord): 'FLOW_REJECTED' | 'FLOW_PENDING' | undefined {
  const steps = issue.approvalFlow?.steps ?? [];
  if (steps.some((step) => step.status === 'REJECTED')) return 'FLOW_REJECTED';
  const passed = steps.every((step) => step.kind === 'FRABIT' && step.status === 'APPROVED');
  return passed ? undefined : 'FLOW_PENDING';
}

export const needsApproval = (stage: Stage): boolean =>
  stage.tasks.some((task) => task.status === 'PENDING_APPROVAL');

const hasCheck = (stage: Stage, check: 'RUNNING' | 'ERROR'): boolean =>
  stage.tasks.some((task) => task.check === check);

/**
 * Whether an approval of this stage should exist now (DESIGN, "The plan"). A RUNNING check does not take
 * the wish away, it only holds back the opening: a flapping check must not withdraw.
 * `ringIsHeard`: a live round with the same content, or one still to be retried, keeps a BELL_ONLY stage wanted
 * without another ring.
 */
export function isStageWanted(at: StageCircumstances, stageId: string, ringIsHeard: boolean): Wanted {
  const { issue, settings } = at;
  if (issue.status !== 'OPEN') return unwanted('ISSUE_CLOSED');
  const stage = currentStage(issue);
  if (stage?.stageId !== stageId) return unwanted('STAGE_LEFT');
  if (!settings?.enabled) return unwanted('DISABLED');
  if (!isFlowPassed(issue)) return unwanted('FLOW_CHANGED');
  if (!needsApproval(stage)) return unwanted('APPROVED_IN_FRABIT');
  if (!issue.assignee) return unwanted('NO_ASSIGNEE');
  if (hasCheck(stage, 'ERROR')) return unwanted('CHECK_ERROR');
  if (issue.approvalMode === 'BELL_ONLY' && !ringIsHeard && !isRinging(at)) return unwanted('SUPERSEDED');
  return { wanted: true, checkRunning: hasCheck(stage, 'RUNNING') };
}

/** The hold of the current stage of an OPEN issue that needs approval and has no live round. */
export function holdOf(at: StageCircumstances, hasLiveRound: boolean): Hold | undefined {
  const { issue, settings } = at;
  const stage = currentStage(issue);
  if (issue.status !== 'OPEN' || !stage || !needsApproval(stage) || hasLiveRound) return undefined;
  if (!settings?.enabled) return 'DISABLED';
  const flow = flowHold(issue);
  if (flow) return flow;
  if (!issue.assignee) return 'NO_ASSIGNEE';
  if (hasCheck(stage, 'ERROR')) return 'CHECK_ERROR';
  if (hasCheck(stage, 'RUNNING')) return 'CHECK_RUNNING';
  if (issue.approvalMode === 'BELL_ONLY' && !isRinging(at)) return 'WAITING_FOR_BELL';
  return undefined;
}

const unwanted = (because: CloseReason): Wanted => ({ wanted: false, because });
