import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { FIX_NAMES, FIXES } from './fixes.ts';
import { replay } from './replay.ts';

/** Long, because the machine may be busy. The time of a search proves nothing. */
const timeout = 600_000;

it('keeps every promise in every state one action from each start', { timeout }, async () => {
  const { found, levels } = await explore({ depth: 1, workers: 2 });

  expect(found).toBeUndefined();
  // A lower number means that some actions are no longer possible. The number itself has no meaning.
  expect(levels.at(-1)?.states).toBeGreaterThan(60);
});

it('visits the same states with two threads as with one', { timeout }, async () => {
  const [one, two] = [1, 2].map((workers) => explore({ depth: 2, workers, from: 'open' }));

  expect((await two)?.levels).toEqual((await one)?.levels);
});

/** The length of the shortest story that shows each defect, in actions. */
const SHORTEST: Record<string, { from: 'canceled' | 'rejected' | 'waiting'; actions: number }> = {
  36: { from: 'canceled', actions: 1 },
  40: { from: 'rejected', actions: 2 },
  41: { from: 'waiting', actions: 1 },
};

describe.each(FIX_NAMES)('without the fix of lesson %s', (lesson) => {
  const { from, actions } = SHORTEST[lesson] ?? {};

  it.each(FIXES[lesson] ?? [])('removes exactly one place of the product: $name', ({ file, find }) => {
    expect(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').split(find)).toHaveLength(2);
  });

  it('finds the shortest story that breaks a promise; the story breaks none with the fix', {
    timeout,
  }, async () => {
    const { found } = await explore({ depth: 3, workers: 1, from, breaks: FIXES[lesson] });

    const story = found?.story ?? '';
    expect(story.split(':')[1]?.split(',')).toHaveLength(actions ?? 0);
    expect(await replay(story)).not.toHaveProperty('broken');
  });
});

it('names an impossible action of a story and its position', async () => {
  expect(await replay('open:edit-1,redeliver-7')).toMatchObject({
    problem: 'Cannot replay the story: "redeliver-7" is not possible after action 1.',
  });
});
