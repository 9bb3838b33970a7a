import { describe, expect, it } from 'vitest';
import { isRingingAtStage, planBell } from '../../../shared/approval/plan/bell.ts';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import type { IssueMemory } from '../../../shared/approval/plan/issue-memory.ts';
import { anIssue, aStage } from '../../support/issue.ts';
import { aRoundOf, aSnapshot } from '../../support/round.ts';

const RUNG_AT = '2026-03-01T08:00:00.000Z';
const minutesLater = (minutes: number) => new Date(Date.parse(RUNG_AT) + minutes * 60_000);
const CREATOR = 'creator@example.com';

/** At A, where it arrived when the bell stood at 2; by now it was rung for the fifth time. */
const issue = anIssue({
  stages: [aStage({ stageId: 'A' }), aStage({ stageId: 'B' })],
  currentStageId: 'A',
  bell: { seq: 5, rungBy: CREATOR, rungAt: RUNG_AT },
});
const memory: IssueMemory = { issueId: issue.issueId, stageId: 'A', arrival: 3, bellSeq: 2, life: 0 };
type Changed = Extract<Hint, { kind: 'RECORD_CHANGED' }>;
const told = (changes: Partial<Changed> = {}): Changed => ({
  kind: 'RECORD_CHANGED',
  issueId: issue.issueId,
  triggers: ['BELL'],
  ...changes,
});
const rang = (stageId: string, seq: number) => told({ rang: { stageId, seq } });
const due: Hint = { kind: 'DUE', issueId: issue.issueId, approvalIds: [] };

/** The ring that is remembered then; undefined: nothing is. */
function remembered(hints: Hint[], { now = minutesLater(0), record = issue, known = memory } = {}) {
  const step = planBell(aSnapshot(record, [], { memory: known }), hints, now);
  if (step?.do !== 'REMEMBER') return undefined;
  const { rung, ...others } = step.memory;
  const { rung: _, ...before } = known;
  expect(others).toEqual(before);
  return rung;
}

describe('a ring counts once it is known that it was made at the stage', () => {
  it.each<[name: string, hints: Hint[], rung: number | undefined]>([
    ['a hint tells that it was made here', [rang('A', 5)], 5],
    ['one tells of a ring before the last', [rang('A', 4)], 4],
    ['one tells that it was made elsewhere', [rang('B', 5)], undefined],
    ['one tells of a ring of before the arrival', [rang('A', 2)], undefined],
    ['one of several tells of it', [told({ triggers: [] }), rang('B', 4), rang('A', 5)], 5],
    ['a hint of the version before says that the bell was rung', [told()], 5],
    ['nothing tells of it', [told({ triggers: ['STATEMENT_CHANGED'] })], undefined],
    ['the sweep looks', [due], undefined],
  ])('%s', (_, hints, rung) => {
    expect(remembered(hints)).toBe(rung);
  });

  it('is written down once', () => {
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
  ])('or after ten minutes, for its hint is lost: %d minutes after its time', (minutes, rung) => {
    expect(remembered([due], { now: minutesLater(minutes) })).toBe(rung);
  });

  it('unless a stranger rang', () => {
    const record = { ...issue, bell: { seq: 5, rungBy: 'stranger@example.com', rungAt: RUNG_AT } };
    expect(remembered([due], { record, now: minutesLater(60) })).toBeUndefined();
    expect(remembered([told()], { record })).toBeUndefined();
    // But their ring does not take the creator's away.
    expect(remembered([rang('A', 4)], { record })).toBe(4);
  });

  it('is not looked at before it is remembered where the issue is', () => {
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

describe('whether the creator rings', () => {
  it.each<[name: string, known: Partial<IssueMemory>, reported: number, seq: number, ringing: boolean]>([
    ['no ring is known to be made here', {}, 0, 5, false],
    ['one is', { rung: 4 }, 0, 5, true],
    ['it was made before the arrival', { rung: 4, bellSeq: 4 }, 0, 5, false],
    ['a round has heard it', { rung: 4 }, 4, 5, false],
    ['an old record is back, which knows fewer rings', { rung: 4 }, 3, 3, false],
    ['and one of those was not heard', { rung: 4 }, 2, 3, true],
  ])('%s', (_, known, bellSeq, seq, ringing) => {
    const record = { ...issue, bell: { seq, rungBy: CREATOR, rungAt: RUNG_AT } };
    const rounds = [aRoundOf(record, { bellSeq })];
    expect(isRingingAtStage({ issue: record, rounds, memory: { ...memory, ...known } })).toBe(ringing);
  });
});
