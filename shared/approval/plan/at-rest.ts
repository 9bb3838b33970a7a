import * as z from 'zod';
import { CLOSED_STATES } from '../../issue/approval-words.ts';
import { taskHash } from '../../issue/content.ts';
import type { IssueRecord } from '../../issue/record.ts';
import { isKnown } from '../../runtime/stored.ts';
import { ownEntry } from './cover.ts';
import { asMap, type IssueState, type WrittenBack } from './snapshot.ts';

/**
 * Whether an issue is closed and its record says that nothing is left to do: then the sweep's walk does not read its
 * rounds. What the record does not say is found by itself: a round that something is expected of is due some time, and
 * a change of the record brings a hint. Pure.
 */
export function isAtRest(issue: IssueState): boolean {
  if (issue.kind !== 'VALID' || issue.record.status === 'OPEN') return false;
  const { record, ours } = issue;
  const isQuiet = ours.approvalHold === undefined && ours.approvalError === undefined;
  return isQuiet && !mayBeLive(ours) && !hasUnapprovedTask(record, ours);
}

const entrySchema = z.object({ state: z.string() });

/** Only a state that this version knows to be closed is none. */
const mayBeLive = ({ stageApprovals, stepApprovals }: WrittenBack): boolean =>
  [...Object.values(asMap(stageApprovals)), ...Object.values(asMap(stepApprovals))].some((entry) => {
    const state = entrySchema.safeParse(entry).data?.state;
    return state === undefined || !isKnown(CLOSED_STATES, state);
  });

/** A task of a stage of ours is ready to run, and its approval is for something else: that is put back. */
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
