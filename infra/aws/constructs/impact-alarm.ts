import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  type Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';

export interface ImpactAlarmProps {
  /** One sentence on what people notice while the alarm lasts: the first thing that the person on call reads. */
  impact: string;
  metric: IMetric;
  /** The alarm starts when the metric is at least this (`whenBelow`: below this). */
  threshold: number;
  whenBelow?: boolean;
  /** Periods in a row; default: 1. */
  periods?: number;
  /** What missing data means: BAD for a heartbeat, GOOD (the default) for other metrics. */
  silence?: 'GOOD' | 'BAD';
}

/** The only way to make an alarm in this project: every alarm needs a sentence on its impact. */
export class ImpactAlarm extends Construct {
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, props: ImpactAlarmProps) {
    super(scope, id);
    if (!/^[A-Z].{19,}\.$/su.test(props.impact)) {
      throw new Error(`The alarm ${id} needs a whole sentence on its impact, not "${props.impact}".`);
    }
    this.alarm = new Alarm(this, 'Alarm', {
      alarmDescription: props.impact,
      metric: props.metric,
      threshold: props.threshold,
      evaluationPeriods: props.periods ?? 1,
      comparisonOperator: props.whenBelow
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: props.silence === 'BAD' ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
  }
}

/** The highest value in each five minutes. */
export const highest = (metric: Metric): Metric =>
  metric.with({ statistic: 'Maximum', period: Duration.minutes(5) });

/** The sum over each five minutes. */
export const sum = (metric: Metric): Metric => metric.with({ statistic: 'Sum', period: Duration.minutes(5) });
