import type { IssueRecord } from '../issue/record.ts';
import { creatorsRing } from '../issue/triggers.ts';
import type { IssueMemory } from './issue-memory.ts';
import type { Round, Subject } from './round.ts';

/** The bell (DESIGN, "The bell"): which ring counts. Pure. */

/**
 * The highest ring that was heard; a higher one may count. A step hears what any round of the issue has heard; a stage
 * only what stages have: a ring that had the OA asked again is still one for the stage behind it (ADR 12).
 */
export const heardRings = (rounds: readonly Round[], by: Subject['kind']): number =>
  rounds
    .filter(({ subject }) => by === 'STEP' || subject.kind === 'STAGE')
    .reduce((highest, round) => Math.max(highest, round.bellSeq), 0);

interface Belled {
  issue: IssueRecord;
  /** All rounds of the issue, of every subject. */
  rounds: readonly Round[];
}

/** Whether the creator rang since the last round of the issue was opened. */
export const isRingingAtStep = ({ issue, rounds }: Belled): boolean =>
  creatorsRing(issue) > heardRings(rounds, 'STEP');

/** Whether they did so since the last round of a stage was opened, and since the issue came to its stage. */
export const isRingingAtStage = ({
  issue,
  rounds,
  memory,
}: Belled & { memory: IssueMemory | undefined }): boolean =>
  creatorsRing(issue) > Math.max(heardRings(rounds, 'STAGE'), memory?.bellSeq ?? 0);
