import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BLANK,
  CALLS_PER_MINUTE,
  held,
  type Ledger,
  nextSlot,
  type Pace,
  paceOf,
  paceOfOa,
  SLOT_KEEPS_MS,
  spacingOf,
  stands,
} from '../../../shared/approval/pacing.ts';

const MINUTE = 60_000;
const NOW = 1_000_000;
const USUAL = paceOf(CALLS_PER_MINUTE.usual);

/** Slots for so many callers that all ask at the same moment. */
function slotsAtOnce(calls: number, pace: Pace, ledger: Ledger = BLANK): number[] {
  const slots: number[] = [];
  for (let call = 0; call < calls; call++) {
    const next = nextSlot(ledger, NOW, pace);
    slots.push(next.slot);
    ledger = next.ledger;
  }
  return slots;
}

const mostInAMinute = (slots: readonly number[]): number =>
  Math.max(0, ...slots.map((start) => slots.filter((slot) => slot >= start && slot < start + MINUTE).length));

describe('time slots', () => {
  it('are 10 at once and 90 a minute: LESSONS row 24, 500 calls take no longer than that', () => {
    const slots = slotsAtOnce(500, USUAL);
    expect(slots.slice(0, 10)).toEqual(Array(10).fill(NOW));
    expect(slots.at(-1)).toBe(NOW + Math.round((490 / 90) * MINUTE));
    expect(slots).toEqual(slots.toSorted((a, b) => a - b));
  });

  it('do not pile up while nobody calls', () => {
    const longAgo = { ...BLANK, tat: NOW - 10 * MINUTE };
    expect(slotsAtOnce(20, USUAL, longAgo).filter((slot) => slot === NOW)).toHaveLength(10);
  });

  it('LESSONS row 24: whoever asks when, however their clocks differ, no minute gets more than is allowed', () => {
    const action = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({ passes: fc.nat(5_000), skew: fc.integer({ min: -500, max: 500 }) }),
      },
      { weight: 1, arbitrary: fc.record({ hold: fc.nat(90_000) }) },
      { weight: 1, arbitrary: fc.record({ passes: fc.nat(300_000), skew: fc.constant(0) }) },
    );
    const calls = fc.integer({ min: CALLS_PER_MINUTE.fewest, max: 150 });
    fc.assert(
      fc.property(calls, fc.array(action, { maxLength: 400, size: 'max' }), (callsPerMinute, actions) => {
        const pace = paceOf(callsPerMinute);
        const slots: number[] = [];
        let ledger = BLANK;
        let now = NOW;
        for (const one of actions) {
          if ('hold' in one) ledger = held(ledger, now + one.hold, pace);
          else {
            now += one.passes;
            const next = nextSlot(ledger, now + one.skew, pace);
            expect(next.slot).toBeGreaterThanOrEqual(Math.max(now + one.skew, ledger.heldUntil));
            slots.push(next.slot);
            ledger = next.ledger;
          }
        }
        expect(mostInAMinute(slots)).toBeLessThanOrEqual(callsPerMinute);
      }),
      { numRuns: 200 },
    );
  });

  it('begin at the steady rate, without a burst, once Feishu takes calls again', () => {
    const until = NOW + 30_000;
    expect(slotsAtOnce(3, USUAL, held(BLANK, until, USUAL))).toEqual([until, until + 667, until + 1_333]);
  });

  it('that are waited for already are not put off any further by a hold that ends before them', () => {
    const { ledger } = nextSlot({ ...BLANK, tat: NOW + 10 * MINUTE }, NOW, USUAL);
    expect(held(ledger, NOW + MINUTE, USUAL).tat).toBe(ledger.tat);
  });
});

describe('a slot that was handed out earlier', () => {
  it.each([
    ['stands when its time has come', 0, 0, true],
    ['stands a little later', 0, SLOT_KEEPS_MS - 1, true],
    ['is given up when it is too old', 0, SLOT_KEEPS_MS, false],
    ['stands before its time', 5_000, 0, true],
  ])('%s', (_, ahead, late, expected) => {
    expect(stands(NOW + ahead, BLANK, NOW + late)).toBe(expected);
  });

  it('is given up when Feishu has refused calls at its time since', () => {
    const ledger = held(BLANK, NOW + 30_000, USUAL);
    expect(stands(NOW + 29_999, ledger, NOW)).toBe(false);
    expect(stands(NOW + 30_000, ledger, NOW)).toBe(true);
  });
});

describe('the calls to an OA', () => {
  const STEPS = [16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096, 5_000];

  it('follow each other at a quarter of a second while nobody knows how long it takes, then as it is seen', () => {
    expect(slotsAtOnce(3, paceOfOa(BLANK))).toEqual([NOW, NOW + 250, NOW + 500]);
    const slow = { ...BLANK, spacingMs: 4_096 };
    expect(slotsAtOnce(3, paceOfOa(slow), slow)).toEqual([NOW, NOW + 4_096, NOW + 8_192]);
  });

  it('do not pile up while nobody calls: there is no burst', () => {
    const longAgo = { ...BLANK, tat: NOW - 10 * MINUTE };
    expect(slotsAtOnce(2, paceOfOa(longAgo), longAgo)).toEqual([NOW, NOW + 250]);
  });

  it.each([
    [0, 16],
    [16, 16],
    [17, 32],
    [1_000, 1_024],
    [1_025, 2_048],
    [4_097, 5_000],
    [60_000, 5_000],
  ])('are %i ms long and %i ms apart', (took, apart) => {
    expect(spacingOf(took)).toBe(apart);
  });

  it('are never closer than one takes, as far as it may take, and never twice as far apart', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000 }), (took) => {
        const apart = spacingOf(took);
        expect(STEPS).toContain(apart);
        expect(apart).toBeGreaterThanOrEqual(took);
        expect(apart).toBeLessThan(Math.max(17, 2 * took));
      }),
    );
  });

  it('stand still until it wants to be called again, and go on at its pace', () => {
    const until = NOW + 40_000;
    const ledger = { ...BLANK, spacingMs: 1_024 };
    const pace = paceOfOa(ledger);
    expect(slotsAtOnce(2, pace, held(ledger, until, pace))).toEqual([until, until + 1_024]);
  });
});
