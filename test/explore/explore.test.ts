import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { explore } from './explore.ts';
import { FIX_NAMES, FIXES } from './fixes.ts';
import { replay } from './replay.ts';

/** The machine may be busy: how long a search takes proves nothing. */
const timeout = 600_000;

it('every state one action from each start keeps every promise', { timeout }, async () => {
  const { found, levels } = await explore({ depth: 1, workers: 2 });

  expect(found).toBeUndefined();
  // Fewer would mean that actions are no longer offered; the number itself has no meaning.
  expect(levels.at(-1)?.states).toBeGreaterThan(60);
});

it('two threads visit the same states as one', { timeout }, async () => {
  const [one, two] = [1, 2].map((workers) => explore({ depth: 2, workers, from: 'open' }));

  expect((await two)?.levels).toEqual((await one)?.levels);
});

/** The shortest story that shows each, in actions. */
const SHORTEST: Record<string, { from: 'canceled' | 'rejected' | 'waiting'; actions: number }> = {
  36: { from: 'canceled', actions: 1 },
  40: { from: 'rejected', actions: 2 },
  41: { from: 'waiting', actions: 1 },
};

describe.each(FIX_NAMES)('without the fix of row %s', (row) => {
  const { from, actions } = SHORTEST[row] ?? {};

  it.each(FIXES[row] ?? [])('takes out one place of the product: $name', ({ file, find }) => {
    expect(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').split(find)).toHaveLength(2);
  });

  it('finds a shortest story that breaks a promise, which replays and keeps it with the fix', {
    timeout,
  }, async () => {
    const { found } = await explore({ depth: 3, workers: 1, from, breaks: FIXES[row] });

    const story = found?.story ?? '';
    expect(story.split(':')[1]?.split(',')).toHaveLength(actions ?? 0);
    expect(await replay(story)).not.toHaveProperty('broken');
  });
});

it('an action that a story cannot have is told with its place', async () => {
  expect(await replay('open:edit-1,redrive-7')).toMatchObject({
    problem: 'The story cannot be played: no "redrive-7" after step 1.',
  });
});
