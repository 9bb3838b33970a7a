import type { IssueRecord } from '../issue/record.ts';
import { creatorsRing } from '../issue/triggers.ts';
import type { IssueMemory, Round, Subject } from './round.ts';

/** The bell (DESIGN, "The bell"): which ring counts. Pure. */

/**
 * The highest ring any round of this kind knows of; a higher one may count. A ring that had the OA asked again has not
 * been heard by the stages behind it (ADR 12).
 */
export const heardRings = (rounds: readonly Round[], kind: Subject['kind']): number =>
  rounds
    .filter(({ subject }) => subject.kind === kind)
    .reduce((highest, round) => Math.max(highest, round.bellSeq), 0);

interface Belled {
  issue: IssueRecord;
  /** All rounds of the issue, of every subject. */
  rounds: readonly Round[];
}

/** Whether the creator rang since the last round of a step was opened. */
export const isRingingAtStep = ({ issue, rounds }: Belled): boolean =>
  creatorsRing(issue) > heardRings(rounds, 'STEP');

/** Whether they did so since the last round of a stage was opened, and since the issue came to its stage. */
export const isRingingAtStage = ({
  issue,
  rounds,
  memory,
}: Belled & { memory: IssueMemory | undefined }): boolean =>
  creatorsRing(issue) > Math.max(heardRings(rounds, 'STAGE'), memory?.bellSeq ?? 0);
