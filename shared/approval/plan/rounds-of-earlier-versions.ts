import { taskHash } from '../../issue/content-hash.ts';
import type { IssueRecord, Stage } from '../../issue/record.ts';
import type { Action, Sight } from './action.ts';
import { coverOf, ownEntry } from './cover.ts';
import { latestRound } from './latest-round.ts';
import { askedThatFits, lastApproved } from './reapproval.ts';
import { isLive, type Round } from './round.ts';
import { asMap, type WrittenBack } from './snapshot.ts';

/**
 * Returns the action for rounds of an earlier version, which did not store the tasks that asked: they store the tasks
 * that ask now. So an upgrade sends nothing again, and sets back no task that the earlier version left alone. For an
 * issue that is not OPEN, it is stored only if a task would be set back otherwise.
 */
export function planFirstSight(record: IssueRecord, ours: WrittenBack, rounds: readonly Round[]): Action[] {
  const approved = asMap(ours.approvedTasks);
  const sights = record.stages.flatMap((stage) => {
    const approving = lastApproved(rounds, stage.stageId);
    const current = latestRound(rounds, { kind: 'STAGE', id: stage.stageId });
    const entry = asMap(ownEntry(approved, stage.stageId));
    return [...new Set([current, approving])]
      .filter((round) => round !== undefined)
      .filter((round) => round.asking === undefined)
      .map((round) => ({ round, keptTasks: round === approving ? keptPending(stage, round, entry) : {} }))
      .filter(({ keptTasks }) => record.status === 'OPEN' || Object.keys(keptTasks).length > 0)
      .map(({ round, keptTasks }) => sightOf(round, stage, keptTasks));
  });
  return sights.length > 0 ? [{ do: 'FIRST_SIGHT', sights }] : [];
}

/**
 * For an open card, tasks that are already approved count as approved before. Otherwise its approval would set them
 * back.
 */
function sightOf(round: Round, stage: Stage, keptTasks: Record<string, string>): Sight {
  const { asking, underWay } = isLive(round)
    ? coverOf(stage)
    : { ...coverOf(stage), underWay: round.underWay };
  const asked = askedThatFits(Object.entries({ ...round.asked, ...keptTasks }), {
    ...round,
    asking,
    underWay,
  });
  return { approvalId: round.approvalId, asking, underWay, asked };
}

/**
 * Returns the tasks that were added to the stage as PENDING after its approval, by task hash. The earlier version
 * left them as they were.
 */
const keptPending = (
  { tasks }: Stage,
  round: Round,
  entry: Readonly<Record<string, unknown>>,
): Record<string, string> =>
  Object.fromEntries(
    tasks
      .filter(({ taskId, status }) => status === 'PENDING' && ownEntry(round.tasks, taskId) === undefined)
      .map((task) => [task.taskId, taskHash(task)] as const)
      .filter(([taskId, hash]) => ownEntry(entry, taskId) !== hash),
  );
