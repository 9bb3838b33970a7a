import fc from 'fast-check';
import { expect, it } from 'vitest';
import { story } from './arbitrary.ts';
import { simulate } from './simulate.ts';

const RUNS = 300;
/** Always the same stories, so that a change of the code is what a red test means; `npm run simulate` hunts for others. */
const SEED = 20_261_124;

it(`${RUNS} random stories break no promise`, { timeout: 600_000 }, async () => {
  let cards = 0;
  let approved = 0;
  await fc.assert(
    fc.asyncProperty(story, async (actions) => {
      await simulate(actions, (world) => {
        cards += world.tenant.world.instances.size;
        approved += world.rounds().filter(({ state }) => state === 'APPROVED').length;
      });
    }),
    { numRuns: RUNS, seed: SEED },
  );

  console.log(`simulated runs: ${RUNS}, seed ${SEED}: ${cards} cards sent, ${approved} stages approved`);
  // Stories in which nothing happens would prove nothing.
  expect(approved).toBeGreaterThan(RUNS);
});
