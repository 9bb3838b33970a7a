import { parseArgs } from 'node:util';
import * as z from 'zod';

/** Options, usage and exit codes of the developer commands (`npm run bench`, `simulate`, `explore` …). */

/** The schema of an option that is a whole number; `name`: as it is typed, such as `--runs`. */
export const wholeNumber = (name: string, least: number, most: number) =>
  z
    .string()
    .regex(/^-?\d+$/, { error: `${name} must be a whole number` })
    .transform(Number)
    .refine((value) => value >= least && value <= most, {
      error: `${name} must be from ${least} to ${most}`,
    });

/**
 * Parses the options of a command line with a schema. All options have a text value but the `switches`. Returns a
 * sentence for the user if an option is unknown or invalid.
 */
export function readOptions<S extends z.ZodObject>(
  args: string[],
  schema: S,
  switches: readonly (keyof S['shape'])[],
): { options: z.output<S> } | { problem: string } {
  const known = Object.keys(schema.shape).map((name) => {
    const type = switches.includes(name) ? ('boolean' as const) : ('string' as const);
    return [name, { type, ...(name === 'help' && { short: 'h' }) }];
  });
  try {
    const { values } = parseArgs({ args, options: Object.fromEntries(known) });
    const { data, error } = schema.safeParse(values);
    return data ? { options: data } : { problem: error?.issues[0]?.message ?? 'invalid options' };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'invalid options' };
  }
}

/** Runs a command, or prints its usage. Resolves to its exit code: 2 for invalid options. */
export async function runCommand<T extends { help: boolean }>(
  parsed: T | { problem: string },
  usage: string,
  run: (options: T) => Promise<number>,
): Promise<number> {
  if ('problem' in parsed) return refuse(parsed.problem, usage);
  if (!parsed.help) return run(parsed);
  process.stdout.write(`${usage}\n`);
  return 0;
}

export function refuse(problem: string, usage: string): number {
  process.stderr.write(`${problem}\n\n${usage}\n`);
  return 2;
}
