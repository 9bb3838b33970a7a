import type { Asking } from '../../shared/approval/store/pacing.ts';

/** As a round asks for a slot that never waited and whose issue has no open card. */
export const asking = (now: Date, how: Partial<Asking> = {}): Asking => ({
  now,
  lane: 'NEW',
  horizonMs: 60_000,
  ...how,
});
