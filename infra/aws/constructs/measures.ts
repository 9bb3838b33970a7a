import { Duration, Stack } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';
import {
  DEPLOYMENT_DIMENSION,
  METRICS,
  type MetricBy,
  type MetricName,
} from '../../../shared/runtime/metric-table.ts';

/** The namespace of this product's metrics. The functions get it in their environment. */
export const NAMESPACE = 'FrabitImApproval';

type Statistic = 'Sum' | 'Maximum' | 'Minimum' | 'Average';

const FIVE_MINUTES = Duration.minutes(5);

/**
 * Makes the metrics of this product (`METRICS`) for one stack. A name that is not in the table does not compile. Its
 * dimension is the name of the stack, so that two stacks in one account do not mix.
 */
export class Measures {
  private readonly deployment: string;

  constructor(scope: IConstruct) {
    this.deployment = Stack.of(scope).stackName;
  }

  of(name: MetricName, statistic: Statistic, period: Duration = FIVE_MINUTES): Metric {
    return this.make(name, statistic, period, {});
  }

  /** The part of a metric that has one value of its own dimension. */
  partOf(name: MetricBy, value: string, statistic: Statistic, period: Duration = FIVE_MINUTES): Metric {
    return this.make(name, statistic, period, { [METRICS[name].by]: value });
  }

  private make(name: MetricName, statistic: Statistic, period: Duration, part: Record<string, string>) {
    return new Metric({
      namespace: NAMESPACE,
      metricName: name,
      dimensionsMap: { [DEPLOYMENT_DIMENSION]: this.deployment, ...part },
      statistic,
      period,
    });
  }
}

/** The sum of metrics of the same period. A metric without data counts as 0. */
export function total(label: string, metrics: readonly Metric[]): MathExpression {
  const named = metrics.map((metric, index) => [`m${index}`, metric] as const);
  return new MathExpression({
    label,
    expression: named.map(([id]) => `FILL(${id}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(named),
    period: Duration.seconds(metrics[0]?.period.toSeconds() ?? FIVE_MINUTES.toSeconds()),
  });
}

/**
 * A metric in milliseconds, shown in seconds.
 * @param id of the metric; each has its own in a graph
 */
export const inSeconds = (id: string, metric: Metric, label: string): MathExpression =>
  new MathExpression({
    label,
    expression: `${id} / 1000`,
    usingMetrics: { [id]: metric },
    period: metric.period,
  });

/** The highest value in each five minutes. */
export const highest = (metric: Metric): Metric =>
  metric.with({ statistic: 'Maximum', period: FIVE_MINUTES });

/** The sum over each five minutes. */
export const sum = (metric: Metric): Metric => metric.with({ statistic: 'Sum', period: FIVE_MINUTES });
