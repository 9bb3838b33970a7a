import { describe } from 'vitest';
import { describeApproving } from './suite/approving.ts';
import { describeCallUp } from './suite/call-up.ts';
import { describeConditions } from './suite/database/conditions.ts';
import { describeItems } from './suite/database/items.ts';
import { describeQueries } from './suite/database/queries.ts';
import { describeTransactions } from './suite/database/transactions.ts';
import { describeUpdates } from './suite/database/updates.ts';
import { describeFinding } from './suite/finding.ts';
import { describeIds } from './suite/ids.ts';
import { describeDemands, describeWriteBacks } from './suite/issue-writes.ts';
import { describePacer } from './suite/pacer.ts';

export { describeChanges } from './suite/database/changes.ts';

import type { MakePlace } from './suite/place.ts';
import { describeRetention } from './suite/retention.ts';
import { describeRollback } from './suite/rollback.ts';
import { describeRounds } from './suite/rounds.ts';
import { describeDueRounds, describeSettings } from './suite/settings.ts';
import { describeSweep } from './suite/sweeping.ts';
import { describeWalk } from './suite/walking.ts';

/** Tests of the store, the pacer, the sweep and the settings, for any database. */
export function describeStore(makePlace: MakePlace): void {
  describe('rounds', () => describeRounds(makePlace));
  describe('retention', () => describeRetention(makePlace));
  describe('approve', () => describeApproving(makePlace));
  describe('demandApproval', () => describeDemands(makePlace));
  describe('writeBack', () => describeWriteBacks(makePlace));
  describe('ids', () => describeIds(makePlace));
  describe('the look-up of an event', () => describeFinding(makePlace));
  describe('the pacer', () => describePacer(makePlace));
  describe('calling up', () => describeCallUp(makePlace));
  describe('the sweep', () => describeSweep(makePlace));
  describe("the sweep's walk", () => describeWalk(makePlace));
  describe('the settings', () => describeSettings(makePlace));
  describe('resuming approvals', () => describeDueRounds(makePlace));
  describe('a rollback', () => describeRollback(makePlace));
}

/** Tests of what the store needs from the database. */
export function describeDatabase(makePlace: MakePlace): void {
  describe('items', () => describeItems(makePlace));
  describe('conditions', () => describeConditions(makePlace));
  describe('updates', () => describeUpdates(makePlace));
  describe('queries', () => describeQueries(makePlace));
  describe('a transaction', () => describeTransactions(makePlace));
}
