import { describe, expect, it } from 'vitest';
import type { IssueMemory, PastRange } from '../../../shared/approval/plan/issue-memory.ts';
import { planPast, separatePast } from '../../../shared/approval/plan/past-rounds.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import type { Snapshot } from '../../../shared/approval/plan/snapshot.ts';
import { anIssue } from '../../support/issue.ts';
import { anOaStep, aRoundOf, aSnapshot, aStepRoundOf } from '../../support/round.ts';

const issue = anIssue({ approvalFlow: { steps: [anOaStep()] } });
const STAGE = { kind: 'STAGE', id: 'stage-1' } as const;

/** A closed round of the stage, with no work left. */
function closed(generation: number, changes: Partial<Round> = {}): Round {
  const { checkAfter: _, ...round } = aRoundOf(issue, { approvalId: `round-${generation}` });
  return { ...round, generation, state: 'WITHDRAWN', closeReason: 'SUPERSEDED', ...changes };
}
const upTo = (last: number): Round[] => Array.from({ length: last }, (_, place) => closed(place + 1));

const keptOf = (rounds: readonly Round[], ...named: string[]): number[] =>
  separatePast(rounds, new Set(named)).rounds.map(({ generation }) => generation);

describe('a round is needed', () => {
  it('when it is the last of its subject, whatever its state', () => {
    expect(keptOf(upTo(5))).toEqual([5]);
  });

  it('when it is the last of any subject', () => {
    const ofStep = aStepRoundOf(issue, { generation: 2, state: 'APPROVED', checkAfter: undefined });
    expect(keptOf([...upTo(3), { ...ofStep, generation: 1, state: 'REJECTED' }, ofStep])).toEqual([3, 2]);
  });

  it.each<[string, Partial<Round>]>([
    ['is live', { state: 'PENDING' }],
    ['has a time to be looked at', { checkAfter: '2099-01-01T00:00:00.000Z' }],
    ['has a leftover to be closed', { settle: { what: 'UNKNOWN', tries: 0 } }],
    ['has a comment to be added', { remarks: ['WITHDRAWN'] }],
    ['has missed events', { missed: ['APPROVED'] }],
    ['approved its stage last', { state: 'APPROVED' }],
    ['approved its stage last and was revoked', { state: 'REVERTED' }],
    ['counted the highest ring before an old record was written', { bellSeq: 9 }],
  ])('while it %s', (_, changes) => {
    expect(keptOf([closed(1), closed(2, changes), closed(3), closed(4)])).toEqual([2, 4]);
  });

  it('while its state is unknown to this version', () => {
    const unknown = { ...closed(2), state: 'PAUSED' } as unknown as Round;
    expect(keptOf([closed(1), unknown, closed(3), closed(4)])).toEqual([2, 4]);
  });

  it('only until its stage is approved again', () => {
    expect(keptOf([closed(1, { state: 'APPROVED' }), closed(2, { state: 'APPROVED' }), closed(3)])).toEqual([
      2, 3,
    ]);
  });

  it('only until a later round counts its ring, too', () => {
    expect(keptOf([closed(1, { bellSeq: 9 }), closed(2), closed(3, { bellSeq: 9 })])).toEqual([3]);
  });

  it('for the highest ring that a stage counted, even if a step counted a higher one', () => {
    const step = aStepRoundOf(issue, { bellSeq: 7, checkAfter: undefined, state: 'APPROVED' });
    expect(keptOf([closed(1, { bellSeq: 5 }), closed(2), step])).toEqual([1, 2, 1]);
  });

  it('when a hint names it', () => {
    expect(keptOf(upTo(4), 'round-2')).toEqual([2, 4]);
  });

  it('in the same way, whether rounds are read in one page or in many', () => {
    const rounds = [
      closed(1, { bellSeq: 9 }),
      closed(2, { state: 'APPROVED', bellSeq: 9 }),
      closed(3, { bellSeq: 2 }),
      closed(4, { state: 'APPROVED', bellSeq: 3 }),
      closed(5, { settle: { what: 'OPEN', tries: 1 } }),
      closed(6, { bellSeq: 1 }),
    ];
    let paged: Round[] = [];
    for (const round of rounds) paged = separatePast([...paged, round], new Set()).rounds;
    expect(paged.map(({ generation }) => generation)).toEqual(keptOf(rounds));
  });
});

describe('the past rounds are stored', () => {
  /** Returns the snapshot as it is read: without rounds that are past by `all` and by the memory. */
  function read(all: readonly Round[], past: PastRange[] | undefined, ...named: string[]): Snapshot {
    const isSkipped = ({ generation, approvalId }: Round) =>
      !named.includes(approvalId) && past?.some(({ from, to }) => from <= generation && generation <= to);
    const memory: IssueMemory = { issueId: 'issue-1', stageId: 'stage-1', arrival: 1, bellSeq: 0, life: 0 };
    return aSnapshot(issue, [], {
      ...separatePast(
        all.filter((round) => !isSkipped(round)),
        new Set(named),
      ),
      memory: { ...memory, ...(past && { past }) },
    });
  }
  function planned(...of: Parameters<typeof read>): [from: number, to: number][] | undefined {
    const action = planPast(read(...of));
    return action?.do === 'REMEMBER' ? action.memory.past?.map(({ from, to }) => [from, to]) : undefined;
  }
  const range = (from: number, to: number): PastRange => ({ subject: STAGE, from, to });

  it('as one range up to the latest round', () => {
    expect(planned(upTo(10), undefined)).toEqual([[1, 9]]);
  });

  it('as ranges around the rounds that are needed', () => {
    const rounds = upTo(20).with(9, closed(10, { state: 'APPROVED' }));
    expect(planned(rounds, undefined)).toEqual([
      [1, 9],
      [11, 19],
    ]);
  });

  it('only once this saves a read unit', () => {
    expect(planned(upTo(3), undefined)).toBeUndefined();
    expect(planned(upTo(6), undefined)).toEqual([[1, 5]]);
  });

  it('at once if the rounds are large', () => {
    const content = 'x'.repeat(10_000);
    expect(planned([closed(1, { content }), closed(2)], undefined)).toEqual([[1, 1]]);
  });

  it('only once', () => {
    expect(planned(upTo(10), [range(1, 9)])).toBeUndefined();
    expect(planned(upTo(11), [range(1, 9)])).toBeUndefined();
    expect(planned(upTo(15), [range(1, 9)])).toEqual([[1, 14]]);
  });

  it('again when a past round gets work, and again when that work is done', () => {
    const open = upTo(10).with(3, closed(4, { settle: { what: 'OPEN', tries: 0 } }));
    expect(planned(open, [range(1, 9)], 'round-4')).toEqual([
      [1, 3],
      [5, 9],
    ]);
    expect(planned(open, [range(1, 3), range(5, 9)])).toBeUndefined();
    expect(planned(upTo(16), [range(1, 3), range(5, 9)])).toEqual([[1, 15]]);
  });

  it('unchanged when a hint only names a past round', () => {
    expect(planned(upTo(10), [range(1, 9)], 'round-4')).toBeUndefined();
  });

  it('only after the issue was seen', () => {
    expect(planPast({ ...read(upTo(10), undefined), memory: undefined })).toBeUndefined();
  });

  it('with the ranges of subjects that are left alone', () => {
    const other: PastRange = { subject: { kind: 'STAGE', id: 'stage-9' }, from: 1, to: 3 };
    const action = planPast(read(upTo(10), [other]));
    expect(action).toMatchObject({ memory: { past: [other, range(1, 9)] } });
  });
});
