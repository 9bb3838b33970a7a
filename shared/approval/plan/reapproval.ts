import { isDeepStrictEqual } from 'node:util';
import { taskHash } from '../../issue/content-hash.ts';
import type { IssueRecord, Stage } from '../../issue/record.ts';
import type { Action } from './action.ts';
import { ownEntry } from './cover.ts';
import { latestOf } from './latest-round.ts';
import type { Round } from './round.ts';
import { asMap, type WrittenBack } from './snapshot.ts';

/**
 * Returns the actions for stages that were approved through this product. There, no task may be ready to run without
 * an approval of exactly this task (docs/contract.md 1, Frabit's duties). A PENDING task without an approval is set
 * back to PENDING_APPROVAL. A task is approved if one of these holds: its hash is its entry in `approvedTasks`; the
 * last approved card showed exactly this hash as approved before; or the task was seen asking with this hash since
 * then, so Frabit itself has approved it.
 */
export function planReapproval(record: IssueRecord, ours: WrittenBack, rounds: readonly Round[]): Action[] {
  const approved = asMap(ours.approvedTasks);
  return record.stages.flatMap((stage) => {
    const round = lastApproved(rounds, stage.stageId);
    return round ? planStageReapproval(stage, round, asMap(ownEntry(approved, stage.stageId))) : [];
  });
}

/**
 * Returns the actions for stages of an open issue whose approving round may have expired (ADR 22). What that round
 * knew is lost, so a task at PENDING is approved only if its hash is its entry in `approvedTasks`.
 */
export function planReapprovalWithoutRound(
  { status, stages }: IssueRecord,
  ours: WrittenBack,
  rounds: readonly Round[],
): Action[] {
  if (status !== 'OPEN') return [];
  const approved = asMap(ours.approvedTasks);
  return stages
    .filter(({ stageId }) => ownEntry(approved, stageId) !== undefined && !lastApproved(rounds, stageId))
    .flatMap(({ stageId, tasks }): Action[] => {
      const entry = asMap(ownEntry(approved, stageId));
      const unapproved = tasks.filter(
        (task) => task.status === 'PENDING' && ownEntry(entry, task.taskId) !== taskHash(task),
      );
      const taskIds = unapproved.map(({ taskId }) => taskId);
      return taskIds.length > 0 ? [{ do: 'REQUIRE_APPROVAL', stageId, taskIds }] : [];
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
  // A task that asked and was then removed or changed does not count as approved in Frabit when it comes back.
  const unchanged = Object.entries(round.asked).filter(([taskId, hash]) =>
    tasks.some((task) => task.taskId === taskId && task.hash === hash),
  );
  const asked = askedThatFits(
    [...unchanged, ...asking.map(({ taskId, hash }) => [taskId, hash] as const)],
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

/**
 * The most bytes for the lists of a round. Its item has at most 400 KB; the rest is for a decision, people and forms.
 */
const MAX_LISTS_BYTES = 384 * 1024;
/** Bytes of a task hash, with DynamoDB's own bytes for an entry. */
const ENTRY_BYTES = 68;
/** DynamoDB's own bytes for an id in a list. */
const ID_BYTES = 4;

/**
 * Returns as many of the tasks that asked as the round has room for beside its other lists. A thousand tasks with
 * long ids may not fit. A task that is left out counts as never seen asking, so it is set back when it is PENDING.
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

/** Returns the latest round that approved a stage; an approval that was revoked later counts too. */
export const lastApproved = (rounds: readonly Round[], stageId: string): Round | undefined =>
  latestOf(
    rounds.filter(
      (round) =>
        (round.state === 'APPROVED' || round.state === 'REVERTED') &&
        round.subject.kind === 'STAGE' &&
        round.subject.id === stageId,
    ),
  );
