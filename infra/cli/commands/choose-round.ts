import { isLive, type Round, type Subject } from '../../../shared/approval/plan/round.ts';
import type { Snapshot } from '../../../shared/approval/plan/snapshot.ts';

/** Which round is meant; what is absent was not said. */
export interface RoundChoice {
  generation: number | undefined;
  subject: Subject | undefined;
}

/**
 * Rounds are counted in each stage, and in each step, of their own. Without a subject: the one whose request is open,
 * else the stage at which the issue is, else the one asked last. Without `generation`: the latest.
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
