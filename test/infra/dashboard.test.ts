import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { METRICS } from '../../shared/runtime/metric-table.ts';
import { readable, type SynthesisedStack, synthesise } from './synthesised-stack.ts';

const widgetSchema = z.object({
  type: z.enum(['text', 'alarm', 'metric']),
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
  properties: z.object({
    title: z.string().optional(),
    markdown: z.string().optional(),
    alarms: z.array(z.string()).optional(),
    metrics: z.array(z.array(z.unknown())).optional(),
  }),
});

const widgetsOf = (stack: SynthesisedStack) =>
  z
    .object({ widgets: z.array(widgetSchema) })
    .parse(JSON.parse(readable(stack.only('AWS::CloudWatch::Dashboard').Properties.DashboardBody))).widgets;
const widgets = widgetsOf(synthesise());

/** What names a metric: its namespace, its name and its dimensions. An expression has none of its own. */
const metrics = widgets
  .flatMap(({ properties }) => properties.metrics ?? [])
  .map((metric) => metric.filter((part) => typeof part === 'string'))
  .filter((metric) => metric.length > 0);
const STAGES = ['1 Change', '2 Hint', '3 Card', '4 Decision', '5 Transaction', '6 Event'];
const fromLeft = (one: { x: number }, other: { x: number }) => one.x - other.x;

describe('the dashboard', () => {
  it('begins with how to read it and where the runbook is', () => {
    const [first] = widgets.toSorted((one, other) => one.y - other.y);
    expect(first).toMatchObject({ type: 'text', width: 24 });
    expect(first?.properties.markdown).toContain('`docs/operate.md`');
  });

  it.each(['alarm', 'metric'] as const)('shows the way of an approval from left to right: %s', (type) => {
    const stages = widgets.filter((one) => one.type === type && STAGES.includes(one.properties.title ?? ''));
    expect(stages.toSorted(fromLeft).map(({ properties }) => properties.title)).toEqual(STAGES);
    expect(new Set(stages.map(({ y }) => y)).size).toBe(1);
  });

  it('shows each alarm once', () => {
    const shown = widgets.flatMap(({ properties }) => properties.alarms ?? []);
    const made = synthesise()
      .ofType('AWS::CloudWatch::Alarm')
      .map(({ logicalId }) => readable({ 'Fn::GetAtt': [logicalId, 'Arn'] }));
    expect(shown.toSorted()).toEqual(made.toSorted());
  });

  it('has no widget over another, and none beyond the 24 columns', () => {
    const cells = widgets.flatMap(({ x, y, width, height }) =>
      Array.from(
        { length: width * height },
        (_, cell) => `${x + (cell % width)}, ${y + Math.floor(cell / width)}`,
      ),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
  });

  it('shows metrics of our own that the functions emit, for this stack only', () => {
    const ours = metrics.filter(([namespace]) => namespace === 'FrabitImApproval');
    expect(ours.length).toBeGreaterThan(25);
    for (const metric of ours) {
      expect(METRICS).toHaveProperty(String(metric[1]));
      expect(metric.join(' ')).toContain('service FrabitImApproval');
    }
  });

  it('has at most 50 metrics, so that it can be one of the three free ones of an account', () => {
    expect(new Set(metrics.map((metric) => JSON.stringify(metric))).size).toBeLessThanOrEqual(50);
  });

  it.each(['essential', 'none'])('has no empty alarm widget with alarms=%s', (alarms) => {
    const empty = widgetsOf(synthesise({ alarms })).filter(
      ({ properties }) => properties.alarms?.length === 0,
    );
    expect(empty).toEqual([]);
  });
});
