import { hintDue } from './sweep-due.ts';
import { walk } from './sweep-walk.ts';
import type { Sweeping } from './sweeping.ts';

export type { Sweeping } from './sweeping.ts';

/**
 * What time alone brings about (docs/design.md 4.10): rounds whose checkAfter has come, and the walk of the Issues
 * table, hinting each issue whose plan has a step — so that even a hint lost before a round existed is made good
 * (docs/lessons.md 33). Hints are sent before anything is moved on: a crash repeats them, and repeats are harmless.
 */
export async function sweep(sweeping: Sweeping): Promise<{ due: number; walked: number; hinted: number }> {
  const due = await hintDue(sweeping);
  return { due, ...(await walk(sweeping)) };
}
