import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Round } from '../../shared/approval/plan/round.ts';
import { story } from './arbitrary.ts';
import { simulate } from './simulate.ts';

const RUNS = 300;
/** Always the same stories, so that a change of the code is what a red test means; `npm run simulate` hunts for others. */
const SEED = 20_261_124;

it(`${RUNS} random stories break no promise`, { timeout: 600_000 }, async () => {
  const count = { cards: 0, stages: 0, asked: 0, steps: 0, other: 0, resent: 0 };
  await fc.assert(
    fc.asyncProperty(story, async (actions) => {
      await simulate(actions, (world) => {
        const rounds = world.rounds();
        const approved = rounds.filter(({ state }) => state === 'APPROVED');
        count.other += rounds.filter(
          ({ sentAt, forms }) => sentAt && forms.length > 0 && !isUsual(forms),
        ).length;
        count.resent += rounds.filter(({ closeReason }) => closeReason === 'RESENT').length;
        count.cards += world.tenant.world.instances.size;
        count.stages += approved.filter(({ channel }) => channel === 'FEISHU').length;
        count.asked += world.oaApprovals.size;
        count.steps += approved.filter(({ channel }) => channel === 'EXTERNAL').length;
      });
    }),
    { numRuns: RUNS, seed: SEED },
  );

  const told = `${count.cards} cards sent (${count.other} not in full with keys), ${count.resent} sent again under another uuid, ${count.stages} stages approved, ${count.asked} times an OA asked, ${count.steps} steps approved`;
  console.log(`simulated runs: ${RUNS}, seed ${SEED}: ${told}`);
  // Stories in which nothing happens would prove nothing.
  expect(count.stages).toBeGreaterThan(RUNS);
  expect(count.steps).toBeGreaterThan(RUNS);
  expect(count.other).toBeGreaterThan(RUNS / 20);
  expect(count.resent).toBeGreaterThan(RUNS / 20);
});

const isUsual = (forms: Round['forms']): boolean =>
  forms.at(-1)?.level === 'FULL' && forms.at(-1)?.wording === 'KEYS';
