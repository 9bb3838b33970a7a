import * as z from 'zod';
import { readOptions } from '../../infra/local/dev-command.ts';

export const USAGE = `Usage: npm run mutants -- [options]

Breaks the product in one place after the other; each time the tests that are named for it must fail.

  --only TEXT   only mutants whose name, or file, contains TEXT
  --help        shows this

Exit codes: 0 every mutant noticed, 1 a mutant not noticed or a test that fails without one, 2 wrong options.`;

export interface MutantsOptions {
  only: string | undefined;
  help: boolean;
}

const schema = z.object({
  only: z
    .string()
    .refine((text) => text.trim() !== '', { error: '--only needs a text' })
    .optional(),
  help: z.boolean().default(false),
});

/** Rejects what it does not know with a sentence for the user. */
export function parseOptions(args: string[]): MutantsOptions | { problem: string } {
  const read = readOptions(args, schema, ['help']);
  if ('problem' in read) return read;
  const { only, help } = read.options;
  return { only, help };
}
