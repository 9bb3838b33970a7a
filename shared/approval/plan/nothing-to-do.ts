import * as z from 'zod';
import { CLOSED_STATES } from '../../issue/approval-words.ts';
import { taskHash } from '../../issue/content-hash.ts';
import type { IssueRecord } from '../../issue/record.ts';
import { isKnown } from '../../runtime/stored-items.ts';
import { ownEntry } from './cover.ts';
import { asMap, type IssueState, type WrittenBack } from './snapshot.ts';

/**
 * Whether an issue is closed and its record shows that nothing is left to do. The walk of the sweep does not read the
 * rounds of such an issue. Work that the record does not show is found in another way: a round that needs work has a
 * `checkAfter`, and a change of the record brings a hint. Pure.
 */
export function isAtRest(issue: IssueState): boolean {
  if (issue.kind !== 'VALID' || issue.record.status === 'OPEN') return false;
  const { record, ours } = issue;
  const isQuiet = ours.approvalHold === undefined && ours.approvalError === undefined;
  return isQuiet && !mayBeLive(ours) && !hasUnapprovedTask(record, ours);
}

const entrySchema = z.object({ state: z.string() });

/**
 * Whether an entry may belong to a live round. Only a state that this version knows as closed is certainly not live.
 */
const mayBeLive = ({ stageApprovals, stepApprovals }: WrittenBack): boolean =>
  [...Object.values(asMap(stageApprovals)), ...Object.values(asMap(stepApprovals))].some((entry) => {
    const state = entrySchema.safeParse(entry).data?.state;
    return state === undefined || !isKnown(CLOSED_STATES, state);
  });

/**
 * Whether a PENDING task of a stage that this product handles has no approval for its present hash. It must be set
 * back.
 */
const hasUnapprovedTask = (
  { stages }: IssueRecord,
  { stageApprovals, approvedTasks }: WrittenBack,
): boolean =>
  stages.some(({ stageId, tasks }) => {
    const approved = ownEntry(asMap(approvedTasks), stageId);
    if (approved === undefined && ownEntry(asMap(stageApprovals), stageId) === undefined) return false;
    return tasks.some(
      (task) => task.status === 'PENDING' && ownEntry(asMap(approved), task.taskId) !== taskHash(task),
    );
  });
