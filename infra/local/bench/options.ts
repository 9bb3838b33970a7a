import * as z from 'zod';
import { readOptions, wholeNumber } from '../dev-command.ts';

export const USAGE = `Usage: npm run bench -- [options]

Measures, on this machine:
  speed    issue by issue, against an "npm start" that runs in another terminal
  limits   many issues reassigned at once, on its own stack with Feishu's limits scaled down

  --only speed|limits      measures one part (default: both)
  --issues N               the number of issues in each part (default: 200 for speed, 120 for limits)
  --calls-per-minute N     creates, and cancels, that Feishu accepts a minute in "limits" (default: 60; at least 10)
  --help                   shows this

The full size at Feishu's own limits takes about 12 minutes:
  npm run bench -- --only limits --issues 500 --calls-per-minute 100

Exit codes: 0 measured, 1 measuring failed or a guarantee was broken, 2 invalid options.`;

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

/** Returns a sentence for the user if an option is unknown or invalid. */
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
