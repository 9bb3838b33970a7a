import { parseArgs } from 'node:util';
import * as z from 'zod';

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

const integer = (name: string, least: number, most: number) =>
  z
    .string()
    .regex(/^-?\d+$/, { error: `${name} must be a whole number` })
    .transform(Number)
    .refine((value) => value >= least && value <= most, {
      error: `${name} must be from ${least} to ${most}`,
    })
    .optional();

const schema = z.object({
  runs: integer('--runs', 1, 10_000_000),
  // Of a larger one fast-check would take 32 bits, and the stories would not be those of the seed that is printed.
  seed: integer('--seed', -(2 ** 31), 2 ** 31 - 1),
  path: z
    .string()
    .regex(/^\d+(:\d+)*$/, { error: '--path must be numbers with colons between them' })
    .optional(),
  mutants: z.boolean().default(false),
  help: z.boolean().default(false),
});

/** Rejects what it does not know with a sentence for the user. */
export function parseOptions(args: string[]): SimulateOptions | { problem: string } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        runs: { type: 'string' },
        seed: { type: 'string' },
        path: { type: 'string' },
        mutants: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const parsed = schema.safeParse(values);
    if (!parsed.success) return { problem: parsed.error.issues[0]?.message ?? 'wrong options' };
    const { runs, seed, path, mutants, help } = parsed.data;
    if (path !== undefined && seed === undefined)
      return { problem: '--path needs the --seed it was printed with' };
    if (path !== undefined && (runs !== undefined || mutants))
      return { problem: '--path replays one story: it goes with --seed alone' };
    return { runs, seed, path, mutants, help };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'wrong options' };
  }
}
