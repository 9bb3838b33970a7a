import * as z from 'zod';
import { readable } from '../infra/synthesised-stack.ts';
import {
  type AlarmState,
  type Counted,
  type DataPoint,
  evaluationRange,
  MISSING_TREATMENTS,
  nextState,
} from './alarm-state.ts';
import { type MathExpression, parseMath } from './metric-math.ts';
import type { MetricKey, MetricsStore, Statistic } from './metrics-store.ts';

/** Evaluates the alarms of a CloudFormation template as CloudWatch would. */
export interface Alarm {
  /** The id of the alarm in the product, such as `FeishuRefusesSetup`. */
  id: string;
  /** The metrics that it reads. References of the template are readable: `FunctionsSweepApprovalsFunction`. */
  metrics: readonly MetricKey[];
  /** Milliseconds. */
  periodMs: number;
  evaluationPeriods: number;
  state(): AlarmState;
  /**
   * Evaluates the alarm at a full minute, and returns its state. "If the period is one minute or longer, an alarm is
   * evaluated every minute, based on the window of time defined by Period and Evaluation Periods": at the end of minute
   * 5 on minutes 1 to 5, at the end of minute 6 on minutes 2 to 6 (CloudWatch User Guide, "Evaluating an alarm"). The
   * window slides unless the alarm has an EvaluationWindow ("Alarm evaluation window"). The delay with which CloudWatch
   * takes in metrics is not simulated.
   */
  evaluate(store: MetricsStore, at: number): AlarmState;
}

const dimensionsSchema = z.array(z.object({ Name: z.string(), Value: z.unknown() })).default([]);
const statisticSchema = z.enum(['Sum', 'Maximum', 'Minimum', 'Average', 'SampleCount']);
const queriesSchema = z.array(
  z.union([
    z.strictObject({
      Id: z.string(),
      Label: z.unknown().optional(),
      ReturnData: z.boolean().default(true),
      MetricStat: z.strictObject({
        Metric: z.strictObject({
          Namespace: z.string(),
          MetricName: z.string(),
          Dimensions: dimensionsSchema,
        }),
        Period: z.number(),
        Stat: statisticSchema,
        Unit: z.unknown().optional(),
      }),
    }),
    z.strictObject({
      Id: z.string(),
      Label: z.unknown().optional(),
      ReturnData: z.boolean().default(true),
      Expression: z.string(),
      Period: z.number().optional(),
    }),
  ]),
);

/** Members that do not change when the alarm rings. Any other unknown member is an error: strictObject. */
const notEvaluated = {
  AlarmDescription: z.unknown(),
  AlarmName: z.unknown().optional(),
  AlarmActions: z.unknown().optional(),
  OKActions: z.unknown().optional(),
  ActionsEnabled: z.unknown().optional(),
  Tags: z.unknown().optional(),
};
const alarmSchema = z.strictObject({
  ...notEvaluated,
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: dimensionsSchema,
  Statistic: statisticSchema.optional(),
  Period: z.number().optional(),
  Metrics: queriesSchema.optional(),
  EvaluationPeriods: z.int(),
  DatapointsToAlarm: z.int().optional(),
  Threshold: z.number(),
  ComparisonOperator: z.enum([
    'GreaterThanOrEqualToThreshold',
    'GreaterThanThreshold',
    'LessThanThreshold',
    'LessThanOrEqualToThreshold',
  ]),
  TreatMissingData: z.enum(MISSING_TREATMENTS).default('missing'),
});
type AlarmProperties = z.output<typeof alarmSchema>;

const SECOND_MS = 1000;
const DAY_MS = 24 * 3600 * SECOND_MS;

/** What an alarm compares with its threshold: one value for each window. */
interface Measured {
  metrics: MetricKey[];
  periodMs: number;
  valueIn(store: MetricsStore, from: number, to: number): number | undefined;
}

interface Resource {
  logicalId: string;
  Properties: Record<string, unknown>;
}

/** Returns the id of an alarm in the product: `FeishuRefusesSetup`. */
export function idOfAlarm(logicalId: string): string {
  const id = /^Alarms(\w+?)Alarm[0-9A-F]{8}$/.exec(logicalId)?.[1];
  if (id === undefined) throw new Error(`${logicalId} is not the id of an alarm of this product.`);
  return id;
}

