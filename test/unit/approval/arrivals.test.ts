import { describe, expect, it } from 'vitest';
import type { IssueMemory } from '../../../shared/approval/plan/issue-memory.ts';
import { plan } from '../../../shared/approval/plan/plan.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import type { Snapshot } from '../../../shared/approval/plan/snapshot.ts';
import { type Arrived, anArrival, anArrivalHint, STREAM } from '../../support/arrival-hint.ts';
import { anIssue, aStage } from '../../support/issue.ts';
import { aNewerRound, aNewerSnapshot } from '../../support/newer-version.ts';
import { anOaStep, aRoundOf, aSnapshot, aStepRoundOf } from '../../support/round.ts';

const NOW = new Date('2026-03-01T08:01:00.000Z');
const OTHER_STREAM = STREAM.replace('08:00', '09:00');
const BELL = 7;

/** An issue of two stages that is at A. Its bell has been rung seven times. */
const issue = anIssue({
  stages: [aStage({ stageId: 'A' }), aStage({ stageId: 'B' })],
  currentStageId: 'A',
  bell: { seq: BELL, rungBy: 'creator@example.com', rungAt: '2026-03-01T08:00:30Z' },
});
const INVALID = { kind: 'INVALID', message: 'title: wrong', ours: {}, raw: {} } as const;
const ABSENT = { kind: 'ABSENT' } as const;

/** The issue is at A since its fourth arrival, whose hint had the number 100 and the bell 5. */
const numbered: IssueMemory = {
  issueId: issue.issueId,
  stageId: 'A',
  arrival: 4,
  bellSeq: 5,
  life: 0,
  highest: { [STREAM]: '100' },
  numberedBy: STREAM,
};
const { numberedBy: _, ...unnumbered } = numbered;
const { highest: __, ...ofPreviousVersion } = unnumbered;

const elsewhere = (arrived: Arrived): Arrived => ({ ...arrived, streamArn: OTHER_STREAM });
const withoutNumber = ({ stageId, bellSeq }: Arrived): Arrived => ({ stageId, bellSeq });

/** Returns the memory that the plan stores after these hints, or undefined if it stays as it is. */
function remembered(
  memory: IssueMemory | undefined,
  arrivals: Arrived[],
  changes: Partial<Snapshot> = {},
  rounds: Round[] = [],
): IssueMemory | undefined {
  const hints = arrivals.map((arrived) => anArrivalHint(issue.issueId, arrived));
  const [action] = plan(aSnapshot(issue, rounds, { ...changes, memory }), NOW, hints);
  return action?.do === 'REMEMBER' ? action.memory : undefined;
}

type Row = [name: string, arrived: Arrived | undefined, changes: Partial<IssueMemory> | undefined];
const at = (number: number | string) => ({ highest: { [STREAM]: String(number) } });

