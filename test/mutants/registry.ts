import { APPROVAL_MUTANTS } from './of-approval.ts';
import { EDGE_MUTANTS } from './of-edges.ts';
import { FORM_MUTANTS } from './of-form.ts';
import type { TestedMutant } from './tested-mutant.ts';

/**
 * Mutants that a named test must notice. `test/simulation/mutants.ts` has those that a story must notice: they are of
 * the core, which the simulation drives.
 */
export const TESTED_MUTANTS: readonly TestedMutant[] = [
  ...FORM_MUTANTS,
  ...APPROVAL_MUTANTS,
  ...EDGE_MUTANTS,
];
