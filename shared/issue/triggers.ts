import { currentStage, type StageContent, stageContent } from './content.ts';
import type { IssueRecord } from './record.ts';

/** Why an approval is sent (docs/contract.md 1, `triggers`). */
export const TRIGGERS = ['NEW_STAGE', 'ASSIGNEE_CHANGED', 'STATEMENT_CHANGED', 'BELL'] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** What the triggers are read from: a record at its current stage, or a round made for one. */
export interface TriggerView {
  /** The content of the stage, or undefined when the issue is at none. */
  content: StageContent | undefined;
  /** The tasks of the stage that ask for approval, by id. Undefined: not known, and not compared. */
  asking: readonly string[] | undefined;
  /** Rings up to this number are known. */
  bellSeq: number;
  /** The ring that counts, if the latest one was the creator's; 0 otherwise. */
  ring: number;
}

/** The number of the latest ring if the creator rang it, else 0: nobody else's ring counts. */
export function creatorsRing(issue: IssueRecord): number {
  const { bell, creator } = issue;
  return bell && bell.rungBy.toLowerCase() === creator.email.toLowerCase() ? bell.seq : 0;
}

export function triggerView(issue: IssueRecord): TriggerView {
  const stage = currentStage(issue);
  return {
    content: stage && stageContent(issue, stage),
    asking: stage?.tasks.filter(({ status }) => status === 'PENDING_APPROVAL').map(({ taskId }) => taskId),
    bellSeq: issue.bell?.seq ?? 0,
    ring: creatorsRing(issue),
  };
}

/**
 * The four triggers between two views, in the order of `TRIGGERS`; pure.
 * The plan compares a round with the record, `watch-issues` the two images of a stream record.
 * STATEMENT_CHANGED covers SQL, where it runs, the set and order of the tasks, and a task that asks now and did not.
 */
export function detectTriggers(before: TriggerView | undefined, after: TriggerView): Trigger[] {
  if (!after.content) return [];
  const found: Trigger[] = [];
  const old = before?.content;
  if (old?.stageId !== after.content.stageId) {
    found.push('NEW_STAGE');
  } else {
    if (old.assignee !== after.content.assignee) found.push('ASSIGNEE_CHANGED');
    if (statements(old) !== statements(after.content) || asksAnew(before?.asking, after.asking)) {
      found.push('STATEMENT_CHANGED');
    }
  }
  if (before && after.ring > before.bellSeq) found.push('BELL');
  return found;
}

function asksAnew(before: TriggerView['asking'], now: TriggerView['asking']): boolean {
  if (!before || !now) return false;
  const known = new Set(before);
  return now.some((taskId) => !known.has(taskId));
}

const statements = (content: StageContent): string => JSON.stringify([content.environment, content.tasks]);
