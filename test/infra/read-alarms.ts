import * as z from 'zod';
import { at, readable, type SynthesisedStack } from './synthesised-stack.ts';

/** An alarm of the template in words. */
export interface ReadAlarm {
  id: string;
  description: string;
  /** `<statistic> of <namespace> <metric> {<dimensions>} in <seconds> s`. AWS bills an alarm for each. */
  metrics: string[];
  expression: string | undefined;
  /** `>= 1` */
  when: string;
  /** `1 of 3`: how many of the last periods must be bad. */
  bad: string;
  missing: string;
}

const dimensions = z.array(z.object({ Name: z.string(), Value: z.unknown() })).default([]);
const metricSchema = z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions });

const alarmSchema = z.object({
  AlarmDescription: z.string(),
  ComparisonOperator: z.enum(['GreaterThanOrEqualToThreshold', 'LessThanThreshold']),
  Threshold: z.number(),
  EvaluationPeriods: z.number(),
  DatapointsToAlarm: z.number(),
  TreatMissingData: z.string(),
});
const plainSchema = metricSchema.extend({ Statistic: z.string(), Period: z.number() });
const mathSchema = z.object({
  Metrics: z.array(
    z.union([
      z.object({ Id: z.string(), Expression: z.string() }),
      z.object({
        Id: z.string(),
        MetricStat: z.object({ Metric: metricSchema, Stat: z.string(), Period: z.number() }),
      }),
    ]),
  ),
});

export const readAlarms = (stack: SynthesisedStack): ReadAlarm[] =>
  stack.ofType('AWS::CloudWatch::Alarm').map(({ logicalId, Properties }) => {
    const alarm = alarmSchema.parse(Properties);
    return {
      id: /^Alarms(.+?)Alarm[0-9A-F]{8}$/.exec(logicalId)?.[1] ?? logicalId,
      description: alarm.AlarmDescription,
      ...metricsOf(Properties, stack),
      when: `${alarm.ComparisonOperator === 'LessThanThreshold' ? '<' : '>='} ${alarm.Threshold}`,
      bad: `${alarm.DatapointsToAlarm} of ${alarm.EvaluationPeriods}`,
      missing: alarm.TreatMissingData,
    };
  });

function metricsOf(
  properties: Record<string, unknown>,
  stack: SynthesisedStack,
): Pick<ReadAlarm, 'metrics' | 'expression'> {
  const math = mathSchema.safeParse(properties);
  if (!math.success) {
    const { Statistic, Period, ...metric } = plainSchema.parse(properties);
    return { metrics: [inWords(metric, Statistic, Period, stack)], expression: undefined };
  }
  const parts = math.data.Metrics;
  return {
    metrics: parts.flatMap((part) =>
      'MetricStat' in part
        ? [inWords(part.MetricStat.Metric, part.MetricStat.Stat, part.MetricStat.Period, stack)]
        : [],
    ),
    expression: parts.flatMap((part) => ('Expression' in part ? [part.Expression] : []))[0],
  };
}

function inWords(
  { Namespace, MetricName, Dimensions }: z.infer<typeof metricSchema>,
  statistic: string,
  seconds: number,
  stack: SynthesisedStack,
): string {
  const words = Dimensions.map(({ Name, Value }) => `${Name}: ${valueInWords(Name, Value, stack)}`);
  return `${statistic} of ${Namespace} ${MetricName} {${words.join(', ')}} in ${seconds} s`;
}

function valueInWords(name: string, value: unknown, stack: SynthesisedStack): string {
  if (name !== 'EventSourceMappingUUID') return readable(value);
  const { Ref } = z.object({ Ref: z.string() }).parse(value);
  return `the source of ${at(stack.only('AWS::Lambda::EventSourceMapping', Ref).Properties, 'FunctionName')}`;
}
