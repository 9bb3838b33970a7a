import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keptStories } from './mutant-stories.ts';
import { MUTANTS } from './mutants.ts';
import { play } from './play-in-thread.ts';
import { simulate } from './play-story.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const kept = keptStories();

it('there is a story for each mutant, and none besides', () => {
  expect(Object.keys(kept).sort()).toEqual(MUTANTS.map(({ name }) => name).sort());
});

describe.each(MUTANTS)('$name', (mutant) => {
  const { name, file, find } = mutant;
  const story = kept[name] ?? [];

  it('breaks one place of the core', () => {
    expect(read(`../../${file}`).split(find)).toHaveLength(2);
  });

  it('is noticed by its story', async () => {
    const { counterexample } = await play({ seed: 1, runs: 1, mutant, kept: story, shrink: false });

    expect(counterexample?.message).toMatch(/^Violation: /);
  });

  it('and the story breaks no promise of the whole core', () => simulate(story));
});
