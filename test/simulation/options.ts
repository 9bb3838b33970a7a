import * as z from 'zod';
import { readOptions, wholeNumber } from '../../infra/local/dev-command.ts';

export const USAGE = `Usage: npm run simulate -- [options]

Plays random stories on a virtual clock and checks that each of them keeps every promise.

  --runs N      number of stories (default: 300); with --mutants, maximum for each mutant (default: 1,500)
  --seed N      integer; the same seed plays the same stories (default: random; with --mutants: 1)
  --path P      replays one failing story; needs the --seed that was printed with it
  --mutants     breaks the product in one place at a time; a story must notice each mutant
  --help        prints this text

Exit codes: 0 every promise kept, 1 a promise broken or a mutant not noticed, 2 invalid options.`;

export interface SimulateOptions {
  runs: number | undefined;
  seed: number | undefined;
  path: string | undefined;
  mutants: boolean;
  help: boolean;
}

const schema = z.object({
  runs: wholeNumber('--runs', 1, 10_000_000).optional(),
  // fast-check uses only 32 bits, so a larger seed would play the stories of another one.
  seed: wholeNumber('--seed', -(2 ** 31), 2 ** 31 - 1).optional(),
  path: z
    .string()
    .regex(/^\d+(:\d+)*$/, { error: '--path must be numbers separated by colons' })
    .optional(),
  mutants: z.boolean().default(false),
  help: z.boolean().default(false),
});

/** Returns the options, or a sentence for the user if an option is unknown or invalid. */
export function parseOptions(args: string[]): SimulateOptions | { problem: string } {
  const read = readOptions(args, schema, ['mutants', 'help']);
  if ('problem' in read) return read;
  const { runs, seed, path, mutants, help } = read.options;
  if (path !== undefined && seed === undefined)
    return { problem: '--path needs the --seed that was printed with it' };
  if (path !== undefined && (runs !== undefined || mutants))
    return { problem: '--path replays one story and can be combined only with --seed' };
  return { runs, seed, path, mutants, help };
}
