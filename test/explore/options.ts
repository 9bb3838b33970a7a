import { availableParallelism } from 'node:os';
import * as z from 'zod';
import { readOptions, wholeNumber } from '../../infra/local/dev-command.ts';
import { FIX_NAMES } from './fixes.ts';
import { START_NAMES } from './starts.ts';

export const USAGE = `Usage: npm run explore -- [options]

Searches every order of events in a small world, breadth first, for a state that breaks a promise.

  --depth N         so many actions from each start (4; with --minutes alone as many as the time allows)
  --minutes N       stops after so many minutes, wherever it is
  --workers N       threads (as many as there are cores)
  --from NAME       one start only: ${START_NAMES.join(', ')}
  --meddle          somebody also acts just before the worker writes to the issue, creates or cancels a card:
                    edits task 1, sets task 2, moves the issue, approves or rejects
  --without ROW     takes the fix of a lesson out first: ${FIX_NAMES.join(', ')}
  --replay STORY    plays one story and tells each step, e.g. open:edit-1,deliver,work; --without may go with it
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

const schema = z.object({
  depth: wholeNumber('--depth', 1, 100).optional(),
  minutes: wholeNumber('--minutes', 1, 10_000).optional(),
  workers: wholeNumber('--workers', 1, 64).optional(),
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
  const read = readOptions(args, schema, ['meddle', 'help']);
  if ('problem' in read) return read;
  const { depth, minutes, workers, from, meddle, without, replay, help } = read.options;
  const isSearch = meddle || [depth, minutes, workers, from].some((one) => one !== undefined);
  if (replay !== undefined && isSearch)
    return { problem: '--replay plays one story: it goes with --without alone' };
  // Without a depth the time alone ends the search.
  const far = depth ?? (minutes === undefined ? 4 : 100);
  return {
    depth: far,
    minutes,
    workers: workers ?? availableParallelism(),
    from,
    meddle,
    without,
    replay,
    help,
  };
}
