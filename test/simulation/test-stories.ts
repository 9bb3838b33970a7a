import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Round } from '../../shared/approval/plan/round.ts';
import { story } from './arbitrary.ts';
import { simulate } from './play-story.ts';

/**
 * Plays random stories. `seed` makes them the same in each run, so that a red test means a change of the code;
 * `npm run simulate` looks for others.
 */
export function testRandomStories(runs: number, seed: number): void {
  it(`${runs} random stories break no promise`, { timeout: 600_000 }, async () => {
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
      { numRuns: runs, seed },
    );

    const told = `${count.cards} cards sent (${count.other} not in full with keys), ${count.resent} sent again under another uuid, ${count.stages} stages approved, ${count.asked} times an OA asked, ${count.steps} steps approved`;
    console.log(`simulated runs: ${runs}, seed ${seed}: ${told}`);
    // Stories in which nothing happens would prove nothing.
    expect(count.stages).toBeGreaterThan(runs);
    expect(count.steps).toBeGreaterThan(runs);
    expect(count.other).toBeGreaterThan(runs / 20);
    expect(count.resent).toBeGreaterThan(runs / 20);
  });
}

const isUsual = (forms: Round['forms']): boolean =>
  forms.at(-1)?.level === 'FULL' && forms.at(-1)?.wording === 'KEYS';
