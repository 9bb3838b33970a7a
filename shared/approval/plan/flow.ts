import type { IssueRecord, Step } from '../../issue/record.ts';
import type { IssueMemory } from './issue-memory.ts';
import { latestRound } from './latest-round.ts';
import type { Round } from './round.ts';
import { isSpent, stepView } from './subject.ts';

/** The progress of the approval flow, by the record and by the rounds. Pure. */
export interface FlowCircumstances {
  issue: IssueRecord;
  /** All rounds of the issue, of every subject. */
  rounds: readonly Round[];
  memory: IssueMemory | undefined;
}

/**
 * Returns the status that an EXTERNAL step should have on the record. A decision of the OA counts only for the
 * content that the OA saw (docs/contract.md 5).
 */
export function externalStatus(step: Step, { issue, rounds, memory }: FlowCircumstances): Step['status'] {
  const { subject, content } = stepView(issue, step);
  const round = latestRound(rounds, subject);
  if (!round || isSpent(round, memory) || round.content !== content) return 'PENDING';
  switch (round.state) {
    case 'APPROVED':
    case 'REJECTED':
      return round.state;
    default:
      return 'PENDING';
  }
}

/** Whether a step is approved. An EXTERNAL step must be approved by its own round, and also on the record. */
const isPassed = (step: Step, at: FlowCircumstances): boolean =>
  step.status === 'APPROVED' && (step.kind === 'FRABIT' || externalStatus(step, at) === 'APPROVED');

const isRejected = (step: Step, at: FlowCircumstances): boolean =>
  (step.kind === 'FRABIT' ? step.status : externalStatus(step, at)) === 'REJECTED';

const stepsOf = (issue: IssueRecord): readonly Step[] => issue.approvalFlow?.steps ?? [];

/** Whether all steps of the flow are approved. An issue without a flow has no steps. */
export const isFlowPassed = (at: FlowCircumstances): boolean => flowHold(at) === undefined;

/** Returns the hold that the flow causes; undefined if all its steps are approved. */
export function flowHold(at: FlowCircumstances): 'FLOW_REJECTED' | 'FLOW_PENDING' | undefined {
  const steps = stepsOf(at.issue);
  if (steps.some((step) => isRejected(step, at))) return 'FLOW_REJECTED';
  return steps.every((step) => isPassed(step, at)) ? undefined : 'FLOW_PENDING';
}

/** Whether all steps before this one are approved. */
export function isTurnOf(stepId: string, at: FlowCircumstances): boolean {
  const steps = stepsOf(at.issue);
  const before = steps.slice(
    0,
    Math.max(
      0,
      steps.findIndex((step) => step.stepId === stepId),
    ),
  );
  return before.every((step) => isPassed(step, at));
}
