import * as z from 'zod';
import { readOptions, wholeNumber } from '../dev-command.ts';

export const USAGE = `Usage: npm run bench -- [options]

Measures, on this machine:
  speed    issue by issue, against an "npm start" that runs in another terminal
  limits   many issues reassigned at once, on a stack of its own with Feishu's limits scaled down

  --only speed|limits      one part alone (both)
  --issues N               so many issues in each part (200 for speed, 120 for limits)
  --calls-per-minute N     creates, and cancels, that Feishu takes a minute in "limits" (60; at least 10)
  --help                   shows this

The whole crowd at Feishu's own limits takes about 12 minutes:
  npm run bench -- --only limits --issues 500 --calls-per-minute 100

Exit codes: 0 measured, 1 it could not be measured or a promise was broken, 2 wrong options.`;

const PARTS = ['speed', 'limits'] as const;
export type Part = (typeof PARTS)[number];

export interface BenchOptions {
  parts: readonly Part[];
  issues: Record<Part, number>;
  callsPerMinute: number;
  help: boolean;
}

const schema = z.object({
  only: z.enum(PARTS, { error: '--only must be speed or limits' }).optional(),
  issues: wholeNumber('--issues', 1, 99_999).optional(),
  'calls-per-minute': wholeNumber('--calls-per-minute', 10, 99_999).optional(),
  help: z.boolean().default(false),
});

/** Options that are unknown or no numbers come back as a sentence for the user. */
export function parseOptions(args: string[]): BenchOptions | { problem: string } {
  const read = readOptions(args, schema, ['help']);
  if ('problem' in read) return read;
  const { only, issues, help, 'calls-per-minute': callsPerMinute } = read.options;
  return {
    parts: only ? [only] : PARTS,
    issues: { speed: issues ?? 200, limits: issues ?? 120 },
    callsPerMinute: callsPerMinute ?? 60,
    help,
  };
}