describe('an issue that is still at its stage and whose arrival has a number (docs/lessons.md 40 and 41)', () => {
  const ANEW = { arrival: 5 };
  it.each<Row>([
    ['stays as it is without a hint', undefined, undefined],
    ['ignores the same hint again', anArrival('A', 100, 5), undefined],
    ['ignores the same number with leading zeros', anArrival('A', '0100', 5), undefined],
    ['ignores a lower number, which is late', anArrival('A', 99, 3), undefined],
    ['ignores a lower number that is higher as a text', anArrival('A', '99', 3), undefined],
    [
      'has a new arrival if the number is higher',
      anArrival('A', 101, 6),
      { ...ANEW, ...at(101), bellSeq: 6 },
    ],
    [
      'has a new arrival if the number is higher but lower as a text',
      anArrival('A', 1000, 6),
      { ...ANEW, ...at(1000), bellSeq: 6 },
    ],
    [
      'has a new arrival if the number is too large for a double',
      anArrival('A', `${'9'.repeat(39)}1`, 6),
      { ...ANEW, ...at(`${'9'.repeat(39)}1`), bellSeq: 6 },
    ],
    [
      'has a new arrival if the number is higher at another stage: the issue was there and returned',
      anArrival('B', 101, 6),
      { ...ANEW, ...at(101), bellSeq: BELL, numberedBy: undefined },
    ],
    ['ignores a lower number at another stage', anArrival('B', 99, 3), undefined],
    ['ignores a hint of the previous version', withoutNumber(anArrival('A', 0, 3)), undefined],
    ['ignores an invalid number', anArrival('A', '12x', 3), undefined],
    [
      'ignores a hint of the previous version of another stage',
      withoutNumber(anArrival('B', 0, 3)),
      undefined,
    ],
    [
      'takes the number of another stream, without a bell',
      elsewhere(anArrival('A', 1, 2)),
      { highest: { [STREAM]: '100', [OTHER_STREAM]: '1' }, numberedBy: OTHER_STREAM },
    ],
    [
      'stores only the number of another stage in another stream',
      elsewhere(anArrival('B', 1, 2)),
      { highest: { [STREAM]: '100', [OTHER_STREAM]: '1' } },
    ],
  ])('%s', (_name, arrived, changes) => {
    const expected = changes && { ...numbered, ...changes };
    expect(remembered(numbered, arrived ? [arrived] : [])).toEqual(expected);
  });

  it('distinguishes two numbers that are equal as doubles', () => {
    const [low, high] = ['9007199254740992', '9007199254740993'];
    const memory = { ...numbered, ...at(low) };
    expect(remembered(memory, [anArrival('A', high)])).toMatchObject({ arrival: 5 });
    expect(remembered({ ...numbered, ...at(high) }, [anArrival('A', low)])).toBeUndefined();
  });
});

it('the rings at the previous stage are forgotten when the issue arrives at another one', () => {
  const before = { ...numbered, stageId: 'B', rung: BELL };
  expect(remembered(before, [anArrival('A', 101, BELL - 1)])).not.toHaveProperty('rung');
  expect(remembered({ ...numbered, rung: BELL }, [anArrival('A', 101, BELL - 1)])).toMatchObject({
    rung: BELL,
  });
});

describe('an arrival that was seen before its hint', () => {
  it.each<Row>([
    [
      'takes the number and the bell from the hint',
      anArrival('A', 101, 4),
      { ...at(101), numberedBy: STREAM, bellSeq: 4 },
    ],
    ['does not take a higher bell', anArrival('A', 101, 6), { ...at(101), numberedBy: STREAM }],
    ['takes nothing from a late hint', anArrival('A', 99, 4), undefined],
    ['takes nothing from a hint without a number', withoutNumber(anArrival('A', 0, 4)), undefined],
    ['stores a number of another stage', anArrival('B', 101, 4), at(101)],
    [
      'takes the number of a new stream, without a bell',
      elsewhere(anArrival('A', 1, 4)),
      { highest: { [STREAM]: '100', [OTHER_STREAM]: '1' }, numberedBy: OTHER_STREAM },
    ],
  ])('%s', (_name, arrived, changes) => {
    const expected = changes && { ...unnumbered, ...changes };
    expect(remembered(unnumbered, arrived ? [arrived] : [])).toEqual(expected);
  });

  it('takes number and bell if the previous version stored the memory', () => {
    expect(remembered(ofPreviousVersion, [anArrival('A', 9, 4)])).toEqual({
      ...ofPreviousVersion,
      ...at(9),
      numberedBy: STREAM,
      bellSeq: 4,
    });
  });

  it('does not take a bell if its number is from another stream', () => {
    const both = { highest: { [STREAM]: '100', [OTHER_STREAM]: '1' }, numberedBy: OTHER_STREAM };
    expect(remembered({ ...numbered, ...both }, [anArrival('A', 101, 2)])).toEqual({
      ...numbered,
      highest: { [STREAM]: '101', [OTHER_STREAM]: '1' },
    });
  });

  it('does not take a bell that a round has counted already', () => {
    const reported = aRoundOf(issue, { state: 'REJECTED', arrival: 4, bellSeq: 5 });
    expect(remembered(unnumbered, [anArrival('A', 101, 4)], {}, [reported])).toMatchObject({ bellSeq: 5 });
    const joined = aRoundOf(issue, { arrival: 4, bellSeq: 2 });
    expect(remembered(unnumbered, [anArrival('A', 101, 4)], {}, [joined])).toMatchObject({ bellSeq: 4 });
  });

  it('takes the number only once', () => {
    const arrived = anArrival('A', 101, 4);
    const once = remembered(unnumbered, [arrived]);
    expect(remembered(once, [arrived])).toBeUndefined();
  });
});

