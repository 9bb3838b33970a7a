import { parseArgs } from 'node:util';
import * as z from 'zod';

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

const count = (name: string, least: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, { error: `${name} must be a whole number` })
    .transform(Number)
    .pipe(z.int().min(least, { error: `${name} must be at least ${least}` }))
    .optional();

const schema = z.object({
  only: z.enum(PARTS, { error: '--only must be speed or limits' }).optional(),
  issues: count('--issues', 1),
  'calls-per-minute': count('--calls-per-minute', 10),
  help: z.boolean().default(false),
});

/** Options that are unknown or no numbers come back as a sentence for the user. */
export function parseOptions(args: string[]): BenchOptions | { problem: string } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        only: { type: 'string' },
        issues: { type: 'string' },
        'calls-per-minute': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const parsed = schema.safeParse(values);
    if (!parsed.success) return { problem: parsed.error.issues[0]?.message ?? 'wrong options' };
    const { only, issues, help, 'calls-per-minute': callsPerMinute } = parsed.data;
    return {
      parts: only ? [only] : PARTS,
      issues: { speed: issues ?? 200, limits: issues ?? 120 },
      callsPerMinute: callsPerMinute ?? 60,
      help,
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'wrong options' };
  }
}
