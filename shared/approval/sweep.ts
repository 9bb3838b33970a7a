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
  const [due, walked] = [await settled(hintDue(sweeping)), await settled(walk(sweeping))];
  const failures = [due, walked].flatMap((one) => ('failure' in one ? [one.failure] : []));
  if ('failure' in due || 'failure' in walked) throw failureOf(failures);
  return { due: due.value, ...walked.value };
}

type Settled<T> = { value: T } | { failure: unknown };

const settled = <T>(work: Promise<T>): Promise<Settled<T>> =>
  work.then(
    (value) => ({ value }),
    (failure: unknown) => ({ failure }),
  );

/** Joins failures. An AggregateError holds only failures that were reported one by one. */
function failureOf(failures: readonly unknown[]): unknown {
  const unreported = failures.find((one) => !(one instanceof AggregateError));
  return unreported ?? failures[0];
}
