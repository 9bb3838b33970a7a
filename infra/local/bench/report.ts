/** Formats the numbers of the bench. Pure. */

/** Returns a line with the percentiles of times in milliseconds. */
export function timesLine(name: string, milliseconds: readonly number[]): string {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number) =>
    `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0)} ms`;
  return `${name.padEnd(36)}n ${sorted.length}   p50 ${at(0.5).padStart(7)}   p95 ${at(0.95).padStart(7)}`;
}

/** Returns a line per endpoint with the calls per issue, and one with their sum. */
export function callsLines(calls: Record<string, number>, issues: number): string[] {
  const rows = [...Object.entries(calls), ['total', sum(calls)] as const];
  return rows.map(([name, count]) => `  ${name.padEnd(34)}${(count / issues).toFixed(2).padStart(8)}`);
}

export const factLine = (name: string, fact: string | number): string => `${name.padEnd(36)}${fact}`;

export const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

export function minutes(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export const sum = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);
