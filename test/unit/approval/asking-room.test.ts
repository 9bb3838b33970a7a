import { describe, expect, it } from 'vitest';
import { planWriteBack } from '../../../shared/approval/plan/write-back.ts';
import { parseImage } from '../../../shared/issue/issue-image.ts';
import type { IssueRecord } from '../../../shared/issue/record.ts';
import { itemSize } from '../../../shared/runtime/attribute-values.ts';
import { anIssue, aStage, aTask, imageOf } from '../../support/issue.ts';
import { aRoundOf, aSnapshot } from '../../support/round.ts';

/** ADR 8: the list of the tasks that asked never makes a record too large. */

const ITEM = 400 * 1024;

/** An issue of 300 tasks with the longest ids, of which all but the last ask, and with `bytes` of SQL. */
function issueOf(bytes: number): IssueRecord {
  const tasks = Array.from({ length: 300 }, (_, index) =>
    aTask({
      taskId: `${'あ'.repeat(90)}${index}`,
      status: index === 299 ? 'DONE' : 'PENDING_APPROVAL',
      statement: index === 0 ? 'x'.repeat(bytes) : '',
    }),
  );
  return anIssue({ stages: [aStage({ tasks })] });
}

function writtenTo(issue: IssueRecord) {
  const raw = imageOf(issue);
  const issueState = { kind: 'VALID', record: issue, ours: {}, raw } as const;
  const round = aRoundOf(issue);
  const change = planWriteBack(aSnapshot(issue, [round], { issue: issueState }), new Date());
  const approval = change?.stageApprovals.set['stage-1'];
  const approvedTasks = { 'stage-1': round.tasks };
  return {
    approval,
    size: itemSize(imageOf({ ...issue, approvedTasks, stageApprovals: { 'stage-1': approval } })),
  };
}

/** Returns the largest size of SQL with which the record is valid. */
function largest(): number {
  let [valid, invalid] = [0, ITEM];
  while (invalid - valid > 1) {
    const bytes = Math.floor((valid + invalid) / 2);
    if (parseImage(imageOf(issueOf(bytes))).ok) valid = bytes;
    else invalid = bytes;
  }
  return valid;
}

describe('the list of the tasks that asked', () => {
  const most = largest();

  it('is left out if the record has no room for it, and the rest fits', () => {
    const { approval, size } = writtenTo(issueOf(most));
    expect(approval).not.toHaveProperty('asking');
    expect(size).toBeLessThanOrEqual(ITEM);
  });

  it('is written as soon as it fits', () => {
    const { approval, size } = writtenTo(issueOf(most - 85_000));
    expect(approval).toHaveProperty('asking');
    expect(size).toBeLessThanOrEqual(ITEM);
  });
});
