import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Round } from '../../shared/approval/plan/round.ts';
import { playStory } from './play-story.ts';
import { story } from './random-stories.ts';

/**
 * Defines a test that plays random stories. The fixed `seed` makes the stories equal in each run, so a failure means that
 * the code has changed. `npm run simulate` plays other stories.
 */
export function testRandomStories(runs: number, seed: number): void {
  it(`keeps every promise in ${runs} random stories`, { timeout: 600_000 }, async () => {
    const count = { cards: 0, stages: 0, asked: 0, steps: 0, other: 0, resent: 0 };
    await fc.assert(
      fc.asyncProperty(story, async (actions) => {
        await playStory(actions, (world) => {
          const rounds = world.rounds();
          const approved = rounds.filter(({ state }) => state === 'APPROVED');
          count.other += rounds.filter(
            ({ sentAt, forms }) => sentAt && forms.length > 0 && !isFullWithKeys(forms),
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

    const summary = `${count.cards} cards sent (${count.other} not in full with keys), ${count.resent} sent again under another uuid, ${count.stages} stages approved, ${count.asked} requests to an OA, ${count.steps} steps approved`;
    console.log(`simulated runs: ${runs}, seed ${seed}: ${summary}`);
    // Stories in which nothing happens prove nothing.
    expect(count.stages).toBeGreaterThan(runs);
    expect(count.steps).toBeGreaterThan(runs);
    expect(count.other).toBeGreaterThan(runs / 20);
    expect(count.resent).toBeGreaterThan(runs / 20);
  });
}

const isFullWithKeys = (forms: Round['forms']): boolean =>
  forms.at(-1)?.level === 'FULL' && forms.at(-1)?.wording === 'KEYS';
