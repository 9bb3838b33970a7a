import { describe, expect, it } from 'vitest';
import { METRICS } from '../../../shared/runtime/metric-table.ts';
import { type DashboardBody, readDashboard, type ShownMetric } from '../../drills/dashboard-body.ts';
import { drawDashboard } from '../../drills/draw-dashboard.ts';
import { escapeHtml } from '../../drills/html.ts';
import { createMetricsStore } from '../../drills/metrics-store.ts';
import { alarmNames, STACK_NAME } from '../../drills/template-alarms.ts';
import { SynthesisedStack, synthesise } from '../../infra/synthesised-stack.ts';

const NOW = Date.parse('2026-03-02T14:00:00.000Z');
const MINUTE_MS = 60_000;
const body = readDashboard(synthesise(), STACK_NAME);
const metricWidgets = body.widgets.flatMap((widget) => (widget.type === 'metric' ? [widget] : []));
const shown = metricWidgets.flatMap(({ metrics }) => metrics);
const keysOf = ({ value }: ShownMetric) =>
  'expression' in value ? [...value.inputs.values()].map(({ key }) => key) : [value.key];
/** Each once. */
const keys = [...new Map(shown.flatMap(keysOf).map((key) => [JSON.stringify(key), key])).values()];

/** What AWS makes of the resources of the stack. */
const OF_AWS = new Set([
  'AWS/Lambda Errors',
  'AWS/Lambda IteratorAge',
  'AWS/SQS NumberOfMessagesSent',
  'AWS/SQS ApproximateNumberOfMessagesVisible',
  'AWS/SQS ApproximateAgeOfOldestMessage',
  'AWS/ApiGateway 5xx',
]);

const draw = (from: DashboardBody, store = createMetricsStore(), ringing = '') =>
  drawDashboard({
    body: from,
    store,
    now: NOW,
    alarms: new Map(
      [...alarmNames()].map(([id, name]) => [id, { name, state: id === ringing ? 'ALARM' : 'OK' }]),
    ),
  });

/** A store in which each metric of the dashboard has the value 7 an hour ago. */
function filled() {
  const store = createMetricsStore();
  for (const key of keys) store.put(key, 7, NOW - 60 * MINUTE_MS);
  return store;
}

const withBody = (change: (text: string) => string): SynthesisedStack =>
  new SynthesisedStack({
    Resources: {
      Dashboard: {
        Type: 'AWS::CloudWatch::Dashboard',
        Properties: { DashboardBody: change(JSON.stringify(ONE_GRAPH)) },
      },
    },
    Outputs: {},
  });
const ONE_GRAPH = {
  start: '-PT6H',
  widgets: [
    {
      type: 'metric',
      x: 0,
      y: 0,
      width: 4,
      height: 6,
      properties: {
        view: 'timeSeries',
        title: 'Time',
        region: 'AWS::Region',
        metrics: [
          [{ expression: 'longest / 1000', label: 'Longest' }],
          ['Own', 'Time', 'service', 'one', { id: 'longest', stat: 'Maximum', visible: false }],
        ],
      },
    },
  ],
};

describe('the picture of the dashboard', () => {
  it('has each widget of the template, with its title and the label of each metric', () => {
    const page = draw(body, filled());
    expect(page.match(/<section/g)).toHaveLength(body.widgets.length);
    for (const widget of metricWidgets) expect(page).toContain(`<h4>${escapeHtml(widget.title)}</h4>`);
    for (const { label } of shown) expect(page).toContain(escapeHtml(label));
  });

  it('has a line with a point for each metric of a graph, and each number', () => {
    const page = draw(body, filled());
    const ofView = (view: string) =>
      metricWidgets.flatMap((widget) => (widget.view === view ? widget.metrics : [])).length;
    expect(page.match(/<circle/g)).toHaveLength(ofView('timeSeries'));
    expect(page.match(/<strong>7<\/strong>/g)).toHaveLength(ofView('singleValue'));
  });

  it('says where data is missing', () => {
    const page = draw(body);
    expect(page.match(/No data available/g)).toHaveLength(
      metricWidgets.filter(({ view }) => view === 'timeSeries').length,
    );
    expect(page).not.toContain('<circle');
  });

  it('shows each alarm by its name and state', () => {
    const page = draw(body, undefined, 'OldestUnsent');
    for (const name of alarmNames().values()) expect(page).toContain(`<b>${name}</b>`);
    expect(page).toContain(`<b>${STACK_NAME}-OldestUnsent</b><span>In alarm</span>`);
    expect(page.match(/<span>In alarm/g)).toHaveLength(1);
  });

  it('draws what an expression makes of a hidden metric', () => {
    const store = createMetricsStore();
    store.put({ namespace: 'Own', name: 'Time', dimensions: { service: 'one' } }, 5_000_000, NOW - MINUTE_MS);
    const page = draw(readDashboard(withBody(String), STACK_NAME), store);
    expect(page).toContain('>5k</text>');
    expect(page.match(/<polyline/g)).toHaveLength(1);
  });

  it.each([
    ['a type of widget', '"metric"', '"explorer"'],
    ['a view', '"timeSeries"', '"pie"'],
    ['a property of a widget', '"title"', '"stacked":true,"title"'],
    ['an option of a metric', '"stat"', '"color2":"red","stat"'],
    ['a statistic', '"Maximum"', '"p99"'],
    ['a function in an expression', 'longest / 1000', 'RATE(longest)'],
    ['a repeated name', '"Own"', '"..."'],
  ])('refuses %s that it would not draw', (_, text, other) => {
    expect(() => readDashboard(withBody(String), STACK_NAME)).not.toThrow();
    expect(() =>
      readDashboard(
        withBody((whole) => whole.replace(text, other)),
        STACK_NAME,
      ),
    ).toThrow();
  });
});

describe('the metrics of the dashboard', () => {
  it('are those that a function emits, or that AWS makes', () => {
    for (const { namespace, name } of keys) {
      if (namespace === 'FrabitImApproval') expect(METRICS).toHaveProperty(name);
      else expect(OF_AWS).toContain(`${namespace} ${name}`);
    }
  });
});
