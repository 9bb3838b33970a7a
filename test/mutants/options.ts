import * as z from 'zod';
import { readOptions } from '../../infra/local/dev-command.ts';

export const USAGE = `Usage: npm run mutants -- [options]

Breaks the product in one place at a time. Each time the tests of that mutant must fail.

  --only TEXT   test only mutants with TEXT in their name or file
  --help        show this help

Exit codes: 0 every mutant was noticed, 1 one was not, or a test fails without a mutant, 2 wrong options.`;

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

/** Returns the options, or a sentence for the user about the first wrong one. */
export function parseOptions(args: string[]): MutantsOptions | { problem: string } {
  const read = readOptions(args, schema, ['help']);
  if ('problem' in read) return read;
  const { only, help } = read.options;
  return { only, help };
}
