import { expect, it } from 'vitest';
import { EMPTY_LEDGER, grant, isSlotUsable } from '../../../shared/approval/plan/pace-policy.ts';

const NOW = Date.UTC(2026, 2, 1);

/** The numbers are written out on purpose: slots that stay valid for minutes could all be used at once after a pause. */
it.each([
  [0, true],
  [999, true],
  [1_000, false],
  [20_000, false],
  [60_000, false],
])('a slot may be used %d ms after its time: %o (docs/lessons.md 37)', (late, expected) => {
  const { slot = 0, ledger } = grant(EMPTY_LEDGER, { now: NOW, lane: 'NEW', horizonMs: 60_000 }, 100);
  expect(isSlotUsable(slot, ledger, slot + late)).toBe(expected);
});