describe('an issue that is seen at another stage than before', () => {
  const atB: IssueMemory = { ...numbered, stageId: 'B' };
  const moved = { ...numbered, arrival: 5, bellSeq: BELL };
  const { numberedBy: _none, ...seenFirst } = moved;

  it.each<[string, Arrived | undefined, IssueMemory]>([
    ['by the sweep is stored with the present bell and no number', undefined, seenFirst],
    [
      'by the hint is stored with the bell and number of the hint',
      anArrival('A', 101, 6),
      { ...moved, ...at(101), bellSeq: 6 },
    ],
    ['by a late hint is stored with the present bell and no number', anArrival('A', 99, 3), seenFirst],
    ['by a repeated hint is stored with the present bell and no number', anArrival('A', 100, 5), seenFirst],
    [
      'by a hint without a number is stored with the present bell',
      withoutNumber(anArrival('A', 0, 3)),
      seenFirst,
    ],
    [
      'by the hint of another stage is stored with the number',
      anArrival('B', 101, 6),
      { ...seenFirst, ...at(101) },
    ],
    [
      'by a hint of another stream is stored with its number and the present bell',
      elsewhere(anArrival('A', 1, 2)),
      { ...moved, highest: { [STREAM]: '100', [OTHER_STREAM]: '1' }, numberedBy: OTHER_STREAM },
    ],
  ])('%s', (_name, arrived, expected) => {
    expect(remembered(atB, arrived ? [arrived] : [])).toEqual(expected);
  });

  it('for the first time is stored with the bell and number of its hint', () => {
    const first = { issueId: issue.issueId, stageId: 'A', arrival: 1, life: 0 };
    expect(remembered(undefined, [])).toEqual({ ...first, bellSeq: BELL });
    expect(remembered(undefined, [anArrival('A', 1, 0)])).toEqual({
      ...first,
      ...at(1),
      numberedBy: STREAM,
      bellSeq: 0,
    });
  });
});

describe('a deleted issue', () => {
  const gone = {
    issueId: issue.issueId,
    stageId: null,
    arrival: 5,
    bellSeq: 0,
    life: 1,
    absent: true,
  } as const;

  it('is stored as absent, with the numbers of its stream', () => {
    expect(remembered(numbered, [], { issue: ABSENT })).toEqual({ ...gone, ...at(100) });
  });

  it('stays absent after a hint of its arrival', () => {
    const memory = { ...gone, ...at(100) };
    expect(remembered(memory, [anArrival('A', 99)], { issue: ABSENT })).toBeUndefined();
    expect(remembered(memory, [anArrival('A', 101)], { issue: ABSENT })).toEqual({ ...memory, ...at(101) });
  });

  it('has a new arrival once it is written again', () => {
    expect(remembered({ ...gone, ...at(100) }, [anArrival('A', 101, 6)])).toEqual({
      ...numbered,
      ...at(101),
      arrival: 6,
      bellSeq: 6,
      life: 1,
    });
  });
});

describe('a record that is invalid when the hints arrive', () => {
  it('still leaves its stage, so that it is sent again once it is valid', () => {
    const away = remembered(numbered, [anArrival('B', 101, 6)], { issue: INVALID });
    const { numberedBy: _none, ...left } = { ...numbered, ...at(101), arrival: 5, bellSeq: 6 };
    expect(away).toEqual(left);
    const rejected = aRoundOf(issue, { state: 'REJECTED', arrival: 4 });
    const corrected = aSnapshot(issue, [rejected], { memory: away });
    expect(plan(corrected, NOW)).toContainEqual(expect.objectContaining({ do: 'OPEN' }));
  });

  it('stays at the last known stage without a hint', () => {
    expect(remembered(numbered, [], { issue: INVALID })).toBeUndefined();
    expect(remembered(undefined, [anArrival('A', 1)], { issue: INVALID })).toBeUndefined();
  });
});

