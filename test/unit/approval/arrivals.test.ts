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

/** An issue of two stages, at A; the bell has been rung seven times by now. */
const issue = anIssue({
  stages: [aStage({ stageId: 'A' }), aStage({ stageId: 'B' })],
  currentStageId: 'A',
  bell: { seq: BELL, rungBy: 'creator@example.com', rungAt: '2026-03-01T08:00:30Z' },
});
const INVALID = { kind: 'INVALID', message: 'title: wrong', ours: {}, raw: {} } as const;
const ABSENT = { kind: 'ABSENT' } as const;

/** At A since the fourth arrival, whose hint had number 100; the bell stood at 5. */
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
const { highest: __, ...ofTheVersionBefore } = unnumbered;

const elsewhere = (arrived: Arrived): Arrived => ({ ...arrived, streamArn: OTHER_STREAM });
const withoutNumber = ({ stageId, bellSeq }: Arrived): Arrived => ({ stageId, bellSeq });

/** The memory that is planned after these hints; undefined: it stays as it is. */
function remembered(
  memory: IssueMemory | undefined,
  arrivals: Arrived[],
  changes: Partial<Snapshot> = {},
  rounds: Round[] = [],
): IssueMemory | undefined {
  const hints = arrivals.map((arrived) => anArrivalHint(issue.issueId, arrived));
  const [step] = plan(aSnapshot(issue, rounds, { ...changes, memory }), NOW, hints);
  return step?.do === 'REMEMBER' ? step.memory : undefined;
}

type Row = [name: string, arrived: Arrived | undefined, changes: Partial<IssueMemory> | undefined];
const at = (number: number | string) => ({ highest: { [STREAM]: String(number) } });

describe('an issue that is seen where it was, of which the arrival has a number (docs/lessons.md 40 and 41)', () => {
  const ANEW = { arrival: 5 };
  it.each<Row>([
    ['no hint tells anything', undefined, undefined],
    ['the same hint again is a repeat', anArrival('A', 100, 5), undefined],
    ['the same number with zeros before it is a repeat', anArrival('A', '0100', 5), undefined],
    ['a lower number is late', anArrival('A', 99, 3), undefined],
    ['a lower number that is higher as a text is late', anArrival('A', '99', 3), undefined],
    ['a higher number is a new arrival', anArrival('A', 101, 6), { ...ANEW, ...at(101), bellSeq: 6 }],
    [
      'a higher number that is lower as a text is a new arrival',
      anArrival('A', 1000, 6),
      { ...ANEW, ...at(1000), bellSeq: 6 },
    ],
    [
      'a number beyond what a double holds is a new arrival',
      anArrival('A', `${'9'.repeat(39)}1`, 6),
      { ...ANEW, ...at(`${'9'.repeat(39)}1`), bellSeq: 6 },
    ],
    [
      'a higher number at another stage: it was there, and has come back',
      anArrival('B', 101, 6),
      { ...ANEW, ...at(101), bellSeq: BELL, numberedBy: undefined },
    ],
    ['a lower number at another stage is late', anArrival('B', 99, 3), undefined],
    ['a hint of the version before tells nothing', withoutNumber(anArrival('A', 0, 3)), undefined],
    ['nor does one whose number is none', anArrival('A', '12x', 3), undefined],
    ['nor of another stage', withoutNumber(anArrival('B', 0, 3)), undefined],
    [
      'another stream takes over, and no ring counts for it',
      elsewhere(anArrival('A', 1, 2)),
      { highest: { [STREAM]: '100', [OTHER_STREAM]: '1' }, numberedBy: OTHER_STREAM },
    ],
    [
      'of another stage in another stream nothing is known but the number',
      elsewhere(anArrival('B', 1, 2)),
      { highest: { [STREAM]: '100', [OTHER_STREAM]: '1' } },
    ],
  ])('%s', (_name, arrived, changes) => {
    const expected = changes && { ...numbered, ...changes };
    expect(remembered(numbered, arrived ? [arrived] : [])).toEqual(expected);
  });

  it('knows two numbers apart that are the same as doubles', () => {
    const [low, high] = ['9007199254740992', '9007199254740993'];
    const memory = { ...numbered, ...at(low) };
    expect(remembered(memory, [anArrival('A', high)])).toMatchObject({ arrival: 5 });
    expect(remembered({ ...numbered, ...at(high) }, [anArrival('A', low)])).toBeUndefined();
  });
});

it('at another stage no ring is known: those of the stage before are none of it', () => {
  const before = { ...numbered, stageId: 'B', rung: BELL };
  expect(remembered(before, [anArrival('A', 101, BELL - 1)])).not.toHaveProperty('rung');
  expect(remembered({ ...numbered, rung: BELL }, [anArrival('A', 101, BELL - 1)])).toMatchObject({
    rung: BELL,
  });
});

