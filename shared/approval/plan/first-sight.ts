import { taskHash } from '../../issue/content.ts';
import type { IssueRecord, Stage } from '../../issue/record.ts';
import type { Action, Sight } from './action.ts';
import { coverOf, ownEntry } from './cover.ts';
import { latestRound } from './latest-round.ts';
import { askedThatFits, lastApproved } from './reapproval.ts';
import { isLive, type Round } from './round.ts';
import { asMap, type WrittenBack } from './snapshot.ts';

/**
 * Rounds of a version that did not keep which tasks had asked take those that ask at first sight, so that an upgrade
 * sends nothing anew and puts nothing back that the version before left alone. Of a closed issue only what would be put
 * back otherwise is written down.
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
      .map((round) => ({ round, left: round === approving ? keptPending(stage, round, entry) : {} }))
      .filter(({ left }) => record.status === 'OPEN' || Object.keys(left).length > 0)
      .map(({ round, left }) => sightOf(round, stage, left));
  });
  return sights.length > 0 ? [{ do: 'FIRST_SIGHT', sights }] : [];
}

/** Of an open card it counts what is approved already: the approval would put it back otherwise. */
function sightOf(round: Round, stage: Stage, left: Record<string, string>): Sight {
  const { asking, underWay } = isLive(round)
    ? coverOf(stage)
    : { ...coverOf(stage), underWay: round.underWay };
  const asked = askedThatFits(Object.entries({ ...round.asked, ...left }), { ...round, asking, underWay });
  return { approvalId: round.approvalId, asking, underWay, asked };
}

/** Tasks that joined the stage as PENDING after its approval: the version before left them as they were. */
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
