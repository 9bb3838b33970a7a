import { availableParallelism } from 'node:os';
import * as z from 'zod';
import { readOptions, wholeNumber } from '../../infra/local/dev-command.ts';
import { FIX_NAMES } from './fixes.ts';
import { START_NAMES } from './starts.ts';

export const USAGE = `Usage: npm run explore -- [options]

Searches every order of events in a small world, breadth first, for a state that breaks a promise.

  --depth N         search up to N actions from each start (default: 4; with --minutes, no limit)
  --minutes N       stop after N minutes
  --workers N       use N threads (default: the number of cores)
  --from NAME       search from one start only: ${START_NAMES.join(', ')}
  --races           also let Frabit or a person act just before the worker writes to the issue, or creates or
                    cancels a card: edit task 1, set task 2, move the issue, approve or reject
  --without LESSON  first remove the fix of a lesson (docs/lessons.md): ${FIX_NAMES.join(', ')}
  --replay STORY    replay one story and describe each action, e.g. open:edit-1,deliver,work; only --without
                    can be added
  --help            show this help

Exit codes: 0 all promises kept, 1 a promise broken, 2 wrong options.`;

export interface ExploreOptions {
  depth: number;
  minutes: number | undefined;
  workers: number;
  from: string | undefined;
  races: boolean;
  without: string | undefined;
  replay: string | undefined;
  help: boolean;
}

const schema = z.object({
  depth: wholeNumber('--depth', 1, 100).optional(),
  minutes: wholeNumber('--minutes', 1, 10_000).optional(),
  workers: wholeNumber('--workers', 1, 64).optional(),
  from: z.enum(START_NAMES, { error: `--from must be one of ${START_NAMES.join(', ')}` }).optional(),
  races: z.boolean().default(false),
  without: z.enum(FIX_NAMES, { error: `--without must be one of ${FIX_NAMES.join(', ')}` }).optional(),
  replay: z
    .string()
    .refine((story) => START_NAMES.some((name) => story.startsWith(`${name}:`)), {
      error: `--replay must begin with the name of a start and a colon, e.g. ${START_NAMES[0]}:`,
    })
    .optional(),
  help: z.boolean().default(false),
});

/** Returns the options, or a sentence for the user about the first wrong one. */
export function parseOptions(args: string[]): ExploreOptions | { problem: string } {
  const read = readOptions(args, schema, ['races', 'help']);
  if ('problem' in read) return read;
  const { depth, minutes, workers, from, races, without, replay, help } = read.options;
  const isSearch = races || [depth, minutes, workers, from].some((one) => one !== undefined);
  if (replay !== undefined && isSearch) return { problem: '--replay can be combined with --without only' };
  const maxDepth = depth ?? (minutes === undefined ? 4 : 100);
  return {
    depth: maxDepth,
    minutes,
    workers: workers ?? availableParallelism(),
    from,
    races,
    without,
    replay,
    help,
  };
}
