import { afterAll, describe, expect, it } from 'vitest';
import { crashPoints, playScenario } from './crash-points.ts';
import { SCENARIOS } from './scenarios.ts';

let points = 0;
afterAll(() => console.log(`crash points: ${points} in ${SCENARIOS.length} scenarios`));

describe.each(SCENARIOS)('$name', (scenario) => {
  it('ends the same wherever a handler is killed, before or after each of its effects', {
    timeout: 600_000,
  }, async () => {
    const calm = await playScenario(scenario);
    expect(calm.effects).toBeGreaterThan(0);

    for (const crash of crashPoints(calm.effects)) {
      const { end, killedAt } = await playScenario(scenario, crash);

      expect({ crash, killedAt, end }).toEqual({ crash, killedAt: expect.any(String), end: calm.end });
      points += 1;
    }
  });
});
