import type { IssueRecord } from '../../issue/record.ts';
import { creatorsRing } from '../../issue/triggers.ts';
import type { Action } from './action.ts';
import type { Hint } from './hint.ts';
import type { IssueMemory } from './issue-memory.ts';
import type { Round, Subject } from './round.ts';
import type { Hints, Snapshot } from './snapshot.ts';

/** The bell (docs/design.md 2.4): which ring counts. Pure. */

/**
 * The highest ring that was heard; a higher one may count. A step hears what any round of the issue has heard; a stage
 * only what stages have: a ring that had the OA asked again is still one for the stage behind it (ADR 12).
 */
export const answeredRings = (rounds: readonly Round[], by: Subject['kind']): number =>
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
  creatorsRing(issue) > answeredRings(rounds, 'STEP');

/**
 * Whether they did so since the last round of a stage was opened, and since the issue came to its stage. A ring above
 * the record's own is of a record that is gone: Frabit has put an old one back.
 */
export const isRingingAtStage = ({
  issue,
  rounds,
  memory,
}: Belled & { memory: IssueMemory | undefined }): boolean =>
  Math.min(memory?.rung ?? 0, issue.bell?.seq ?? 0) >
  Math.max(answeredRings(rounds, 'STAGE'), memory?.bellSeq ?? 0);

/** A ring that no hint has told of for so long counts where the issue is: the hint is lost. */
const REPORTED_WITHIN_MS = 10 * 60_000;

/**
 * What to remember: the creator has rung at the stage. The record does not say where its bell was rung, and may be ahead
 * of the hints: a ring that was made at another stage, before the issue came back, looks like one that was made here.
 * So a ring counts once a hint has told where it was made.
 */
export function planBell({ issue, memory }: Snapshot, hints: Hints, now: Date): Action | undefined {
  if (issue.kind !== 'VALID' || !memory || memory.stageId !== issue.record.currentStageId) return undefined;
  const rung = Math.max(
    0,
    ...hints.map((hint) => reportedRing(hint, issue.record)),
    overdueRing(issue.record, now),
  );
  const known = Math.max(memory.rung ?? 0, memory.bellSeq);
  return rung > known ? { do: 'REMEMBER', memory: { ...memory, rung } } : undefined;
}

function reportedRing(hint: Hint, issue: IssueRecord): number {
  if (hint.kind !== 'RECORD_CHANGED') return 0;
  const { rang, triggers } = hint;
  if (rang) return rang.stageId === issue.currentStageId ? rang.seq : 0;
  // The version before said that the bell was rung, and not where.
  return triggers.includes('BELL') ? creatorsRing(issue) : 0;
}

function overdueRing(issue: IssueRecord, now: Date): number {
  const age = now.getTime() - Date.parse(issue.bell?.rungAt ?? '');
  // A time far ahead comes from a wrong clock.
  return Math.abs(age) >= REPORTED_WITHIN_MS ? creatorsRing(issue) : 0;
}
