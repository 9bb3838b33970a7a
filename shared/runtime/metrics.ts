import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** Counts what a function did. `Name`: the CloudWatch names of its metrics. */
export interface Counter<Name extends string> {
  /** Adds to a metric; 1 unless another value is given. */
  count(name: Name, value?: number): void;
  /** Prints what was counted in CloudWatch's embedded format, once an invocation; prints nothing if nothing was counted. */
  flush(): void;
}

/** The namespace comes from POWERTOOLS_METRICS_NAMESPACE; POWERTOOLS_METRICS_DISABLED=true silences it. */
export function createCounter<Name extends string>(serviceName: string): Counter<Name> {
  const metrics = new Metrics({ serviceName });
  return {
    count: (name, value = 1) => void metrics.addMetric(name, MetricUnit.Count, value),
    flush: () => {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}
