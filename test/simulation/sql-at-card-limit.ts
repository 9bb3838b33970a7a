import { buildInstanceForm } from '../../shared/feishu/form/build-form.ts';
import type { IssueRecord, Stage, Task } from '../../shared/issue/record.ts';

/** Lengths found before. Stories begin alike, and each search builds a dozen large cards. */
const knownLengths = new Map<string, number>();

/**
 * Sets the SQL of the first task to the longest that a full card shows whole, and `extra` characters more. The card is
 * that of the stage's first request.
 */
export function fillCard(issue: IssueRecord, stage: Stage, extra: number): void {
  const [task] = stage.tasks;
  if (!task) return;
  delete task.sheet;
  delete task.statement;
  const key = JSON.stringify([issue, stage]);
  const length = knownLengths.get(key) ?? longestThatFits(issue, stage, task);
  knownLengths.set(key, length);
  task.statement = sqlOf(length + extra);
}

function longestThatFits(issue: IssueRecord, stage: Stage, task: Task): number {
  const fits = (length: number): boolean => {
    task.statement = sqlOf(length);
    const contentSha256 = '0'.repeat(64);
    return buildInstanceForm({ issue, stage, contentSha256, triggers: ['NEW_STAGE'], requesterIsBot: false })
      .whole;
  };
  let [low, high] = [1, 100_000];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

const sqlOf = (length: number): string => `INSERT INTO romeo VALUES ('${'r'.repeat(length)}');`;
