import {
  allTaskHashes,
  canonicalContent,
  canonicalStepContent,
  externalSteps,
  parseContent,
  parseStepContent,
  stageContent,
  stepContent,
  taskHashes,
} from '../../issue/content-hash.ts';
import type { IssueRecord, Stage, Step } from '../../issue/record.ts';
import { detectTriggers, type Trigger, triggerView } from '../../issue/triggers.ts';
import { asksAnew, limitOf } from './cover.ts';
import type { IssueMemory } from './issue-memory.ts';
import type { Round, Subject } from './round.ts';

/** A subject as the record has it now: a stage, or an EXTERNAL step of the approval flow. Pure. */
export type SubjectView =
  | { kind: 'STAGE'; subject: Subject; stage: Stage; content: string }
  | { kind: 'STEP'; subject: Subject; step: Step; content: string };

/** Returns a stage as a subject. */
export const stageView = (record: IssueRecord, stage: Stage): SubjectView => ({
  kind: 'STAGE',
  subject: { kind: 'STAGE', id: stage.stageId },
  stage,
  content: canonicalContent(stageContent(record, stage)),
});

/** Returns an EXTERNAL step as a subject. */
export const stepView = (record: IssueRecord, step: Step): SubjectView => ({
  kind: 'STEP',
  subject: { kind: 'STEP', id: step.stepId },
  step,
  content: canonicalStepContent(stepContent(record, step)),
});

/** Returns the subject as the record has it now; undefined if the record no longer has it. */
export function viewOf(record: IssueRecord, { kind, id }: Subject): SubjectView | undefined {
  switch (kind) {
    case 'STAGE': {
      const stage = record.stages.find(({ stageId }) => stageId === id);
      return stage && stageView(record, stage);
    }
    case 'STEP': {
      const step = externalSteps(record).find(({ stepId }) => stepId === id);
      return step && stepView(record, step);
    }
    default:
      return kind satisfies never;
  }
}

/** Returns the hashes of the tasks that the subject is about, by taskId. For a step: of all stages. */
export const tasksOf = (record: IssueRecord, view: SubjectView): Record<string, string> =>
  view.kind === 'STAGE' ? taskHashes(view.stage) : allTaskHashes(record);

/**
 * Whether the result of a closed round no longer counts. A round of a stage is spent if the issue was at another
 * stage since, or was deleted. The flow belongs to the issue, whatever its stage, so a round of a step is spent only
 * if the issue was deleted since.
 */
export const isSpent = (round: Round, memory: IssueMemory | undefined): boolean =>
  round.subject.kind === 'STAGE' ? round.arrival !== memory?.arrival : round.life !== (memory?.life ?? 0);

/** Returns the triggers for the changes between a round and the record, found by `detectTriggers`. */
export function changesSince(round: Round, record: IssueRecord, ringing: boolean): Trigger[] {
  const bell: Trigger[] = ringing ? ['BELL'] : [];
  if (round.subject.kind === 'STAGE') {
    const bellSeq = record.bell?.seq ?? 0;
    const before = { content: parseContent(round.content), asking: limitOf(round), bellSeq, ring: 0 };
    return [...detectTriggers(before, triggerView(record)), ...bell];
  }
  const step = externalSteps(record).find(({ stepId }) => stepId === round.subject.id);
  if (!step) return [];
  const before = parseStepContent(round.content).stages;
  const changed = JSON.stringify(before) !== JSON.stringify(stepContent(record, step).stages);
  return [...(changed ? (['STATEMENT_CHANGED'] as const) : []), ...bell];
}

/**
 * Whether the request of the round covers what the record has now: the content is the same, and no task asks that did
 * not then.
 */
export const isCovered = (round: Round, view: SubjectView): boolean =>
  round.content === view.content && !(view.kind === 'STAGE' && asksAnew(round, view.stage));
