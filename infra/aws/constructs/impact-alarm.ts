import { Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';

export interface ImpactAlarmProps {
  /** One sentence on what people notice while the alarm lasts: the first thing that the person on call reads. */
  impact: string;
  metric: IMetric;
  /** The alarm starts when the metric is at least this (`whenBelow`: below this). */
  threshold: number;
  whenBelow?: boolean;
  /** The last periods that are looked at; default: 1. */
  periods?: number;
  /** How many of these periods must be bad; default: all. */
  datapoints?: number;
  /** What a period without data counts as. `ignore` keeps the state of the alarm. Default: `notBreaching`. */
  missing?: 'notBreaching' | 'breaching' | 'ignore';
}

interface RunbookPage {
  /** Path or address of the page with a section for each alarm. */
  runbookUrl: string;
}

const MISSING = {
  notBreaching: TreatMissingData.NOT_BREACHING,
  breaching: TreatMissingData.BREACHING,
  ignore: TreatMissingData.IGNORE,
} as const;

/** CloudWatch's limit for the description of an alarm. */
const MAX_DESCRIPTION = 1024;

/**
 * The only way to make an alarm in this project: every alarm has a sentence on its impact, and a link to its section of
 * the runbook, whose heading is the id of the alarm.
 */
export class ImpactAlarm extends Construct {
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, props: ImpactAlarmProps & RunbookPage) {
    super(scope, id);
    if (!/^[A-Z].{19,}\.$/su.test(props.impact)) {
      throw new Error(`The alarm ${id} needs a whole sentence on its impact, not "${props.impact}".`);
    }
    const description = `${props.impact} Runbook: ${props.runbookUrl}#${id.toLowerCase()}`;
    if (description.length > MAX_DESCRIPTION) throw new Error(`The description of ${id} is too long.`);
    this.alarm = new Alarm(this, 'Alarm', {
      // People see the name on the dashboard and in e-mails. A generated one begins with the id of the construct.
      alarmName: `${Stack.of(this).stackName}-${id}`,
      alarmDescription: description,
      metric: props.metric,
      threshold: props.threshold,
      evaluationPeriods: props.periods ?? 1,
      datapointsToAlarm: props.datapoints ?? props.periods ?? 1,
      comparisonOperator: props.whenBelow
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: MISSING[props.missing ?? 'notBreaching'],
    });
  }
}
