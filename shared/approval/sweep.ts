import type { Sweeping } from './sweep-context.ts';
import { hintDue } from './sweep-due.ts';
import { walk } from './sweep-walk.ts';

export type { Sweeping } from './sweep-context.ts';

/**
 * Runs the sweep (docs/design.md 4.10). It hints the rounds that are due. Then it walks the Issues table and hints
 * each issue whose plan has an action, so that even a hint that was lost before a round existed is replaced
 * (docs/lessons.md 33). Each hint is sent before its `checkAfter` or the place of the walk is moved ahead: after a
 * crash it is sent again, and repeated hints are harmless. Resolves to how many rounds were due, and how many issues
 * were walked and hinted.
 */
export async function sweep(sweeping: Sweeping): Promise<{ due: number; walked: number; hinted: number }> {
  const due = await hintDue(sweeping);
  return { due, ...(await walk(sweeping)) };
}
