import * as z from 'zod';
import { readOptions, wholeNumber } from '../../infra/local/dev-command.ts';

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

const schema = z.object({
  issues: wholeNumber('--issues', 1, 100_000).default(10_000),
  'per-minute': wholeNumber('--per-minute', 10, 10_000).default(100),
  workers: wholeNumber('--workers', 1, 100).default(5),
  only: z.enum(SCENARIO_NAMES, { error: `--only must be ${SCENARIO_NAMES.join(', ')}` }).optional(),
  help: z.boolean().default(false),
});

/** Rejects what it does not know with a sentence for the user. */
export function parseOptions(args: string[]): CrowdCommand | { problem: string } {
  const read = readOptions(args, schema, ['help']);
  if ('problem' in read) return read;
  const { 'per-minute': perMinute, only, ...others } = read.options;
  return { ...others, perMinute, only: only ? [only] : SCENARIO_NAMES };
}
