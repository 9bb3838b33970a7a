import fc from 'fast-check';
import { expect, it } from 'vitest';
import { story } from './arbitrary.ts';
import { simulate } from './simulate.ts';

const RUNS = 300;
/** Always the same stories, so that a change of the code is what a red test means; `npm run simulate` hunts for others. */
const SEED = 20_261_124;

it(`${RUNS} random stories break no promise`, { timeout: 600_000 }, async () => {
  const count = { cards: 0, stages: 0, asked: 0, steps: 0 };
  await fc.assert(
    fc.asyncProperty(story, async (actions) => {
      await simulate(actions, (world) => {
        const approved = world.rounds().filter(({ state }) => state === 'APPROVED');
        count.cards += world.tenant.world.instances.size;
        count.stages += approved.filter(({ channel }) => channel === 'FEISHU').length;
        count.asked += world.oaApprovals.size;
        count.steps += approved.filter(({ channel }) => channel === 'EXTERNAL').length;
      });
    }),
    { numRuns: RUNS, seed: SEED },
  );

  const told = `${count.cards} cards sent, ${count.stages} stages approved, ${count.asked} times an OA asked, ${count.steps} steps approved`;
  console.log(`simulated runs: ${RUNS}, seed ${SEED}: ${told}`);
  // Stories in which nothing happens would prove nothing.
  expect(count.stages).toBeGreaterThan(RUNS);
  expect(count.steps).toBeGreaterThan(RUNS);
});