describe('an arrival that was seen before its hint', () => {
  it.each<Row>([
    [
      'takes the number, and the bell of that moment',
      anArrival('A', 101, 4),
      { ...at(101), numberedBy: STREAM, bellSeq: 4 },
    ],
    ['takes no bell that is higher', anArrival('A', 101, 6), { ...at(101), numberedBy: STREAM }],
    ['takes nothing from a hint that is late', anArrival('A', 99, 4), undefined],
    ['takes nothing from one without a number', withoutNumber(anArrival('A', 0, 4)), undefined],
    ['keeps a number of another stage in mind', anArrival('B', 101, 4), at(101)],
    [
      'takes a number of a stream that is new, and no bell',
      elsewhere(anArrival('A', 1, 4)),
      { highest: { [STREAM]: '100', [OTHER_STREAM]: '1' }, numberedBy: OTHER_STREAM },
    ],
  ])('%s', (_name, arrived, changes) => {
    const expected = changes && { ...unnumbered, ...changes };
    expect(remembered(unnumbered, arrived ? [arrived] : [])).toEqual(expected);
  });

  it('takes number and bell also as the version before remembered it', () => {
    expect(remembered(ofTheVersionBefore, [anArrival('A', 9, 4)])).toEqual({
      ...ofTheVersionBefore,
      ...at(9),
      numberedBy: STREAM,
      bellSeq: 4,
    });
  });

  it('takes no bell when it has its number, and so its bell, from another stream', () => {
    const both = { highest: { [STREAM]: '100', [OTHER_STREAM]: '1' }, numberedBy: OTHER_STREAM };
    expect(remembered({ ...numbered, ...both }, [anArrival('A', 101, 2)])).toEqual({
      ...numbered,
      highest: { [STREAM]: '101', [OTHER_STREAM]: '1' },
    });
  });

  it('takes no bell once a round has heard it', () => {
    const reported = aRoundOf(issue, { state: 'REJECTED', arrival: 4, bellSeq: 5 });
    expect(remembered(unnumbered, [anArrival('A', 101, 4)], {}, [reported])).toMatchObject({ bellSeq: 5 });
    const joined = aRoundOf(issue, { arrival: 4, bellSeq: 2 });
    expect(remembered(unnumbered, [anArrival('A', 101, 4)], {}, [joined])).toMatchObject({ bellSeq: 4 });
  });

  it('takes the number once: the hint again is a repeat', () => {
    const arrived = anArrival('A', 101, 4);
    const once = remembered(unnumbered, [arrived]);
    expect(remembered(once, [arrived])).toBeUndefined();
  });
});

