import { readFileSync } from 'node:fs';
import type { Action } from './actions.ts';

/** For each mutant, by its name, the shortest story found that notices it; `npm run simulate -- --mutants` looks for others. */
export const keptStories = (): Record<string, Action[]> =>
  JSON.parse(readFileSync(new URL('mutant-stories.json', import.meta.url), 'utf8'));
