import { APPROVAL_MUTANTS } from './of-approval.ts';
import { EDGE_MUTANTS } from './of-edges.ts';
import { FORM_MUTANTS } from './of-form.ts';
import type { TestedMutant } from './tested-mutant.ts';

/**
 * Mutants that the named tests must notice. Those that a story of the simulation must notice are in
 * `test/simulation/mutants.ts`.
 */
export const TESTED_MUTANTS: readonly TestedMutant[] = [
  ...FORM_MUTANTS,
  ...APPROVAL_MUTANTS,
  ...EDGE_MUTANTS,
];
