import { buildInstanceForm } from '../../shared/feishu/form/build-form.ts';
import type { IssueRecord, Stage } from '../../shared/issue/record.ts';

/** As much SQL as a full card holds of the first task, and `over` characters more, if it is the stage's first request. */
export function fillCard(issue: IssueRecord, stage: Stage, over: number): void {
  const [task] = stage.tasks;
  if (!task) return;
  delete task.sheet;
  const fits = (length: number): boolean => {
    task.statement = sqlOf(length);
    return buildInstanceForm({
      issue,
      stage,
      contentSha256: '0'.repeat(64),
      triggers: ['NEW_STAGE'],
      requesterIsBot: false,
    }).whole;
  };
  let [low, high] = [1, 200_000];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  task.statement = sqlOf(low + over);
}

const sqlOf = (length: number): string => `INSERT INTO romeo VALUES ('${'r'.repeat(length)}');`;
