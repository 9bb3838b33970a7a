import * as z from 'zod';
import { readable, type SynthesisedStack } from '../infra/synthesised-stack.ts';
import { type MathExpression, parseMath } from './metric-math.ts';
import type { MetricKey, Statistic } from './metrics-store.ts';

/**
 * Reads the body of the template's dashboard: "Dashboard body structure and syntax", CloudWatch API Reference. Throws
 * for whatever the drawing does not show: all objects are strict.
 */
export interface DashboardBody {
  /** How long before now the shown time begins. Milliseconds. */
  rangeMs: number;
  widgets: Widget[];
}

/** Place and size are in cells of the grid, which has 24 columns. */
export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Widget = Place &
  (
    | { type: 'text'; markdown: string }
    /** `alarms`: ids, such as `OldestUnsent`. */
    | { type: 'alarm'; title: string; alarms: string[] }
    | {
        type: 'metric';
        view: 'timeSeries' | 'singleValue';
        title: string;
        metrics: ShownMetric[];
        axes: Axes;
      }
  );
export type MetricWidget = Extract<Widget, { type: 'metric' }>;

export interface ShownMetric {
  value: StatValue | { expression: MathExpression; inputs: ReadonlyMap<string, StatValue> };
  /** Undefined: the whole time that is shown. */
  periodMs: number | undefined;
  label: string;
  axis: 'left' | 'right';
  color: string | undefined;
}

export interface StatValue {
  key: MetricKey;
  statistic: Statistic;
}

const axisSchema = z.strictObject({
  label: z.string().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  showUnits: z.boolean().default(true),
});
const axesSchema = z.strictObject({ left: axisSchema.optional(), right: axisSchema.optional() });
export type Axes = z.output<typeof axesSchema>;

const look = {
  id: z.string().optional(),
  label: z.string().optional(),
  period: z.number().optional(),
  yAxis: z.enum(['left', 'right']).default('left'),
  color: z.string().optional(),
};
const optionsSchema = z.strictObject({
  ...look,
  stat: z.enum(['Sum', 'Maximum', 'Minimum', 'Average', 'SampleCount']).default('Average'),
  visible: z.boolean().default(true),
});
/** Namespace, name, names and values of dimensions, and options at the end. */
const statSchema = z.array(z.union([z.string(), optionsSchema])).transform((parts, context) => {
  const names = parts.filter((part) => typeof part === 'string');
  const [namespace = '', name = '', ...pairs] = names;
  const last = parts.at(-1);
  const isWhole = parts.every((part, index) => typeof part === 'string' || index === parts.length - 1);
  // CloudWatch lets '.' and '...' repeat what the metric before has. CDK does not write them.
  if (!isWhole || name === '' || pairs.length % 2 !== 0 || names.some((part) => /^\.+$/.test(part)))
    context.addIssue('not a metric that can be drawn');
  const dimensions: Record<string, string> = {};
  for (let index = 0; index < pairs.length; index += 2)
    dimensions[pairs[index] ?? ''] = pairs[index + 1] ?? '';
  const options = typeof last === 'object' ? last : optionsSchema.parse({});
  return { key: { namespace, name, dimensions }, options };
});
const mathSchema = z.tuple([z.strictObject({ ...look, expression: z.string() })]);

const place = { x: z.int(), y: z.int(), width: z.int(), height: z.int() };
const widgetSchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...place,
    type: z.literal('text'),
    // The background of the widget is not drawn as a box.
    properties: z.strictObject({ markdown: z.string(), background: z.literal('transparent').optional() }),
  }),
  z.strictObject({
    ...place,
    type: z.literal('alarm'),
    properties: z.strictObject({
      title: z.string(),
      alarms: z.array(z.string().regex(/^Alarms\w+Alarm\.Arn$/)),
    }),
  }),
  z.strictObject({
    ...place,
    type: z.literal('metric'),
    properties: z.strictObject({
      view: z.enum(['timeSeries', 'singleValue']),
      title: z.string(),
      region: z.literal('AWS::Region'),
      metrics: z.array(z.union([mathSchema, statSchema])),
      period: z.number().optional(),
      setPeriodToTimeRange: z.boolean().default(false),
      yAxis: axesSchema.default({}),
    }),
  }),
]);
const bodySchema = z.strictObject({
  start: z.string().regex(/^-PT\d+H$/),
  widgets: z.array(widgetSchema),
});

const DEFAULT_PERIOD_S = 300;
const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;

/** @param stackName the value of references to the name of the stack */
export function readDashboard(stack: SynthesisedStack, stackName: string): DashboardBody {
  const text = readable(stack.only('AWS::CloudWatch::Dashboard').Properties.DashboardBody);
  const { start, widgets } = bodySchema.parse(JSON.parse(text.replaceAll('AWS::StackName', stackName)));
  return {
    rangeMs: Number(/\d+/.exec(start)?.[0]) * HOUR_MS,
    widgets: widgets.map(readWidget),
  };
}

function readWidget({ x, y, width, height, ...widget }: z.output<typeof widgetSchema>): Widget {
  const where = { x, y, width, height };
  switch (widget.type) {
    case 'text':
      return { ...where, type: widget.type, markdown: widget.properties.markdown };
    case 'alarm': {
      const { title, alarms } = widget.properties;
      const ids = alarms.map((name) => name.replace(/^Alarms(\w+)Alarm\.Arn$/, '$1'));
      return { ...where, type: widget.type, title, alarms: ids };
    }
    case 'metric': {
      const { view, title, yAxis } = widget.properties;
      return {
        ...where,
        type: widget.type,
        view,
        title,
        axes: yAxis,
        metrics: readMetrics(widget.properties),
      };
    }
    default:
      return widget satisfies never;
  }
}

type MetricProperties = Extract<z.output<typeof widgetSchema>, { type: 'metric' }>['properties'];

/** Returns the visible metrics of a widget. Expressions read the others. */
function readMetrics({ metrics, period, setPeriodToTimeRange }: MetricProperties): ShownMetric[] {
  const periodMs = (own = period ?? DEFAULT_PERIOD_S) => (setPeriodToTimeRange ? undefined : own * SECOND_MS);
  const inputs = new Map<string, StatValue>();
  for (const metric of metrics) {
    if (Array.isArray(metric)) continue;
    const { key, options } = metric;
    if (options.id !== undefined) inputs.set(options.id, { key, statistic: options.stat });
  }
  return metrics.flatMap((metric): ShownMetric[] => {
    if (Array.isArray(metric)) {
      const [{ expression, label = expression, yAxis: axis, color, period: own }] = metric;
      const value = { expression: parseMath(expression), inputs };
      return [{ value, periodMs: periodMs(own), label, axis, color }];
    }
    const { key, options } = metric;
    const { stat: statistic, label = key.name, yAxis: axis, color, period: own, visible } = options;
    return visible ? [{ value: { key, statistic }, periodMs: periodMs(own), label, axis, color }] : [];
  });
}
