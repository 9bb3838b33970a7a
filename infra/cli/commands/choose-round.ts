import { isLive, type Round, type Subject } from '../../../shared/approval/plan/round.ts';
import type { Snapshot } from '../../../shared/approval/plan/snapshot.ts';

/** The round that the user chose, as far as they did. */
interface RoundChoice {
  generation: number | undefined;
  subject: Subject | undefined;
}

/**
 * Finds the round to show. Each stage and each step numbers its own rounds. Default subject: the one with a live round,
 * else the issue's current stage, else the one of the newest round. Default generation: the latest.
 */
export function chooseRound(
  { issue, rounds }: Pick<Snapshot, 'issue' | 'rounds'>,
  { generation, subject }: RoundChoice,
): Round | undefined {
  const latestFirst = [...rounds].sort(
    (a, b) => b.requestedAt.localeCompare(a.requestedAt) || b.generation - a.generation,
  );
  const at = issue.kind === 'VALID' ? issue.record.currentStageId : undefined;
  const isHere = (round: Round) => round.subject.kind === 'STAGE' && round.subject.id === at;
  const usual = latestFirst.find(isLive) ?? latestFirst.find(isHere) ?? latestFirst[0];
  const wanted = subject ?? usual?.subject;
  return latestFirst.find(
    (round) =>
      round.subject.kind === wanted?.kind &&
      round.subject.id === wanted.id &&
      (generation === undefined || round.generation === generation),
  );
}