describe('an issue that is seen somewhere else than before', () => {
  const atB: IssueMemory = { ...numbered, stageId: 'B' };
  const moved = { ...numbered, arrival: 5, bellSeq: BELL };
  const { numberedBy: _none, ...seenFirst } = moved;

  it.each<[string, Arrived | undefined, IssueMemory]>([
    ['by the sweep: with the bell of now, and no number', undefined, seenFirst],
    ['by the hint: with its bell and number', anArrival('A', 101, 6), { ...moved, ...at(101), bellSeq: 6 }],
    ['by a hint that is late: with the bell of now, and no number', anArrival('A', 99, 3), seenFirst],
    ['by a repeat: with the bell of now, and no number', anArrival('A', 100, 5), seenFirst],
    ['by a hint without a number: with the bell of now', withoutNumber(anArrival('A', 0, 3)), seenFirst],
    [
      'by the hint of another stage: it keeps the number',
      anArrival('B', 101, 6),
      { ...seenFirst, ...at(101) },
    ],
    [
      'by a hint of another stream: with its number, and the bell of now',
      elsewhere(anArrival('A', 1, 2)),
      { ...moved, highest: { [STREAM]: '100', [OTHER_STREAM]: '1' }, numberedBy: OTHER_STREAM },
    ],
  ])('%s', (_name, arrived, expected) => {
    expect(remembered(atB, arrived ? [arrived] : [])).toEqual(expected);
  });

  it('for the first time takes bell and number of its hint', () => {
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

describe('an issue that is gone', () => {
  const gone = {
    issueId: issue.issueId,
    stageId: null,
    arrival: 5,
    bellSeq: 0,
    life: 1,
    absent: true,
  } as const;

  it('is remembered as such, with the numbers of its stream', () => {
    expect(remembered(numbered, [], { issue: ABSENT })).toEqual({ ...gone, ...at(100) });
  });

  it('is not brought back by a hint of its arrival', () => {
    const memory = { ...gone, ...at(100) };
    expect(remembered(memory, [anArrival('A', 99)], { issue: ABSENT })).toBeUndefined();
    expect(remembered(memory, [anArrival('A', 101)], { issue: ABSENT })).toEqual({ ...memory, ...at(101) });
  });

  it('arrives anew once it is written again', () => {
    expect(remembered({ ...gone, ...at(100) }, [anArrival('A', 101, 6)])).toEqual({
      ...numbered,
      ...at(101),
      arrival: 6,
      bellSeq: 6,
      life: 1,
    });
  });
});

describe('a record that is invalid when the hints come', () => {
  it('has left its stage all the same, so that it is asked anew once it is valid', () => {
    const away = remembered(numbered, [anArrival('B', 101, 6)], { issue: INVALID });
    const { numberedBy: _none, ...left } = { ...numbered, ...at(101), arrival: 5, bellSeq: 6 };
    expect(away).toEqual(left);
    const rejected = aRoundOf(issue, { state: 'REJECTED', arrival: 4 });
    const mended = aSnapshot(issue, [rejected], { memory: away });
    expect(plan(mended, NOW)).toContainEqual(expect.objectContaining({ do: 'OPEN' }));
  });

  it('is where it was as far as is known', () => {
    expect(remembered(numbered, [], { issue: INVALID })).toBeUndefined();
    expect(remembered(undefined, [anArrival('A', 1)], { issue: INVALID })).toBeUndefined();
  });
});

describe('a round of the stage, when its issue has arrived there anew', () => {
  const stepsFor = (round: Round, more: Partial<Snapshot> = {}) =>
    plan(aSnapshot(issue, [round], { memory: { ...numbered, arrival: 5 }, ...more }), NOW);
  const reported = { arrival: 4, bellSeq: BELL };

  it('joins the new arrival before anything else while its card is open', () => {
    const round = aRoundOf(issue, reported);
    expect(stepsFor(round)).toEqual([{ do: 'JOIN', approvalId: round.approvalId, arrival: 5 }]);
    const { approvalId } = round;
    expect(stepsFor({ ...round, state: 'REQUESTED' })).toMatchObject([{ do: 'JOIN', approvalId }]);
  });

  it('is used up when it is closed: the stage is sent again', () => {
    const steps = stepsFor(aRoundOf(issue, { ...reported, state: 'REJECTED' }));
    expect(steps).toMatchObject([{ do: 'OPEN', opening: { triggers: ['NEW_STAGE'] } }, {}]);
  });

  it.each<[string, Round, Partial<Snapshot>]>([
    ['it belongs to it already', aRoundOf(issue, { ...reported, arrival: 5 }), {}],
    ['it is being withdrawn', aRoundOf(issue, { ...reported, withdraw: { reason: 'BELL', at: '' } }), {}],
    ['it is of another stage', aRoundOf(issue, { ...reported, subject: { kind: 'STAGE', id: 'B' } }), {}],
    ['the record is invalid', aRoundOf(issue, reported), { issue: INVALID }],
  ])('does not join when %s', (_name, round, more) => {
    expect(stepsFor(round, more)).not.toContainEqual(expect.objectContaining({ do: 'JOIN' }));
  });

  it('does not join while nobody can say whether the flow before it is passed', () => {
    const inFlow = { ...issue, approvalFlow: { steps: [anOaStep()] } };
    const unknown = aNewerRound(aStepRoundOf(inFlow), { state: 'FROM_A_NEWER_VERSION' });
    const memory = { ...numbered, arrival: 5 };
    const steps = plan(aNewerSnapshot(inFlow, [aRoundOf(inFlow, reported), unknown], { memory }), NOW);
    expect(steps).not.toContainEqual(expect.objectContaining({ do: 'JOIN' }));
  });

  it('does not join when it is of a step: the flow is the whole issue', () => {
    const inFlow = { ...issue, approvalFlow: { steps: [anOaStep({ stepId: 'A' })] } };
    const steps = plan(
      aSnapshot(inFlow, [aStepRoundOf(inFlow, reported)], { memory: { ...numbered, arrival: 5 } }),
      NOW,
    );
    expect(steps).not.toContainEqual(expect.objectContaining({ do: 'JOIN' }));
  });
});

describe('BELL_ONLY, when the issue has arrived anew at the same stage', () => {
  const bellOnly = { ...issue, approvalMode: 'BELL_ONLY' as const };
  const planned = (memory: IssueMemory, rounds: Round[]) =>
    plan(aSnapshot(bellOnly, rounds, { memory }), NOW).map((step) => step.do);

  it('a ring made before does not count, and one made since does', () => {
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
