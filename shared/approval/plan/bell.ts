import type { IssueRecord } from '../../issue/record.ts';
import { creatorsRing } from '../../issue/triggers.ts';
import type { Action } from './action.ts';
import type { Hint } from './hint.ts';
import type { IssueMemory } from './issue-memory.ts';
import type { Round, Subject } from './round.ts';
import type { Hints, Snapshot } from './snapshot.ts';

/** Which rings of the bell count (docs/design.md 2.4). Pure. */

/**
 * Returns the highest `bell.seq` that rounds have answered; a higher ring may count. For a step, the rounds of all
 * subjects answer rings. For a stage, only rounds of stages do: a ring that made the product ask the OA again still
 * counts for the stage that follows (ADR 12).
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

/** Whether the creator has rung since the last round of the issue was opened. */
export const isRingingAtStep = ({ issue, rounds }: Belled): boolean =>
  creatorsRing(issue) > answeredRings(rounds, 'STEP');

/**
 * Whether the creator has rung since the last round of a stage was opened and since the issue came to its stage. A
 * stored ring above the `bell.seq` of the record belongs to a record that Frabit has replaced by an older one.
 */
export const isRingingAtStage = ({
  issue,
  rounds,
  memory,
}: Belled & { memory: IssueMemory | undefined }): boolean =>
  Math.min(memory?.rung ?? 0, issue.bell?.seq ?? 0) >
  Math.max(answeredRings(rounds, 'STAGE'), memory?.bellSeq ?? 0);

/** After this time, a ring that no hint has reported counts at the present stage: its hint is lost. */
const REPORTED_WITHIN_MS = 10 * 60_000;

/**
 * Returns the action that stores a ring of the creator at the present stage. The record does not say where its bell
 * was rung, and it may be newer than the hints. A ring made at another stage, before the issue came back, looks the
 * same as one made here. So a ring counts only after a hint has reported where it was made.
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
  // Hints of the previous version report a ring without its stage.
  return triggers.includes('BELL') ? creatorsRing(issue) : 0;
}

function overdueRing(issue: IssueRecord, now: Date): number {
  const age = now.getTime() - Date.parse(issue.bell?.rungAt ?? '');
  // A time far in the future comes from a wrong clock, and counts as old.
  return Math.abs(age) >= REPORTED_WITHIN_MS ? creatorsRing(issue) : 0;
}
