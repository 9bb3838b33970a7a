import { recordText } from './log-scan-record.ts';

/** A logger that keeps its lines, for the test and for the log scan. */
export function aLog() {
  const lines: unknown[][] = [];
  const keep = (...line: unknown[]) => {
    lines.push(line);
    recordText('log', `${JSON.stringify(line)}\n`);
  };
  return { lines, info: keep, warn: keep, error: keep };
}
