import { parseArgs } from 'node:util';
import * as z from 'zod';

// Nothing of the world is loaded before it is known what is to be played.
export const SCENARIO_NAMES = ['send', 'disable', 'reassign', 'overload'] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];

export const USAGE = `Usage: npm run crowd -- [options]

Plays a crowd of issues on a virtual clock, with the product's own code, and checks that all is as it must be:
  send       all issues are written at once
  disable    every issue has an open card when approvals are switched off
  reassign   every issue has an open card when it gets another assignee
  overload   half as many issues again are written each minute as Feishu takes

  --issues N        so many issues (10,000)
  --per-minute N    creates, and cancels, that Feishu takes in any minute (100; at least 10)
  --workers N       messages that are worked on at the same time (5)
  --only SCENARIO   one of them alone (all)
  --help            shows this

Exit codes: 0 all is as it must be, 1 something is not, 2 wrong options.`;

export interface CrowdCommand {
  issues: number;
  perMinute: number;
  workers: number;
  only: readonly ScenarioName[];
  help: boolean;
}

const count = (name: string, least: number, most: number, usual: number) =>
  z
    .string()
    .regex(/^\d+$/, { error: `${name} must be a whole number` })
    .transform(Number)
    .refine((value) => value >= least && value <= most, { error: `${name} must be from ${least} to ${most}` })
    .default(usual);

const schema = z.object({
  issues: count('--issues', 1, 100_000, 10_000),
  'per-minute': count('--per-minute', 10, 10_000, 100),
  workers: count('--workers', 1, 100, 5),
  only: z.enum(SCENARIO_NAMES, { error: `--only must be ${SCENARIO_NAMES.join(', ')}` }).optional(),
  help: z.boolean().default(false),
});

/** Rejects what it does not know with a sentence for the user. */
export function parseOptions(args: string[]): CrowdCommand | { problem: string } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        issues: { type: 'string' },
        'per-minute': { type: 'string' },
        workers: { type: 'string' },
        only: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const parsed = schema.safeParse(values);
    if (!parsed.success) return { problem: parsed.error.issues[0]?.message ?? 'wrong options' };
    const { 'per-minute': perMinute, only, ...others } = parsed.data;
    return { ...others, perMinute, only: only ? [only] : SCENARIO_NAMES };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'wrong options' };
  }
}
