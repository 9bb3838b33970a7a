import { afterAll, describe, expect, it } from 'vitest';
import { crashPoints, playScenario } from './crash-points.ts';
import type { Scenario } from './scenarios.ts';

/** Plays each scenario once for each of its crash points. Several test files call this, so that they run in parallel. */
export function testCrashPoints(scenarios: readonly Scenario[]): void {
  let points = 0;
  afterAll(() => console.log(`crash points: ${points} in ${scenarios.length} scenarios`));

  describe.each(scenarios)('$name', (scenario) => {
    it('ends in the same state wherever a handler is killed, before or after each of its calls', {
      timeout: 600_000,
    }, async () => {
      const undisturbed = await playScenario(scenario);
      expect(undisturbed.calls).toBeGreaterThan(0);

      for (const crash of crashPoints(undisturbed.calls)) {
        const { end, killedAt } = await playScenario(scenario, crash);

        expect({ crash, killedAt, end }).toEqual({
          crash,
          killedAt: expect.any(String),
          end: undisturbed.end,
        });
        points += 1;
      }
    });
  });
}
