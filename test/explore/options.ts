import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { FIX_NAMES } from './fixes.ts';
import { START_NAMES } from './starts.ts';

export const USAGE = `Usage: npm run explore -- [options]

Searches every order of events in a small world, breadth first, for a state that breaks a promise.

  --depth N         so many actions from each start (4)
  --minutes N       stops after so many minutes, wherever it is
  --workers N       threads (as many as there are cores)
  --from NAME       one start only: ${START_NAMES.join(', ')}
  --meddle          somebody may also be quicker than each effect of the worker
  --without ROW     takes the fix of a lesson out first: ${FIX_NAMES.join(', ')}
  --replay STORY    plays one story and tells each step, e.g. open:edit-1,deliver,work
  --help            shows this

Exit codes: 0 all promises kept, 1 a promise broken, 2 wrong options.`;

export interface ExploreOptions {
  depth: number;
  minutes: number | undefined;
  workers: number;
  from: string | undefined;
  meddle: boolean;
  without: string | undefined;
  replay: string | undefined;
  help: boolean;
}

const integer = (name: string, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: `${name} must be a whole number` })
    .transform(Number)
    .refine((value) => value >= 1 && value <= most, { error: `${name} must be from 1 to ${most}` });

const schema = z.object({
  depth: integer('--depth', 100).optional(),
  minutes: integer('--minutes', 10_000).optional(),
  workers: integer('--workers', 64).optional(),
  from: z.enum(START_NAMES, { error: `--from must be one of ${START_NAMES.join(', ')}` }).optional(),
  meddle: z.boolean().default(false),
  without: z.enum(FIX_NAMES, { error: `--without must be one of ${FIX_NAMES.join(', ')}` }).optional(),
  replay: z
    .string()
    .refine((story) => START_NAMES.some((name) => story.startsWith(`${name}:`)), {
      error: `--replay must begin with a start and a colon, e.g. ${START_NAMES[0]}:`,
    })
    .optional(),
  help: z.boolean().default(false),
});

/** Rejects what it does not know with a sentence for the user. */
export function parseOptions(args: string[]): ExploreOptions | { problem: string } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        depth: { type: 'string' },
        minutes: { type: 'string' },
        workers: { type: 'string' },
        from: { type: 'string' },
        meddle: { type: 'boolean' },
        without: { type: 'string' },
        replay: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const parsed = schema.safeParse(values);
    if (!parsed.success) return { problem: parsed.error.issues[0]?.message ?? 'wrong options' };
    const {
      depth,
      minutes,
      workers = availableParallelism(),
      from,
      meddle,
      without,
      replay,
      help,
    } = parsed.data;
    if (replay !== undefined && [depth, minutes, from].some((one) => one !== undefined))
      return { problem: '--replay plays one story: it goes with --without alone' };
    // Without a depth the time alone ends the search.
    return {
      depth: depth ?? (minutes === undefined ? 4 : 100),
      minutes,
      workers,
      from,
      meddle,
      without,
      replay,
      help,
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'wrong options' };
  }
}
