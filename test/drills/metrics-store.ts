import * as z from 'zod';

/** Data points of metrics, as CloudWatch keeps them: by namespace, name and the exact set of dimensions. */

export const MINUTE_MS = 60_000;

export interface MetricKey {
  namespace: string;
  name: string;
  dimensions: Readonly<Record<string, string>>;
}

export type Statistic = 'Sum' | 'Maximum' | 'Minimum' | 'Average' | 'SampleCount';

/** The values of one minute: CloudWatch keeps no single values of metrics with standard resolution. */
interface Summary {
  sum: number;
  maximum: number;
  minimum: number;
  count: number;
}

export interface MetricsStore {
  /** Adds a value. `at`: epoch milliseconds. */
  put(key: MetricKey, value: number, at: number): void;
  /** Adds the values of a line in CloudWatch's embedded metric format. Returns false for any other line. */
  putLine(line: string): boolean;
  /** Returns the statistic of the values from `from` (inclusive) to `to` (exclusive), undefined without values. */
  read(key: MetricKey, statistic: Statistic, from: number, to: number): number | undefined;
  /** The metrics that have values. */
  keys(): MetricKey[];
  clear(): void;
}

const EMF_MARK = '"_aws"';
/** The directive of a line: "Specification: Embedded metric format", CloudWatch User Guide. */
const directiveSchema = z.object({
  Timestamp: z.number(),
  CloudWatchMetrics: z.array(
    z.object({
      Namespace: z.string(),
      Dimensions: z.array(z.array(z.string())),
      Metrics: z.array(z.object({ Name: z.string() })),
    }),
  ),
});
const lineSchema = z.looseObject({ _aws: directiveSchema });
const valuesSchema = z.union([z.number().transform((value) => [value]), z.array(z.number())]);

export function createMetricsStore(): MetricsStore {
  const metrics = new Map<string, { key: MetricKey; minutes: Map<number, Summary> }>();

  function put(key: MetricKey, value: number, at: number): void {
    const id = idOf(key);
    const metric = metrics.get(id) ?? { key, minutes: new Map<number, Summary>() };
    metrics.set(id, metric);
    const minute = Math.floor(at / MINUTE_MS);
    const before = metric.minutes.get(minute);
    metric.minutes.set(minute, {
      sum: (before?.sum ?? 0) + value,
      maximum: Math.max(before?.maximum ?? value, value),
      minimum: Math.min(before?.minimum ?? value, value),
      count: (before?.count ?? 0) + 1,
    });
  }

  return {
    put,
    putLine(line) {
      if (!line.includes(EMF_MARK)) return false;
      const members = lineSchema.parse(JSON.parse(line));
      const { Timestamp, CloudWatchMetrics } = members._aws;
      for (const { Namespace: namespace, Dimensions, Metrics } of CloudWatchMetrics) {
        for (const names of Dimensions) {
          const dimensions = Object.fromEntries(names.map((name) => [name, z.string().parse(members[name])]));
          for (const { Name: name } of Metrics) {
            for (const value of valuesSchema.parse(members[name]))
              put({ namespace, name, dimensions }, value, Timestamp);
          }
        }
      }
      return true;
    },
    read(key, statistic, from, to) {
      const minutes = metrics.get(idOf(key))?.minutes;
      if (!minutes) return undefined;
      return statisticOf(summariesIn(minutes, from / MINUTE_MS, to / MINUTE_MS), statistic);
    },
    keys: () => [...metrics.values()].map(({ key }) => key),
    clear: () => metrics.clear(),
  };
}

const idOf = ({ namespace, name, dimensions }: MetricKey): string =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** Returns the summaries of the minutes from `from` to before `to`. Looks at the shorter of the two lists. */
function summariesIn(minutes: ReadonlyMap<number, Summary>, from: number, to: number): Summary[] {
  if (minutes.size <= to - from) {
    return [...minutes].filter(([minute]) => minute >= from && minute < to).map(([, summary]) => summary);
  }
  const found: Summary[] = [];
  for (let minute = Math.ceil(from); minute < to; minute++) {
    const summary = minutes.get(minute);
    if (summary) found.push(summary);
  }
  return found;
}

function statisticOf(summaries: readonly Summary[], statistic: Statistic): number | undefined {
  if (summaries.length === 0) return undefined;
  const total = (member: 'sum' | 'count') => summaries.reduce((sum, summary) => sum + summary[member], 0);
  switch (statistic) {
    case 'Sum':
      return total('sum');
    case 'SampleCount':
      return total('count');
    case 'Average':
      return total('sum') / total('count');
    case 'Maximum':
      return Math.max(...summaries.map(({ maximum }) => maximum));
    case 'Minimum':
      return Math.min(...summaries.map(({ minimum }) => minimum));
    default:
      return statistic satisfies never;
  }
}
