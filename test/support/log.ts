import { recordText } from './log-scan-record.ts';

/** A logger that keeps what it was given, for the test and for the scan of the whole run. */
export function aLog() {
  const lines: unknown[][] = [];
  const keep = (...line: unknown[]) => {
    lines.push(line);
    recordText('log', `${JSON.stringify(line)}\n`);
  };
  return { lines, info: keep, warn: keep, error: keep };
}
