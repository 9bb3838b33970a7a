import { readFileSync } from 'node:fs';
import type { Action } from './actions.ts';

/** The shortest known story that notices each mutant, by the mutant's name. `npm run simulate -- --mutants` searches for others. */
export const mutantStories = (): Record<string, Action[]> =>
  JSON.parse(readFileSync(new URL('mutant-stories.json', import.meta.url), 'utf8'));
