import type { CliIo } from '../io.ts';
import { outOfReach } from '../problem.ts';
import { type LogLine, parseLogLine } from './line.ts';
import {
  type FoundLines,
  hasIdsOnly,
  inOrder,
  isMetricOf,
  type LogSource,
  namesIssue,
  type Search,
} from './story.ts';

/** As many as a search of log groups finds. */
const MOST_LINES = 10_000;

/**
 * Searches the log file of a local stack. Reads it line by line, so that its size does not matter. Rejects with a
 * CommandProblem if there is no such file on this machine.
 */
export function searchLogFile(
  path: string,
  { from, to }: Search,
  { readLines }: Pick<CliIo, 'readLines'>,
  most = MOST_LINES,
): LogSource {
  const find = async (fits: (line: LogLine) => boolean): Promise<FoundLines> => {
    let lines: LogLine[] = [];
    let cut = false;
    try {
      for await (const text of readLines(path)) {
        const line = parseLogLine(text);
        if (!line || line.at < from || line.at > to || !fits(line)) continue;
        lines.push(line);
        if (lines.length < 2 * most) continue;
        lines = lines.slice(-most);
        cut = true;
      }
    } catch (error) {
      throw outOfReach(
        'NO_LOG_FILE',
        `The log file of the local stack cannot be read (${path}): run the command on the machine of the stack.`,
        error,
      );
    }
    return { lines: inOrder(lines.slice(-most)), cut: cut || lines.length > most };
  };
  return {
    ofIssue: (issueId) => find(namesIssue(issueId)),
    withIds: (ids) => find(hasIdsOnly(ids)),
    metricsOf: (requestIds) => find(isMetricOf(requestIds)),
  };
}