describe('a round of a stage to which its issue returns', () => {
  const actionsFor = (round: Round, more: Partial<Snapshot> = {}) =>
    plan(aSnapshot(issue, [round], { memory: { ...numbered, arrival: 5 }, ...more }), NOW);
  const reported = { arrival: 4, bellSeq: BELL };

  it('joins the new arrival before any other action while its card is open', () => {
    const round = aRoundOf(issue, reported);
    expect(actionsFor(round)).toEqual([{ do: 'JOIN', approvalId: round.approvalId, arrival: 5 }]);
    const { approvalId } = round;
    expect(actionsFor({ ...round, state: 'REQUESTED' })).toMatchObject([{ do: 'JOIN', approvalId }]);
  });

  it('is spent if it is closed: the stage is sent again', () => {
    const actions = actionsFor(aRoundOf(issue, { ...reported, state: 'REJECTED' }));
    expect(actions).toMatchObject([{ do: 'OPEN', opening: { triggers: ['NEW_STAGE'] } }, {}]);
  });

  it.each<[string, Round, Partial<Snapshot>]>([
    ['it belongs to it already', aRoundOf(issue, { ...reported, arrival: 5 }), {}],
    ['it is being withdrawn', aRoundOf(issue, { ...reported, withdraw: { reason: 'BELL', at: '' } }), {}],
    [
      'it belongs to another stage',
      aRoundOf(issue, { ...reported, subject: { kind: 'STAGE', id: 'B' } }),
      {},
    ],
    ['the record is invalid', aRoundOf(issue, reported), { issue: INVALID }],
  ])('does not join when %s', (_name, round, more) => {
    expect(actionsFor(round, more)).not.toContainEqual(expect.objectContaining({ do: 'JOIN' }));
  });

  it('does not join while the state of the flow is unknown', () => {
    const inFlow = { ...issue, approvalFlow: { steps: [anOaStep()] } };
    const unknown = aNewerRound(aStepRoundOf(inFlow), { state: 'FROM_A_NEWER_VERSION' });
    const memory = { ...numbered, arrival: 5 };
    const actions = plan(aNewerSnapshot(inFlow, [aRoundOf(inFlow, reported), unknown], { memory }), NOW);
    expect(actions).not.toContainEqual(expect.objectContaining({ do: 'JOIN' }));
  });

  it('does not join when it belongs to a step, because a flow covers the whole issue', () => {
    const inFlow = { ...issue, approvalFlow: { steps: [anOaStep({ stepId: 'A' })] } };
    const actions = plan(
      aSnapshot(inFlow, [aStepRoundOf(inFlow, reported)], { memory: { ...numbered, arrival: 5 } }),
      NOW,
    );
    expect(actions).not.toContainEqual(expect.objectContaining({ do: 'JOIN' }));
  });
});

describe('in BELL_ONLY, when the issue has returned to its stage', () => {
  const bellOnly = { ...issue, approvalMode: 'BELL_ONLY' as const };
  const planned = (memory: IssueMemory, rounds: Round[]) =>
    plan(aSnapshot(bellOnly, rounds, { memory }), NOW).map((action) => action.do);

  it('a ring counts only if it was made after the return', () => {
    const rejected = aRoundOf(bellOnly, { state: 'REJECTED', arrival: 4, bellSeq: 2 });
    const rung = { ...numbered, arrival: 5, rung: BELL };
    expect(planned({ ...rung, bellSeq: BELL }, [rejected])).not.toContain('OPEN');
    expect(planned({ ...rung, bellSeq: BELL - 1 }, [rejected])).toContain('OPEN');
  });

  it('an open card keeps the ring that it was sent for', () => {
    const open = aRoundOf(bellOnly, { arrival: 5, bellSeq: 6 });
    expect(planned({ ...numbered, arrival: 5, bellSeq: BELL }, [open])).not.toContain('WITHDRAW');
  });
});
