import { expect, it } from 'vitest';
import { EMPTY_LEDGER, grant, isSlotUsable } from '../../../shared/approval/plan/pace-policy.ts';

const NOW = Date.UTC(2026, 2, 1);

/** In figures, not in the constant of the code: slots that keep for minutes would let all be used at once after a stop. */
it.each([
  [0, true],
  [999, true],
  [1_000, false],
  [20_000, false],
  [60_000, false],
])(
  'a slot that nobody used in time may still be used %d ms later: %o (docs/lessons.md 37)',
  (late, expected) => {
    const { slot = 0, ledger } = grant(EMPTY_LEDGER, { now: NOW, lane: 'NEW', horizonMs: 60_000 }, 100);
    expect(isSlotUsable(slot, ledger, slot + late)).toBe(expected);
  },
);
