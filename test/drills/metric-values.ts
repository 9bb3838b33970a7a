import type { ShownMetric, StatValue } from './dashboard-body.ts';
import type { MetricsStore } from './metrics-store.ts';

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

/** Returns the value of a metric or an expression for one time, undefined without data. */
function valueIn({ value }: ShownMetric, store: MetricsStore, from: number, to: number): number | undefined {
  const read = ({ key, statistic }: StatValue) => store.read(key, statistic, from, to);
  if (!('expression' in value)) return read(value);
  return value.expression((id) => {
    const input = value.inputs.get(id);
    if (!input) throw new Error(`The widget has no metric ${id}.`);
    return read(input);
  });
}

export const wholeValue = (
  metric: ShownMetric,
  store: MetricsStore,
  { from, to }: TimeRange,
): number | undefined => valueIn(metric, store, from, to);

/** Returns a point for each period that has data. Periods begin at full multiples of themselves, as in CloudWatch. */
export function pointsOf(metric: ShownMetric, store: MetricsStore, { from, to }: TimeRange): Point[] {
  const { periodMs = to - from } = metric;
  const points: Point[] = [];
  for (let at = Math.ceil(from / periodMs) * periodMs; at < to; at += periodMs) {
    const value = valueIn(metric, store, at, at + periodMs);
    if (value !== undefined) points.push({ at, value });
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
