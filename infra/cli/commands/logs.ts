import type { CommandResult, Context } from '../context.ts';
import type { Deployment } from '../deployment.ts';
import { searchLogFile } from '../logs/log-file.ts';
import { searchLogGroups } from '../logs/log-groups.ts';
import { findStory, type LogSource, type Search } from '../logs/story.ts';
import { badInput, outOfReach } from '../problem.ts';
import { checkIssueId } from './issue-id.ts';
import { printLogLines } from './print-log-lines.ts';

export interface LogsFlags {
  since: string;
  correlation?: string;
  metrics: boolean;
}

const CUT =
  'The oldest of these lines were left out, because there are too many: use a shorter --since, or --correlation.';

/** `frabit-im logs`: prints what the functions logged about an issue, in order of time. */
export async function logs(context: Context, issueId: string, flags: LogsFlags): Promise<CommandResult> {
  checkIssueId(issueId);
  if (flags.correlation === '') throw badInput('--correlation must not be empty.');
  const span = readSpan(flags.since);
  const deployment = await context.deployment();
  const to = context.io.now().getTime();
  const source = sourceOf(context, deployment, { from: to - span, to });
  const progress = context.progress('Searching the logs');
  try {
    const { lines, cut } = await findStory(source, issueId, flags);
    progress.stop();
    printLogLines(context, lines, issueId);
    if (lines.length === 0) {
      context.print(`No such line was logged in the last ${flags.since} at ${deployment.where}.`);
    }
    if (cut) context.print(CUT);
    return { document: { issueId, lines: lines.map(({ raw }) => raw), cut } };
  } finally {
    progress.stop();
  }
}

function sourceOf({ io }: Context, deployment: Deployment, search: Search): LogSource {
  const { logs, where } = deployment;
  switch (logs.kind) {
    case 'LOG_GROUPS': {
      const names = deployment.output('LogGroupNames').split(',');
      return searchLogGroups({ client: logs.client, names, where }, search, io);
    }
    case 'FILE':
      if (logs.path === undefined) {
        throw outOfReach('NO_LOG_FILE', `${where} does not name its log file: start the current version.`);
      }
      return searchLogFile(logs.path, search, io);
    default:
      return logs satisfies never;
  }
}

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Returns the milliseconds of a span such as 30m, 6h or 2d. */
function readSpan(text: string): number {
  const [, count = '', unit = ''] = /^([1-9]\d{0,3})([mhd])$/.exec(text) ?? [];
  if (unit === '') throw badInput('--since takes a number and m, h or d, such as 30m, 6h or 2d.');
  return Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
}
