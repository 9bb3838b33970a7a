import type { CliIo } from '../io.ts';
import { outOfReach } from '../problem.ts';
import { isMetric, type LogLine, parseLogLine, textOf } from './line.ts';
import { type FoundLines, hasOneOf, inOrder, type LogSource, type Search } from './story.ts';

/** As many as a search of log groups finds. */
const MOST_LINES = 10_000;

/**
 * Searches the log file of a local stack. Reads it line by line, so that its size does not matter. Rejects with a
 * CommandProblem if there is no such file on this machine.
 */
export function searchLogFile(
  path: string,
  { from, to, metrics }: Search,
  { readLines }: Pick<CliIo, 'readLines'>,
  most = MOST_LINES,
): LogSource {
  const find = async (fits: (line: LogLine) => boolean): Promise<FoundLines> => {
    let lines: LogLine[] = [];
    let cut = false;
    try {
      for await (const text of readLines(path)) {
        const line = parseLogLine(text);
        if (!line || line.at < from || line.at > to || !fits(line) || (!metrics && isMetric(line))) continue;
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
    ofIssue: (issueId) => find((line) => textOf(line, 'issueId') === issueId),
    withIds(ids) {
      const isAbout = hasOneOf(ids);
      return find((line) => !('issueId' in line.raw) && isAbout(line));
    },
  };
}
