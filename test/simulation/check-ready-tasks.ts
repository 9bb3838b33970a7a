import { isDeepStrictEqual } from 'node:util';
import type { Instance } from '../../infra/local/simulators/feishu/world.ts';
import type { IssueRecord, Stage, Task } from '../../shared/issue/record.ts';
import { readImage } from '../../shared/runtime/attribute-values.ts';
import type { StoredRecord } from '../support/core.ts';
import { hashOf, statusesOn } from './card-contents.ts';
import { describeIssue } from './describe-round.ts';
import { type IssueIndex, issueIdOf } from './frabit.ts';
import type { IssueChange } from './recorded-dynamodb.ts';
import { violated } from './violation.ts';
import type { World } from './world.ts';

/** Checks that somebody approved each task that is ready to run (PENDING) at the end of a story. */

/** A task that Frabit changed after its approval, without asking again, does not stay ready to run. */
export function checkChangedTasks(world: World, issue: IssueIndex, record: IssueRecord): void {
  const changes = world.changes.filter(({ issueId }) => issueId === issueIdOf(issue));
  for (const stage of record.stages) {
    for (const task of stage.tasks) {
      const last = changes.findLast(
        ({ before, after }) => !isDeepStrictEqual(taskIn(before, stage, task), taskIn(after, stage, task)),
      );
      const old = taskIn(last?.before, stage, task);
      if (last?.by !== 'FRABIT' || old?.status !== 'PENDING' || task.status !== 'PENDING') continue;
      const approved = readImage(last.before ?? {}).approvedTasks;
      const entry = Object(Object(approved)[stage.stageId])[task.taskId];
      // An old record that Frabit wrote back may bring back the approval of its own SQL.
      const now = Object(Object(readImage(changes.at(-1)?.after ?? {}).approvedTasks)[stage.stageId])[
        task.taskId
      ];
      if (entry === hashOf(old) && entry !== hashOf(task) && now !== hashOf(task)) {
        throw violated('a task that changed after its approval asks again', describeIssue(world, issue));
      }
    }
  }
}

/**
 * After a stage was approved in Feishu, each of its ready tasks was approved, or the card showed it as approved before,
 * or it asked since then. In the last case only Frabit itself can have approved it.
 */
export function checkUnapprovedTasks(world: World, issue: IssueIndex, record: StoredRecord): void {
  const changes = world.changes.filter(({ issueId }) => issueId === issueIdOf(issue));
  for (const stage of record.stages) {
    const at = changes.findLastIndex(
      ({ by, before, after }) => by !== 'FRABIT' && isApproving(before, after, stage),
    );
    const approved = changes[at] && stageIn(changes[at].after, stage);
    const card = approved && cardOf(world, changes[at]?.after, stage);
    if (!approved || !card) continue;
    const shown = statusesOn(world, card, approved);
    const wasApprovedBefore = ({ taskId, ...task }: Task): boolean => {
      const index = approved.tasks.findIndex((one) => one.taskId === taskId);
      const old = approved.tasks[index];
      const shownAsApproved = ['PENDING', 'RUNNING', 'FAILED'].includes(shown[index] ?? '');
      return shownAsApproved && old !== undefined && hashOf(old) === hashOf({ taskId, ...task });
    };
    const hasAskedSince = (task: Task): boolean =>
      changes.slice(at).some(({ after }) => {
        const old = taskIn(after, stage, task);
        return old?.status === 'PENDING_APPROVAL' && hashOf(old) === hashOf(task);
      });
    const unapproved = stage.tasks.find(
      (task) =>
        task.status === 'PENDING' &&
        record.approvedTasks?.[stage.stageId]?.[task.taskId] !== hashOf(task) &&
        !wasApprovedBefore(task) &&
        !hasAskedSince(task),
    );
    if (unapproved)
      throw violated('no task is ready to run that nobody approved', describeIssue(world, issue));
  }
}

/** Whether a write moved tasks of the stage from PENDING_APPROVAL to PENDING. */
const isApproving = (before: IssueChange['before'], after: IssueChange['after'], stage: Stage): boolean =>
  stageIn(after, stage)?.tasks.some(
    (task) => task.status === 'PENDING' && taskIn(before, stage, task)?.status === 'PENDING_APPROVAL',
  ) ?? false;

function cardOf(world: World, image: IssueChange['after'], { stageId }: Stage): Instance | undefined {
  const { stageApprovals } = readImage(image ?? {}) as unknown as StoredRecord;
  return world.tenant.world.instances.get(stageApprovals?.[stageId]?.ref?.instanceCode ?? '');
}

function stageIn(image: IssueChange['after'], { stageId }: Stage): Stage | undefined {
  const record = readImage(image ?? {}) as Partial<IssueRecord>;
  return record.stages?.find((one) => one.stageId === stageId);
}

function taskIn(image: IssueChange['after'], { stageId }: Stage, { taskId }: Task): Task | undefined {
  // Frabit wrote it, so it has Frabit's type.
  const record = readImage(image ?? {}) as Partial<IssueRecord>;
  const stage = record.stages?.find((one) => one.stageId === stageId);
  return stage?.tasks.find((one) => one.taskId === taskId);
}
