import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run mutants -- [options]

Breaks the product in one place after the other; each time the tests that are named for it must fail.

  --only TEXT   only mutants whose name, or file, contains TEXT
  --help        shows this

Exit codes: 0 every mutant noticed, 1 a mutant not noticed or a test that fails without one, 2 wrong options.`;

export interface MutantsOptions {
  only: string | undefined;
  help: boolean;
}

/** Rejects what it does not know with a sentence for the user. */
export function parseOptions(args: string[]): MutantsOptions | { problem: string } {
  try {
    const { values } = parseArgs({
      args,
      options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    const { only, help = false } = values;
    return only?.trim() === '' ? { problem: '--only needs a text' } : { only, help };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'wrong options' };
  }
}
