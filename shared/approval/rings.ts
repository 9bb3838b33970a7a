import type { IssueRecord } from '../issue/record.ts';
import { creatorsRing } from '../issue/triggers.ts';
import type { IssueMemory, Round } from './round.ts';

/** The bell (DESIGN, "The bell"): which ring counts. Pure. */

/** The highest ring any round of the issue knows of; a higher one may count. */
export const heardRings = (rounds: readonly Round[]): number =>
  rounds.reduce((highest, round) => Math.max(highest, round.bellSeq), 0);

interface Belled {
  issue: IssueRecord;
  /** All rounds of the issue, of every subject. */
  rounds: readonly Round[];
}

/** Whether the creator rang since the last round of the issue was opened. */
export const isRinging = ({ issue, rounds }: Belled): boolean => creatorsRing(issue) > heardRings(rounds);

/** Whether they did so since the issue came to its stage. */
export const isRingingAtStage = ({
  issue,
  rounds,
  memory,
}: Belled & { memory: IssueMemory | undefined }): boolean =>
  isRinging({ issue, rounds }) && creatorsRing(issue) > (memory?.bellSeq ?? 0);
