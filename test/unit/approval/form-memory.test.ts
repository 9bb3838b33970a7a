import { describe, expect, it } from 'vitest';
import {
  type FormMemory,
  isWorthStoring,
  learn,
  mayPass,
  NOTHING_KNOWN,
  recall,
  type SizedForm,
} from '../../../shared/approval/channels/feishu/form-memory.ts';

const NOW = new Date('2026-03-01T08:00:00.000Z');
const later = (ms: number) => new Date(NOW.getTime() + ms);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const keys = (bytes: number, level: SizedForm['level'] = 'FULL'): SizedForm => ({
  level,
  wording: 'KEYS',
  bytes,
});
const plain = (bytes: number, level: SizedForm['level'] = 'FULL'): SizedForm => ({
  level,
  wording: 'PLAIN',
  bytes,
});
const learned = (
  passed: SizedForm,
  refused: SizedForm[] = [],
  before = NOTHING_KNOWN,
  now = NOW,
  created = true,
) => learn(before, passed, refused, { now, created });
const boundsOf = (memory: FormMemory) => ({
  keys: [memory.KEYS.passed?.bytes, memory.KEYS.refused?.bytes],
  plain: [memory.PLAIN.passed?.bytes, memory.PLAIN.refused?.bytes],
});

describe('mayPass', () => {
  it('allows every size while nothing is known', () => {
    expect(mayPass(keys(1_000_000), NOTHING_KNOWN)).toBe(true);
  });

  it('refuses a form as large as a refused one, and nothing smaller', () => {
    const memory = learned(keys(50_000), [keys(200_000)]);
    expect(mayPass(keys(200_000), memory)).toBe(false);
    expect(mayPass(keys(199_999), memory)).toBe(true);
    expect(mayPass(keys(300), memory)).toBe(true);
  });

  it('has separate bounds for each wording', () => {
    const memory = learned(plain(3_000), [keys(4_000)]);
    expect(mayPass(keys(4_000), memory)).toBe(false);
    expect(mayPass(plain(4_000), memory)).toBe(true);
  });
});

describe('learn', () => {
  it('stores the largest accepted and the smallest refused size', () => {
    const first = learned(keys(40_000), [keys(150_000), keys(90_000)]);
    expect(boundsOf(first).keys).toEqual([40_000, 90_000]);
    const second = learned(keys(30_000), [keys(120_000)], first);
    expect(boundsOf(second).keys).toEqual([40_000, 90_000]);
    const third = learned(keys(50_000), [keys(80_000)], second);
    expect(boundsOf(third).keys).toEqual([50_000, 80_000]);
  });

  it('does not count a refused form that is no larger than an accepted one', () => {
    expect(boundsOf(learned(keys(50_000), [keys(50_000), keys(20_000)])).keys).toEqual([50_000, undefined]);
  });

  it('counts a refusal of the other wording at the same level, whatever its size', () => {
    expect(boundsOf(learned(plain(50_000), [keys(20_000)])).keys).toEqual([undefined, 20_000]);
  });

  it('counts a refusal of the other wording at another level only if it is larger', () => {
    expect(boundsOf(learned(keys(4_000, 'MINIMAL'), [plain(2_000)])).plain).toEqual([undefined, undefined]);
    expect(boundsOf(learned(keys(4_000, 'MINIMAL'), [plain(9_000)])).plain).toEqual([undefined, 9_000]);
  });

  it('stores the size of a card that was found later, but not the time of a create', () => {
    expect(learned(keys(40_000), [], NOTHING_KNOWN, NOW, false)).toEqual({
      KEYS: { passed: { bytes: 40_000, at: NOW.toISOString() } },
      PLAIN: {},
    });
  });

  it('lets an accepted form remove an older refusal of a smaller one', () => {
    const refused = learned(keys(10_000), [keys(60_000)]);
    expect(boundsOf(learned(keys(60_000), [], refused)).keys).toEqual([60_000, undefined]);
  });

  it('lets a refusal remove an older acceptance of a larger form', () => {
    const passed = learned(keys(190_000));
    expect(boundsOf(learned(keys(10_000), [keys(60_000)], passed)).keys).toEqual([10_000, 60_000]);
  });
});

describe('isWorthStoring', () => {
  const memory = learned(keys(40_000));
  const next = (form: SizedForm, ms: number, created = true) =>
    learn(memory, form, [], { now: later(ms), created });

  it('is true for another size', () => {
    expect(isWorthStoring(next(keys(41_000), 1), memory)).toBe(true);
    expect(isWorthStoring(next(plain(1_000), 1, false), memory)).toBe(true);
  });

  it('is true for a create at least a minute after the known one', () => {
    expect(isWorthStoring(next(keys(30_000), MINUTE - 1), memory)).toBe(false);
    expect(isWorthStoring(next(keys(30_000), MINUTE), memory)).toBe(true);
    expect(isWorthStoring(next(keys(30_000), MINUTE, false), memory)).toBe(false);
  });
});

describe('recall', () => {
  const memory = learned(keys(40_000), [keys(90_000)]);

  it('keeps a bound for a week', () => {
    expect(boundsOf(recall(memory, later(7 * DAY - 1))).keys).toEqual([40_000, 90_000]);
  });

  it('drops each bound when it is a week old', () => {
    expect(boundsOf(recall(memory, later(7 * DAY))).keys).toEqual([undefined, undefined]);
    const inPlain = learned(plain(40_000), [plain(90_000)]);
    expect(boundsOf(recall(inPlain, later(7 * DAY))).plain).toEqual([undefined, undefined]);
    const renewed = learned(keys(45_000), [], memory, later(3 * DAY));
    expect(boundsOf(recall(renewed, later(8 * DAY))).keys).toEqual([45_000, undefined]);
  });
});
