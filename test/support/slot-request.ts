import type { ReserveOptions } from '../../shared/approval/store/pacing.ts';

/** A request for a slot by a round that never waited and whose issue has no open card. */
export const aSlotRequest = (now: Date, how: Partial<ReserveOptions> = {}): ReserveOptions => ({
  now,
  lane: 'NEW',
  horizonMs: 60_000,
  ...how,
});
