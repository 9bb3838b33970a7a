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
} from '../../issue/content.ts';
import type { IssueRecord, Stage, Step } from '../../issue/record.ts';
import { detectTriggers, type Trigger, triggerView } from '../../issue/triggers.ts';
import { asksAnew, limitOf } from './cover.ts';
import type { IssueMemory } from './issue-memory.ts';
import type { Round, Subject } from './round.ts';

/** What is particular to each kind of subject: a stage, or an EXTERNAL step of the approval flow. Pure. */
export type SubjectView =
  | { kind: 'STAGE'; subject: Subject; stage: Stage; content: string }
  | { kind: 'STEP'; subject: Subject; step: Step; content: string };

export const stageView = (record: IssueRecord, stage: Stage): SubjectView => ({
  kind: 'STAGE',
  subject: { kind: 'STAGE', id: stage.stageId },
  stage,
  content: canonicalContent(stageContent(record, stage)),
});

export const stepView = (record: IssueRecord, step: Step): SubjectView => ({
  kind: 'STEP',
  subject: { kind: 'STEP', id: step.stepId },
  step,
  content: canonicalStepContent(stepContent(record, step)),
});

/** The subject as the record has it now; undefined if there is none such any more. */
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

/** The task hashes of what the subject asks for. */
export const tasksOf = (record: IssueRecord, view: SubjectView): Record<string, string> =>
  view.kind === 'STAGE' ? taskHashes(view.stage) : allTaskHashes(record);

/**
 * Whether what a closed round says is used up: the issue was seen at another stage since, or deleted. The flow is the
 * issue's, whatever stage it is at: a step's round is spent only if the issue was deleted since.
 */
export const isSpent = (round: Round, memory: IssueMemory | undefined): boolean =>
  round.subject.kind === 'STAGE' ? round.arrival !== memory?.arrival : round.life !== (memory?.life ?? 0);

/** What moved between a round and the record, by the one function that knows the triggers. */
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

/** Whether the round asks for what the record has now. */
export const isCovered = (round: Round, view: SubjectView): boolean =>
  round.content === view.content && !(view.kind === 'STAGE' && asksAnew(round, view.stage));
