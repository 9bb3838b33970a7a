import { describe } from 'vitest';
import type { MakePlace } from './suite/place.ts';
import { describeRounds } from './suite/rounds.ts';

/** What the store, the pacer, the sweep and the settings rely on, whichever database is behind them. */
export function describeStore(makePlace: MakePlace): void {
  describe('rounds', () => describeRounds(makePlace));
}
