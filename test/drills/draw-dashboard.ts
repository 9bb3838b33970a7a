import { Marked } from 'marked';
import type { AlarmState } from './alarm-state.ts';
import type { DashboardBody, MetricWidget, Widget } from './dashboard-body.ts';
import { escapeHtml } from './html.ts';
import { colorOf, drawGraph, type Line } from './line-graph.ts';
import { pointsOf, shortNumber, type TimeRange, wholeValue } from './metric-values.ts';
import type { MetricsStore } from './metrics-store.ts';

/** What the dashboard shows at one time. */
export interface Shown {
  body: DashboardBody;
  store: MetricsStore;
  /** The state and the name of each alarm, by its id. */
  alarms: ReadonlyMap<string, { name: string; state: AlarmState }>;
  /** The end of the shown time. Epoch milliseconds. */
  now: number;
}

/** Pixels. A cell of CloudWatch's grid is about as high as this, and as wide on a screen of this width. */
export const PAGE_WIDTH = 1600;
const COLUMNS = 24;
const CELL = { width: PAGE_WIDTH / COLUMNS, height: 46 };
const GAP = 4;
const PADDING = 8;
const TITLE_HEIGHT = 24;
const LEGEND_ROW_HEIGHT = 13;

const STATES: Record<AlarmState, { word: string; className: string }> = {
  ALARM: { word: 'In alarm', className: 'alarm' },
  OK: { word: 'OK', className: 'ok' },
  INSUFFICIENT_DATA: { word: 'Insufficient data', className: 'unknown' },
};

/** Draws the dashboard about as CloudWatch does: a page of HTML with SVG, without scripts or files. */
export function drawDashboard(shown: Shown): string {
  const { widgets } = shown.body;
  const rows = Math.max(...widgets.map(({ y, height }) => y + height));
  return `<!doctype html><meta charset="utf-8"><title>Dashboard</title><style>${STYLE}</style>
<body style="width:${PAGE_WIDTH}px;height:${rows * CELL.height}px">
${widgets.map((widget) => drawWidget(widget, shown)).join('\n')}
</body>`;
}

function drawWidget(widget: Widget, shown: Shown): string {
  const { x, y } = widget;
  const [width, height] = [widget.width * CELL.width - GAP, widget.height * CELL.height - GAP];
  const style = `left:${x * CELL.width}px;top:${y * CELL.height}px;width:${width}px;height:${height}px`;
  const content = contentOf(widget, shown, { width: width - 2 * PADDING, height: height - 2 * PADDING });
  return `<section class="${widget.type}" style="${style}">${content}</section>`;
}

interface Size {
  width: number;
  height: number;
}

function contentOf(widget: Widget, shown: Shown, size: Size): string {
  switch (widget.type) {
    case 'text':
      return markdown.parse(widget.markdown, { async: false });
    case 'alarm':
      return `${titleOf(widget.title)}<div class="tiles">${drawAlarms(widget.alarms, shown)}</div>`;
    case 'metric':
      return titleOf(widget.title) + drawMetrics(widget, shown, size);
    default:
      return widget satisfies never;
  }
}

const titleOf = (title: string) => `<h4>${escapeHtml(title)}</h4>`;
/** Links are shown as text: the picture has none. */
const markdown = new Marked({ renderer: { link: ({ text }) => escapeHtml(text) } });

/** In alphabetical order, which is CloudWatch's. */
function drawAlarms(ids: readonly string[], { alarms }: Shown): string {
  return ids
    .map((id) => {
      const alarm = alarms.get(id);
      if (!alarm) throw new Error(`The dashboard shows an alarm that the template does not have: ${id}.`);
      return alarm;
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, state }) => {
      const { word, className } = STATES[state];
      return `<div class="tile ${className}"><b>${escapeHtml(name)}</b><span>${word}</span></div>`;
    })
    .join('');
}

function drawMetrics(widget: MetricWidget, shown: Shown, size: Size): string {
  const range: TimeRange = { from: shown.now - shown.body.rangeMs, to: shown.now };
  switch (widget.view) {
    case 'singleValue':
      return `<div class="values">${widget.metrics
        .map((metric, index) => {
          const value = wholeValue(metric, shown.store, range);
          const text = value === undefined ? '--' : shortNumber(value);
          return `<p><i style="background:${colorOf(metric, index)}"></i><strong>${text}</strong><br>${escapeHtml(metric.label)}</p>`;
        })
        .join('')}</div>`;
    case 'timeSeries': {
      const lines = widget.metrics.map(
        (metric, index): Line => ({
          metric,
          points: pointsOf(metric, shown.store, range),
          color: colorOf(metric, index),
        }),
      );
      const legend = legendOf(lines);
      if (lines.every(({ points }) => points.length === 0))
        return `<div class="empty">No data available.</div>${legend}`;
      const height = size.height - TITLE_HEIGHT - LEGEND_ROW_HEIGHT * lines.length;
      return drawGraph(lines, widget.axes, range, { width: size.width, height }) + legend;
    }
    default:
      return widget.view satisfies never;
  }
}

const legendOf = (lines: readonly Line[]): string =>
  `<ul>${lines
    .map(({ metric, color }) => `<li><i style="background:${color}"></i>${escapeHtml(metric.label)}</li>`)
    .join('')}</ul>`;

const STYLE = `
* { box-sizing: border-box; margin: 0; font-family: 'DejaVu Sans Condensed', 'Noto Sans', Arial, sans-serif; }
body { position: relative; background: #f2f3f3; color: #16191f; font-size: 12px; }
section { position: absolute; background: #fff; border: 1px solid #d5dbdb; padding: ${PADDING}px; overflow: hidden; }
section.text { background: none; border: none; }
h1 { font-size: 20px; margin-bottom: 6px; }
.text p { margin-bottom: 7px; font-size: 13px; line-height: 1.35; }
code { font-family: 'DejaVu Sans Mono', monospace; font-size: 12px; background: #e4e7e7; padding: 0 3px; }
h4 { font-size: 13px; height: ${TITLE_HEIGHT}px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); gap: 3px; }
.tile { border-left: 5px solid; padding: 4px 6px; display: flex; justify-content: space-between; gap: 4px; font-size: 10.5px; }
.tile b { font-weight: normal; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.tile span { white-space: nowrap; font-weight: bold; }
.tile.ok { border-color: #1d8102; background: #f2f8f0; } .tile.ok span { color: #1d8102; }
.tile.alarm { border-color: #d13212; background: #fdf3f1; } .tile.alarm span { color: #d13212; }
.tile.unknown { border-color: #879596; background: #f2f3f3; } .tile.unknown span { color: #545b64; }
.values { display: flex; flex-wrap: wrap; gap: 8px 18px; }
.values p { font-size: 11px; min-width: 90px; } .values strong { font-size: 24px; font-weight: normal; }
i { display: inline-block; width: 9px; height: 9px; margin-right: 5px; border-radius: 2px; }
ul { list-style: none; padding: 0; font-size: 10.5px; line-height: ${LEGEND_ROW_HEIGHT}px; }
li { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.empty { color: #545b64; padding: 30px 0; text-align: center; }
svg { display: block; } .tick { font-size: 9.5px; fill: #545b64; } .axis { font-size: 10px; fill: #545b64; }
.grid { stroke: #e4e7e7; } polyline { fill: none; stroke-width: 1.5; }
`;
