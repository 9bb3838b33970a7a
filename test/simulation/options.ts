import * as z from 'zod';
import { readOptions, wholeNumber } from '../../infra/local/dev-command.ts';

export const USAGE = `Usage: npm run simulate -- [options]

Plays random stories on a virtual clock and checks after each that no promise was broken.

  --runs N      so many stories (300); with --mutants at most so many for each (1,500)
  --seed N      an integer; the same seed plays the same stories (drawn, and printed)
  --path P      replays one counterexample, with the seed that was printed with it
  --mutants     breaks the core in one place after the other: each time a story must notice
  --help        shows this

Exit codes: 0 all promises kept, 1 a promise broken or a mutant not noticed, 2 wrong options.`;

export interface SimulateOptions {
  runs: number | undefined;
  seed: number | undefined;
  path: string | undefined;
  mutants: boolean;
  help: boolean;
}

const schema = z.object({
  runs: wholeNumber('--runs', 1, 10_000_000).optional(),
  // Of a larger one fast-check would take 32 bits, and the stories would not be those of the seed that is printed.
  seed: wholeNumber('--seed', -(2 ** 31), 2 ** 31 - 1).optional(),
  path: z
    .string()
    .regex(/^\d+(:\d+)*$/, { error: '--path must be numbers with colons between them' })
    .optional(),
  mutants: z.boolean().default(false),
  help: z.boolean().default(false),
});

/** Rejects what it does not know with a sentence for the user. */
export function parseOptions(args: string[]): SimulateOptions | { problem: string } {
  const read = readOptions(args, schema, ['mutants', 'help']);
  if ('problem' in read) return read;
  const { runs, seed, path, mutants, help } = read.options;
  if (path !== undefined && seed === undefined)
    return { problem: '--path needs the --seed it was printed with' };
  if (path !== undefined && (runs !== undefined || mutants))
    return { problem: '--path replays one story: it goes with --seed alone' };
  return { runs, seed, path, mutants, help };
}
