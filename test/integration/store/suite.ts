import { describe } from 'vitest';
import { describeApproving } from './suite/approving.ts';
import { describeDemands, describeWriteBacks } from './suite/issue-writes.ts';
import type { MakePlace } from './suite/place.ts';
import { describeRounds } from './suite/rounds.ts';

/** What the store, the pacer, the sweep and the settings rely on, whichever database is behind them. */
export function describeStore(makePlace: MakePlace): void {
  describe('rounds', () => describeRounds(makePlace));
  describe('approve', () => describeApproving(makePlace));
  describe('demandApproval', () => describeDemands(makePlace));
  describe('writeBack', () => describeWriteBacks(makePlace));
}
