import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mutantStories } from './mutant-stories.ts';
import { MUTANTS } from './mutants.ts';
import { play } from './play-in-thread.ts';
import { playStory } from './play-story.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const stories = mutantStories();

it('has exactly one story for each mutant', () => {
  expect(Object.keys(stories).sort()).toEqual(MUTANTS.map(({ name }) => name).sort());
});

describe.each(MUTANTS)('$name', (mutant) => {
  const { name, file, find } = mutant;
  const story = stories[name] ?? [];

  it('has its text exactly once in its file', () => {
    expect(read(`../../${file}`).split(find)).toHaveLength(2);
  });

  it('is noticed by its story', async () => {
    const { counterexample } = await play({ seed: 1, runs: 1, mutant, fixedStory: story, shrink: false });

    expect(counterexample?.message).toMatch(/^Violation: /);
  });

  it('has a story that the unbroken product passes', () => playStory(story));
});
