import { describe, expect, it } from 'vitest';
import { parseMath } from '../../drills/metric-math.ts';

const values: Record<string, number | undefined> = { kept: 2, dropped: undefined, errors_1: 3 };
const resultOf = (text: string) => parseMath(text)((id) => values[id]);

describe('metric math', () => {
  it('adds metrics', () => {
    expect(resultOf('kept + errors_1')).toBe(5);
    expect(resultOf('(kept + errors_1) + 1.5')).toBe(6.5);
  });

  it('divides before it adds', () => {
    expect(resultOf('kept + errors_1 / 2')).toBe(3.5);
    expect(resultOf('errors_1 / 2 / 3')).toBe(0.5);
    expect(resultOf('dropped / 2')).toBeUndefined();
    expect(resultOf('kept / 0')).toBeUndefined();
  });

  it('has no result at a time at which a metric is missing', () => {
    expect(resultOf('kept + dropped')).toBeUndefined();
  });

  it('fills missing data points', () => {
    expect(resultOf('FILL(kept, 0) + FILL(dropped, 0)')).toBe(2);
    expect(resultOf('FILL(kept + dropped, 7)')).toBe(7);
  });

  it.each([
    'SUM(METRICS())',
    'kept - dropped',
    'kept * 2',
    'FILL(kept, REPEAT)',
    'kept +',
    '(kept',
    'kept kept',
    '',
  ])('refuses what it does not know: "%s"', (text) => {
    expect(() => parseMath(text)).toThrow(/does not know the math expression/);
  });
});
