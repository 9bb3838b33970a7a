import { Metrics } from '@aws-lambda-powertools/metrics';
import { currentAbout, currentRequestId } from './invocation.ts';
import { METRICS, type Metric, type MetricBy, type MetricName } from './metric-table.ts';

/** Counts the metrics of a function (`METRICS`). */
export interface Counter {
  /** Adds a value to a metric, by default 1. */
  count(name: Exclude<MetricName, MetricBy>, value?: number): void;
  /** Adds 1 to a metric that has a dimension, with this value of it. */
  countBy(name: MetricBy, by: string): void;
  /** Prints the values in CloudWatch's embedded metric format, once an invocation. Prints nothing without values. */
  flush(): void;
}

/** At the hundredth value of a metric, Powertools prints a line by itself and forgets the dimension. */
const MOST_VALUES = 99;

interface Value {
  name: MetricName;
  value: number;
}

/**
 * POWERTOOLS_METRICS_NAMESPACE sets the namespace. POWERTOOLS_SERVICE_NAME sets the dimension `service`, the name of
 * the deployment, so that two copies in one account do not mix. POWERTOOLS_METRICS_DISABLED=true turns metrics off.
 * @param functionName stands on each line, but is no dimension
 */
export function createCounter(functionName: string): Counter {
  const metrics = new Metrics();
  const totals: Value[] = [];
  const parts = new Map<string, Value[]>();

  const add = (name: MetricName, value: number, by?: string) => {
    totals.push({ name, value });
    if (by === undefined) return;
    const { by: dimension = '' } = METRICS[name] as Metric;
    const key = JSON.stringify([dimension, by]);
    parts.set(key, [...(parts.get(key) ?? []), { name, value }]);
  };

  const print = (values: readonly Value[], dimension?: { name: string; value: string }): void => {
    if (values.length === 0) return;
    if (values.length > MOST_VALUES) {
      print(values.slice(0, MOST_VALUES), dimension);
      print(values.slice(MOST_VALUES), dimension);
      return;
    }
    if (dimension) metrics.addDimension(dimension.name, dimension.value);
    for (const { name, value } of values) metrics.addMetric(name, METRICS[name].unit, value);
    const about = { ...currentAbout(), function_request_id: currentRequestId() };
    for (const [key, text] of Object.entries({ ...about, function_name: functionName }))
      if (text !== undefined) metrics.addMetadata(key, text);
    metrics.publishStoredMetrics();
  };

  return {
    count: (name, value = 1) =>
      add(name, value, (METRICS[name] as Metric).by === 'function' ? functionName : undefined),
    countBy: (name, by) => add(name, 1, by),
    flush() {
      print(totals.splice(0));
      for (const [key, values] of parts) {
        const [name, value] = JSON.parse(key) as [string, string];
        print(values, { name, value });
      }
      parts.clear();
    },
  };
}

/** Counts nothing: for callers that have no metrics, such as commands. */
export const noCounter: Counter = { count() {}, countBy() {}, flush() {} };
