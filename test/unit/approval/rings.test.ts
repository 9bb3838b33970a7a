import { describe, expect, it } from 'vitest';
import { isRingingAtStage, planBell } from '../../../shared/approval/plan/bell.ts';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import type { IssueMemory } from '../../../shared/approval/plan/issue-memory.ts';
import { anIssue, aStage } from '../../support/issue.ts';
import { aRoundOf, aSnapshot } from '../../support/round.ts';

const RUNG_AT = '2026-03-01T08:00:00.000Z';
const minutesLater = (minutes: number) => new Date(Date.parse(RUNG_AT) + minutes * 60_000);
const CREATOR = 'creator@example.com';

/** An issue at A, which it reached when the bell was 2. The bell is 5 now. */
const issue = anIssue({
  stages: [aStage({ stageId: 'A' }), aStage({ stageId: 'B' })],
  currentStageId: 'A',
  bell: { seq: 5, rungBy: CREATOR, rungAt: RUNG_AT },
});
const memory: IssueMemory = { issueId: issue.issueId, stageId: 'A', arrival: 3, bellSeq: 2, life: 0 };
type Changed = Extract<Hint, { kind: 'RECORD_CHANGED' }>;
const recordChanged = (changes: Partial<Changed> = {}): Changed => ({
  kind: 'RECORD_CHANGED',
  issueId: issue.issueId,
  triggers: ['BELL'],
  ...changes,
});
const rang = (stageId: string, seq: number) => recordChanged({ rang: { stageId, seq } });
const due: Hint = { kind: 'DUE', issueId: issue.issueId, approvalIds: [] };

/** Returns the ring that is stored after these hints, or undefined if none is. */
function remembered(hints: Hint[], { now = minutesLater(0), record = issue, known = memory } = {}) {
  const action = planBell(aSnapshot(record, [], { memory: known }), hints, now);
  if (action?.do !== 'REMEMBER') return undefined;
  const { rung, ...others } = action.memory;
  const { rung: _, ...before } = known;
  expect(others).toEqual(before);
  return rung;
}

describe('a ring', () => {
  it.each<[name: string, hints: Hint[], rung: number | undefined]>([
    ['counts if a hint says that it was made at the present stage', [rang('A', 5)], 5],
    ['counts if a hint is of the ring before the last one', [rang('A', 4)], 4],
    ['does not count if it was made at another stage', [rang('B', 5)], undefined],
    ['does not count if it was made before the arrival', [rang('A', 2)], undefined],
    [
      'counts if one of several hints is of it',
      [recordChanged({ triggers: [] }), rang('B', 4), rang('A', 5)],
      5,
    ],
    ['counts if a hint of the previous version is of a ring', [recordChanged()], 5],
    ['does not count if no hint is of it', [recordChanged({ triggers: ['STATEMENT_CHANGED'] })], undefined],
    ['does not count because of a hint of the sweep', [due], undefined],
  ])('%s', (_, hints, rung) => {
    expect(remembered(hints)).toBe(rung);
  });

  it('is stored once', () => {
    expect(remembered([rang('A', 5)], { known: { ...memory, rung: 5 } })).toBeUndefined();
    expect(remembered([rang('A', 4)], { known: { ...memory, rung: 5 } })).toBeUndefined();
    expect(remembered([rang('A', 5)], { known: { ...memory, rung: 4 } })).toBe(5);
  });

  it.each([
    [9.99, undefined],
    [10, 5],
    [60, 5],
    [-9.99, undefined],
    [-10, 5],
  ])('counts after ten minutes if its hint is lost: %d minutes after the ring', (minutes, rung) => {
    expect(remembered([due], { now: minutesLater(minutes) })).toBe(rung);
  });

  it('does not count if a stranger made it', () => {
    const record = { ...issue, bell: { seq: 5, rungBy: 'stranger@example.com', rungAt: RUNG_AT } };
    expect(remembered([due], { record, now: minutesLater(60) })).toBeUndefined();
    expect(remembered([recordChanged()], { record })).toBeUndefined();
    // But their ring does not undo a ring of the creator.
    expect(remembered([rang('A', 4)], { record })).toBe(4);
  });

  it('does not count before the present stage is stored', () => {
    expect(remembered([rang('A', 5)], { known: { ...memory, stageId: 'B' } })).toBeUndefined();
    expect(planBell(aSnapshot(issue, [], { memory: undefined }), [rang('A', 5)], minutesLater(0))).toBe(
      undefined,
    );
    const invalid = { kind: 'INVALID', message: 'title: wrong', ours: {}, raw: {} } as const;
    expect(planBell(aSnapshot(issue, [], { memory, issue: invalid }), [rang('A', 5)], minutesLater(0))).toBe(
      undefined,
    );
  });
});

describe('whether the creator rings:', () => {
  it.each<[name: string, known: Partial<IssueMemory>, reported: number, seq: number, ringing: boolean]>([
    ['false if no ring was made at the stage', {}, 0, 5, false],
    ['true if one was made there', { rung: 4 }, 0, 5, true],
    ['false if it was made before the arrival', { rung: 4, bellSeq: 4 }, 0, 5, false],
    ['false if a round has counted it', { rung: 4 }, 4, 5, false],
    ['false if an old record has fewer rings, all counted', { rung: 4 }, 3, 3, false],
    ['true if an old record has fewer rings, one not counted', { rung: 4 }, 2, 3, true],
  ])('%s', (_, known, bellSeq, seq, ringing) => {
    const record = { ...issue, bell: { seq, rungBy: CREATOR, rungAt: RUNG_AT } };
    const rounds = [aRoundOf(record, { bellSeq })];
    expect(isRingingAtStage({ issue: record, rounds, memory: { ...memory, ...known } })).toBe(ringing);
  });
});
