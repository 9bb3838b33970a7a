import { isDeepStrictEqual } from 'node:util';
import { taskHash } from '../../issue/content.ts';
import type { IssueRecord, Stage } from '../../issue/record.ts';
import type { Action } from './action.ts';
import { ownEntry } from './cover.ts';
import { latestOf } from './latest-round.ts';
import type { Round } from './round.ts';
import { asMap, type WrittenBack } from './snapshot.ts';

/**
 * In a stage that was approved through us, a task must not be ready to run without an approval of exactly this task
 * (docs/contract.md 1, Frabit's duties): a PENDING task that has none is put back to PENDING_APPROVAL. It has one if
 * its hash is its entry in `approvedTasks`, if the last approved card showed this very hash as approved before, or if
 * the task was seen asking with this hash since: then Frabit itself has approved it.
 */
export function planReapproval(record: IssueRecord, ours: WrittenBack, rounds: readonly Round[]): Action[] {
  const approved = asMap(ours.approvedTasks);
  return record.stages.flatMap((stage) => {
    const round = lastApproved(rounds, stage.stageId);
    return round ? planStageReapproval(stage, round, asMap(ownEntry(approved, stage.stageId))) : [];
  });
}

function planStageReapproval(stage: Stage, round: Round, entry: Record<string, unknown>): Action[] {
  const tasks = stage.tasks.map((task) => ({ ...task, hash: taskHash(task) }));
  const underWay = new Set(round.underWay);
  const wasUnderWay = (taskId: string, hash: string) =>
    underWay.has(taskId) && ownEntry(round.tasks, taskId) === hash;
  const unapproved = tasks
    .filter(({ taskId, hash }) => ownEntry(entry, taskId) !== hash && !wasUnderWay(taskId, hash))
    .filter(({ taskId, hash }) => ownEntry(round.asked, taskId) !== hash);
  const asking = unapproved.filter(({ status }) => status === 'PENDING_APPROVAL');
  const unasked = unapproved.filter(({ status }) => status === 'PENDING').map(({ taskId }) => taskId);
  // What was asked for and then given up is not approved in Frabit when it comes back.
  const stillSo = Object.entries(round.asked).filter(([taskId, hash]) =>
    tasks.some((task) => task.taskId === taskId && task.hash === hash),
  );
  const asked = askedThatFits(
    [...stillSo, ...asking.map(({ taskId, hash }) => [taskId, hash] as const)],
    round,
  );
  return [
    ...(!isDeepStrictEqual(asked, round.asked)
      ? [{ do: 'RECORD_ASKING', approvalId: round.approvalId, asked } as const]
      : []),
    ...(unasked.length > 0
      ? [{ do: 'REQUIRE_APPROVAL', stageId: stage.stageId, taskIds: unasked } as const]
      : []),
  ];
}

/** A round is an item of 400 KB at most; the rest is for a decision, people and forms. */
const MAX_LISTS_BYTES = 384 * 1024;
/** A task hash with DynamoDB's own bytes around an entry. */
const ENTRY_BYTES = 68;
/** The same around an id in a list. */
const ID_BYTES = 4;

/**
 * As much of what asked as a round has room for beside its other lists: with a thousand tasks under long ids that may
 * not be all. What is left out counts as never seen asking, and is put back when it is PENDING.
 */
export function askedThatFits(
  asked: readonly (readonly [taskId: string, hash: string])[],
  { content, tasks, asking = [], underWay }: Pick<Round, 'content' | 'tasks' | 'asking' | 'underWay'>,
): Record<string, string> {
  if (asked.length === 0) return {};
  const sizeOf = (ids: readonly string[], more: number) =>
    ids.reduce((sum, id) => sum + Buffer.byteLength(id) + more, 0);
  let left = MAX_LISTS_BYTES - content.length - sizeOf(Object.keys(tasks), ENTRY_BYTES);
  left -= sizeOf([...asking, ...underWay], ID_BYTES);
  const end = asked.findIndex(([taskId]) => {
    left -= sizeOf([taskId], ENTRY_BYTES);
    return left < 0;
  });
  return Object.fromEntries(end < 0 ? asked : asked.slice(0, end));
}

export const lastApproved = (rounds: readonly Round[], stageId: string): Round | undefined =>
  latestOf(
    rounds.filter(
      (round) =>
        (round.state === 'APPROVED' || round.state === 'REVERTED') &&
        round.subject.kind === 'STAGE' &&
        round.subject.id === stageId,
    ),
  );
