import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** Counts the metrics of a function. `Name`: the names of its CloudWatch metrics. */
export interface Counter<Name extends string> {
  /** Adds `value` to a metric, by default 1. */
  count(name: Name, value?: number): void;
  /** Prints the counts in CloudWatch's embedded metric format, once an invocation. Prints nothing without counts. */
  flush(): void;
}

/** POWERTOOLS_METRICS_NAMESPACE sets the namespace; POWERTOOLS_METRICS_DISABLED=true turns metrics off. */
export function createCounter<Name extends string>(serviceName: string): Counter<Name> {
  const metrics = new Metrics({ serviceName });
  return {
    count: (name, value = 1) => void metrics.addMetric(name, MetricUnit.Count, value),
    flush: () => {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}
