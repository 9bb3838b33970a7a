import type { Mutant } from '../simulation/mutants.ts';

/** A mutant with the tests that must notice it. */
export interface TestedMutant extends Mutant {
  /** What it would mean for a user. */
  harm: string;
  /** Test files, relative to the root of the project. At least one assertion in them must fail. */
  noticedBy: readonly [string, ...string[]];
}

/** The environment variable that names the mutant of a test run. */
export const MUTANT_VARIABLE = 'MUTANT';

/** Returns the mutated source. Throws unless the text of the mutant is in the source exactly once. */
export function mutate(source: string, { name, file, find, replace }: Mutant): string {
  const [before = '', after, ...more] = source.split(find);
  if (after === undefined || more.length > 0) {
    throw new Error(`${file} does not contain the text of the mutant "${name}" exactly once`);
  }
  return before + replace + after;
}
