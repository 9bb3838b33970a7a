import * as z from 'zod';
import { readOptions, wholeNumber } from '../../infra/local/dev-command.ts';

// The names are in this file, so that parsing the options does not load the product.
const SCENARIO_NAMES = ['send', 'disable', 'reassign', 'overload'] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];

export const USAGE = `Usage: npm run crowd -- [options]

Runs thousands of issues at once on a virtual clock, with the product's own code, and checks times, limits and results.
Scenarios:
  send       all issues are written at once
  disable    every issue has an open card, then approvals are disabled
  reassign   every issue has an open card, then gets another assignee
  overload   each minute 1.5 times as many issues are written as Feishu accepts

  --issues N        number of issues (default: 10,000)
  --per-minute N    creates, and cancels, that Feishu accepts in a minute (default: 100; at least 10)
  --workers N       number of workers (default: 5)
  --only SCENARIO   run one scenario only (default: all)
  --help            show this help

Exit codes: 0 every requirement holds, 1 one does not, 2 wrong options.`;

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

/** Returns the options, or a sentence for the user about the first wrong one. */
export function parseOptions(args: string[]): CrowdCommand | { problem: string } {
  const read = readOptions(args, schema, ['help']);
  if ('problem' in read) return read;
  const { 'per-minute': perMinute, only, ...others } = read.options;
  return { ...others, perMinute, only: only ? [only] : SCENARIO_NAMES };
}
