import { taskHash } from '../issue/content.ts';
import type { IssueRecord, Stage } from '../issue/record.ts';
import { coverOf, ownEntry } from './cover.ts';
import { currentRound } from './current.ts';
import { lastApproved } from './demands.ts';
import type { Step } from './plan.ts';
import type { Round } from './round.ts';
import { asMap, type WrittenBack } from './snapshot.ts';

/**
 * Rounds of a version that did not keep which tasks had asked take those that ask at first sight, so that an upgrade
 * sends nothing anew and puts nothing back that the version before left alone.
 */
export function planFirstSight(record: IssueRecord, ours: WrittenBack, rounds: readonly Round[]): Step[] {
  if (record.status !== 'OPEN') return [];
  const approved = asMap(ours.approvedTasks);
  return record.stages.flatMap((stage) => {
    const approving = lastApproved(rounds, stage.stageId);
    const current = currentRound(rounds, { kind: 'STAGE', id: stage.stageId });
    const entry = asMap(ownEntry(approved, stage.stageId));
    return [...new Set([current, approving])]
      .filter((round) => round !== undefined)
      .filter((round) => round.asking === undefined)
      .map((round): Step => {
        const { asking } = coverOf(stage);
        const asked =
          round === approving ? { ...round.asked, ...leftAlone(stage, round, entry) } : round.asked;
        return { do: 'FIRST_SIGHT', approvalId: round.approvalId, asking, asked };
      });
  });
}

/** Tasks that joined the stage as PENDING after its approval: the version before left them as they were. */
const leftAlone = (
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
