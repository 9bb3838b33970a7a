import type { Mutant } from '../simulation/mutants.ts';

/** One place of the product broken, to prove that a test notices. */
export interface TestedMutant extends Mutant {
  /** What it would do to a person. */
  harm: string;
  /** Test files, from the project's root: at least one assertion in them must fail. */
  noticedBy: readonly [string, ...string[]];
}

/** The environment variable that names the mutant of a test run. */
export const MUTANT_VARIABLE = 'MUTANT';

/** The mutated source. Throws unless the mutant's text stands exactly once in the source. */
export function mutate(source: string, { name, file, find, replace }: Mutant): string {
  const [before = '', after, ...more] = source.split(find);
  if (after === undefined || more.length > 0) {
    throw new Error(`${file} does not have the text of the mutant "${name}" exactly once`);
  }
  return before + replace + after;
}
