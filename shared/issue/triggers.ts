import { currentStage, type StageContent, stageContent } from './content-hash.ts';
import type { IssueRecord } from './record.ts';

/** Why an approval is sent (docs/contract.md 1, `triggers`). */
export const TRIGGERS = ['NEW_STAGE', 'ASSIGNEE_CHANGED', 'STATEMENT_CHANGED', 'BELL'] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** What triggers are found from: a record at its current stage, or a round of it. */
export interface TriggerView {
  /** The content of the stage; undefined if the issue is at no stage. */
  content: StageContent | undefined;
  /** The ids of the tasks that ask for approval. Undefined: unknown, so they are not compared. */
  asking: readonly string[] | undefined;
  /** The number of the latest ring. */
  bellSeq: number;
  /** The number of the latest ring if the creator made it, else 0. */
  ring: number;
}

/** Returns the number of the latest ring if the creator made it, else 0. Only the creator's ring counts. */
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
 * Returns the triggers between two views, in the order of `TRIGGERS`. Pure. The plan compares a round with the record;
 * `watch-issues` compares the two images of a stream record. STATEMENT_CHANGED means a change of SQL, of where it runs,
 * of the set or order of the tasks, or a task that asks now and did not before.
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
