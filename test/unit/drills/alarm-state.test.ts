import { describe, expect, it } from 'vitest';
import {
  type AlarmState,
  type DataPoint,
  evaluationRange,
  MISSING_TREATMENTS,
  nextState,
} from '../../drills/alarm-state.ts';

/** "0 - X - X": 0 is within the threshold, X breaches it, - is missing. The oldest is first, as in AWS's tables. */
const points = (text: string): DataPoint[] =>
  text.split(' ').map((sign) => (sign === '-' ? undefined : sign === 'X'));

/** The present state of the examples, so that "Retain current state" is told from OK and ALARM. */
const RETAINED: AlarmState = 'INSUFFICIENT_DATA';

/** The columns of AWS's tables in the order breaching, notBreaching, ignore, missing (`MISSING_TREATMENTS`). */
function expectStates(text: string, [m, n]: [number, number], states: readonly AlarmState[]) {
  const found = MISSING_TREATMENTS.map((treatMissing) =>
    nextState(points(text), { evaluationPeriods: n, datapointsToAlarm: m, treatMissing }, RETAINED),
  );
  expect(found).toEqual(states);
}

describe('the state of an alarm, as in the examples of the CloudWatch User Guide', () => {
  it.each<[string, AlarmState[]]>([
    ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', ['ALARM', 'OK', RETAINED, 'INSUFFICIENT_DATA']],
    ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', ['ALARM', 'OK', RETAINED, 'ALARM']],
  ])('3 out of 3: %s', (text, states) => {
    expectStates(text, [3, 3], states);
  });

  it.each<[string, AlarmState[]]>([
    ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', ['ALARM', 'OK', 'OK', 'OK']],
    ['- - - - 0', ['ALARM', 'OK', 'OK', 'OK']],
    ['- - - X -', ['ALARM', 'OK', RETAINED, 'ALARM']],
  ])('2 out of 3: %s', (text, states) => {
    expectStates(text, [2, 3], states);
  });

  it('waits until a breaching data point is old enough, if missing data stays missing', () => {
    const alarm = { evaluationPeriods: 3, datapointsToAlarm: 3, treatMissing: 'missing' } as const;
    expect(nextState(points('- - - - X'), alarm, 'OK')).toBe('OK');
    expect(nextState(points('- - - X -'), alarm, 'OK')).toBe('OK');
    expect(nextState(points('- - X - -'), alarm, 'OK')).toBe('ALARM');
  });

  it('keeps an alarm on while the last data points are evaluated again, then ends it', () => {
    const alarm = { evaluationPeriods: 1, datapointsToAlarm: 1, treatMissing: 'notBreaching' } as const;
    expect(nextState(points('X - -'), alarm, 'ALARM')).toBe('ALARM');
    expect(nextState(points('- - -'), alarm, 'ALARM')).toBe('OK');
  });

  it('looks at two more data points than the evaluation periods, as the examples do', () => {
    expect(evaluationRange(3)).toBe(5);
  });
});
