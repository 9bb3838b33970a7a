import { afterAll, describe, expect, it } from 'vitest';
import { crashPoints, playScenario } from './crash-points.ts';
import type { Scenario } from './scenarios.ts';

/** Plays each scenario once for each of its crash points. In files of their own, so that they run side by side. */
export function testCrashPoints(scenarios: readonly Scenario[]): void {
  let points = 0;
  afterAll(() => console.log(`crash points: ${points} in ${scenarios.length} scenarios`));

  describe.each(scenarios)('$name', (scenario) => {
    it('ends the same wherever a handler is killed, before or after each of its effects', {
      timeout: 600_000,
    }, async () => {
      const calm = await playScenario(scenario);
      expect(calm.calls).toBeGreaterThan(0);

      for (const crash of crashPoints(calm.calls)) {
        const { end, killedAt } = await playScenario(scenario, crash);

        expect({ crash, killedAt, end }).toEqual({ crash, killedAt: expect.any(String), end: calm.end });
        points += 1;
      }
    });
  });
}