/** Reads an alarm of a synthesized template. Throws for whatever it could not evaluate as CloudWatch does. */
export function readAlarm({ logicalId, Properties }: Resource, stackName: string): Alarm {
  const id = idOfAlarm(logicalId);
  const properties = alarmSchema.parse(Properties);
  const measured = measuredBy(properties, stackName);
  const { EvaluationPeriods: evaluationPeriods, DatapointsToAlarm: datapointsToAlarm = evaluationPeriods } =
    properties;
  // A longer one is evaluated once an hour ("Evaluating an alarm", multi-day alarms), which is not simulated.
  if (measured.periodMs * evaluationPeriods > DAY_MS)
    throw new Error(`${id} looks back for more than a day.`);
  const counted: Counted = {
    evaluationPeriods,
    datapointsToAlarm,
    treatMissing: properties.TreatMissingData,
  };
  let state: AlarmState = 'INSUFFICIENT_DATA';
  return {
    id,
    metrics: measured.metrics,
    periodMs: measured.periodMs,
    evaluationPeriods,
    state: () => state,
    evaluate(store, at) {
      const points = windowsBefore(at, measured.periodMs, evaluationRange(evaluationPeriods)).map(
        ([from, to]): DataPoint => {
          const value = measured.valueIn(store, from, to);
          return value === undefined ? undefined : breaches(value, properties);
        },
      );
      state = nextState(points, counted, state);
      return state;
    },
  };
}

/** Returns the windows of an evaluation range, the oldest first. */
const windowsBefore = (at: number, periodMs: number, count: number): [from: number, to: number][] =>
  Array.from({ length: count }, (_, index) => {
    const to = at - (count - 1 - index) * periodMs;
    return [to - periodMs, to];
  });

function breaches(value: number, { Threshold, ComparisonOperator }: AlarmProperties): boolean {
  switch (ComparisonOperator) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= Threshold;
    case 'GreaterThanThreshold':
      return value > Threshold;
    case 'LessThanThreshold':
      return value < Threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= Threshold;
    default:
      return ComparisonOperator satisfies never;
  }
}

function measuredBy(properties: AlarmProperties, stackName: string): Measured {
  const { Namespace, MetricName, Statistic, Period, Dimensions, Metrics } = properties;
  if (Metrics) return measuredByMath(Metrics, stackName);
  if (Namespace === undefined || MetricName === undefined || Statistic === undefined || Period === undefined)
    throw new Error('An alarm has either Metrics or Namespace, MetricName, Statistic and Period.');
  const key = keyOf(Namespace, MetricName, Dimensions, stackName);
  return {
    metrics: [key],
    periodMs: Period * SECOND_MS,
    valueIn: (store, from, to) => store.read(key, Statistic, from, to),
  };
}

function measuredByMath(queries: z.output<typeof queriesSchema>, stackName: string): Measured {
  const stats = new Map<string, { key: MetricKey; statistic: Statistic; period: number }>();
  const expressions = new Map<string, MathExpression>();
  for (const query of queries) {
    if ('Expression' in query) expressions.set(query.Id, parseMath(query.Expression));
    else {
      const { Metric, Stat: statistic, Period: period } = query.MetricStat;
      const key = keyOf(Metric.Namespace, Metric.MetricName, Metric.Dimensions, stackName);
      stats.set(query.Id, { key, statistic, period });
    }
  }
  const returned = queries.filter(({ ReturnData }) => ReturnData);
  const periods = new Set([...stats.values()].map(({ period }) => period));
  const [result, [period]] = [returned[0], [...periods]];
  if (!result || returned.length !== 1 || periods.size !== 1 || period === undefined)
    throw new Error('An alarm with math returns one result, and its metrics have the same period.');
  return {
    metrics: [...stats.values()].map(({ key }) => key),
    periodMs: period * SECOND_MS,
    valueIn(store, from, to) {
      const lookup = (id: string): number | undefined => {
        const stat = stats.get(id);
        if (stat) return store.read(stat.key, stat.statistic, from, to);
        const expression = expressions.get(id);
        if (!expression) throw new Error(`The alarm has no metric ${id}.`);
        return expression(lookup);
      };
      return lookup(result.Id);
    },
  };
}

/** The name of the stack is the only reference that has a value before a deployment. */
const keyOf = (
  namespace: string,
  name: string,
  dimensions: z.output<typeof dimensionsSchema>,
  stackName: string,
): MetricKey => ({
  namespace,
  name,
  dimensions: Object.fromEntries(
    dimensions.map(({ Name, Value }) => {
      const text = readable(Value);
      return [Name, text === 'AWS::StackName' ? stackName : text];
    }),
  ),
});
