import type { ShownMetric } from './dashboard-body.ts';
import { type MetricsStore, MINUTE_MS } from './metrics-store.ts';

/** The time that the dashboard shows. Epoch milliseconds. */
export interface TimeRange {
  from: number;
  to: number;
}

export interface Point {
  /** The beginning of its period. Epoch milliseconds. */
  at: number;
  value: number;
}

/** Returns one value for the whole time, undefined without data. */
export const wholeValue = (
  { key, statistic }: ShownMetric,
  store: MetricsStore,
  { from, to }: TimeRange,
): number | undefined => store.read(key, statistic, from, to);

/** Returns a point for each period that has data. Periods begin at full multiples of themselves, as in CloudWatch. */
export function pointsOf(
  { key, statistic, periodMs = MINUTE_MS }: ShownMetric,
  store: MetricsStore,
  { from, to }: TimeRange,
): Point[] {
  const points: Point[] = [];
  for (let at = Math.floor(from / periodMs) * periodMs; at < to; at += periodMs) {
    const value = store.read(key, statistic, at, at + periodMs);
    if (value !== undefined && at >= from) points.push({ at, value });
  }
  return points;
}

const THOUSAND = 1000;

/** Writes a value as CloudWatch does: 950, 1.2k, 3.4M. */
export function shortNumber(value: number): string {
  const sizes: [number, string][] = [
    [THOUSAND ** 2, 'M'],
    [THOUSAND, 'k'],
  ];
  for (const [size, letter] of sizes)
    if (Math.abs(value) >= size) return `${Number((value / size).toPrecision(3))}${letter}`;
  return String(Number(value.toPrecision(3)));
}
