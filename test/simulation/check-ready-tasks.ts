import { isDeepStrictEqual } from 'node:util';
import type { Instance } from '../../infra/local/simulators/feishu/world.ts';
import type { IssueRecord, Stage, Task } from '../../shared/issue/record.ts';
import { readImage } from '../../shared/runtime/attribute-values.ts';
import type { StoredRecord } from '../support/core.ts';
import { hashOf, statusesOn } from './card-contents.ts';
import { describeIssue } from './describe-round.ts';
import { type IssueIndex, issueIdOf } from './frabit.ts';
import { violated } from './violation.ts';
import type { IssueChange, World } from './world.ts';

/** What stands ready to run at the end of a story was approved by somebody. */

/** SQL that was changed after its approval, by a writer who forgot to ask again, does not stay ready to run. */
export function checkForgotten(world: World, issue: IssueIndex, record: IssueRecord): void {
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
      // An old record that was put back may bring back the approval of its own SQL.
      const now = Object(Object(readImage(changes.at(-1)?.after ?? {}).approvedTasks)[stage.stageId])[
        task.taskId
      ];
      if (entry === hashOf(old) && entry !== hashOf(task) && now !== hashOf(task)) {
        throw violated('what changed after its approval asks again', describeIssue(world, issue));
      }
    }
  }
}

/**
 * Once a stage was approved by a tap, nothing of it is ready to run that was neither approved, nor shown as approved
 * before, nor asked for since, which only Frabit itself can have approved.
 */
export function checkUnapproved(world: World, issue: IssueIndex, record: StoredRecord): void {
  const changes = world.changes.filter(({ issueId }) => issueId === issueIdOf(issue));
  for (const stage of record.stages) {
    const at = changes.findLastIndex(
      ({ by, before, after }) => by !== 'FRABIT' && isApproving(before, after, stage),
    );
    const approved = changes[at] && stageIn(changes[at].after, stage);
    const card = approved && cardOf(world, changes[at]?.after, stage);
    if (!approved || !card) continue;
    const shown = statusesOn(world, card, approved);
    const wasUnderWay = ({ taskId, ...task }: Task): boolean => {
      const index = approved.tasks.findIndex((one) => one.taskId === taskId);
      const old = approved.tasks[index];
      const underWay = ['PENDING', 'RUNNING', 'FAILED'].includes(shown[index] ?? '');
      return underWay && old !== undefined && hashOf(old) === hashOf({ taskId, ...task });
    };
    const hasAsked = (task: Task): boolean =>
      changes.slice(at).some(({ after }) => {
        const old = taskIn(after, stage, task);
        return old?.status === 'PENDING_APPROVAL' && hashOf(old) === hashOf(task);
      });
    const unapproved = stage.tasks.find(
      (task) =>
        task.status === 'PENDING' &&
        record.approvedTasks?.[stage.stageId]?.[task.taskId] !== hashOf(task) &&
        !wasUnderWay(task) &&
        !hasAsked(task),
    );
    if (unapproved) throw violated('what nobody approved is not ready to run', describeIssue(world, issue));
  }
}

/** Whether this write moved tasks of the stage from PENDING_APPROVAL to PENDING. */
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
  // Frabit put it there: it is what Frabit says it is.
  const record = readImage(image ?? {}) as Partial<IssueRecord>;
  const stage = record.stages?.find((one) => one.stageId === stageId);
  return stage?.tasks.find((one) => one.taskId === taskId);
}
