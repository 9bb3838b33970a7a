import type { Axes, ShownMetric } from './dashboard-body.ts';
import { escapeHtml } from './html.ts';
import { type Point, shortNumber, type TimeRange } from './metric-values.ts';

/** A metric of a graph with its points, and the colour of its line. */
export interface Line {
  metric: ShownMetric;
  points: readonly Point[];
  color: string;
}

/** CloudWatch gives lines these colours, in this order. */
const COLORS = ['#1f77b4', '#ff7f0e', '#2ca02c', '#d62728', '#9467bd', '#8c564b', '#e377c2', '#7f7f7f'];
export const colorOf = ({ color }: ShownMetric, index: number): string =>
  color ?? COLORS[index % COLORS.length] ?? '';

const MARGIN = { top: 20, right: 34, bottom: 18, left: 34 };
const HOUR_MS = 3_600_000;
const DOT_RADIUS = 1.6;

interface Scale {
  lowest: number;
  highest: number;
}

/** Draws lines as an SVG element. Sizes in pixels. */
export function drawGraph(
  lines: readonly Line[],
  axes: Axes,
  range: TimeRange,
  size: { width: number; height: number },
): string {
  const inner = {
    width: size.width - MARGIN.left - MARGIN.right,
    height: size.height - MARGIN.top - MARGIN.bottom,
  };
  const x = (at: number) => MARGIN.left + ((at - range.from) / (range.to - range.from)) * inner.width;
  const sides = (['left', 'right'] as const).map((side) => {
    const own = lines.filter(({ metric }) => metric.axis === side);
    const scale = scaleOf(own, axes[side]);
    const y = (value: number) =>
      MARGIN.top + inner.height * (1 - (value - scale.lowest) / (scale.highest - scale.lowest));
    return { side, own, scale, y };
  });
  const parts = [
    ...hoursIn(range).map((at) => {
      const hour = new Date(at).toISOString().slice(11, 16);
      return `<text class="tick" text-anchor="middle" x="${x(at)}" y="${size.height - 4}">${hour}</text>`;
    }),
    ...sides.flatMap(({ side, own, scale, y }) => {
      if (own.length === 0) return [];
      const atLeft = side === 'left';
      const place = atLeft ? MARGIN.left - 4 : size.width - MARGIN.right + 4;
      const anchor = atLeft ? 'end' : 'start';
      const middle = (scale.lowest + scale.highest) / 2;
      const ticks = [scale.lowest, middle, scale.highest].flatMap((value) => [
        `<text class="tick" text-anchor="${anchor}" x="${place}" y="${y(value) + 3}">${shortNumber(value)}</text>`,
        ...(atLeft || sides[0]?.own.length === 0
          ? [`<path class="grid" d="M${MARGIN.left} ${y(value)}H${size.width - MARGIN.right}"/>`]
          : []),
      ]);
      const { label } = axes[side] ?? {};
      const end = atLeft ? 2 : size.width - 2;
      const name =
        label === undefined
          ? []
          : [
              `<text class="axis" text-anchor="${atLeft ? 'start' : 'end'}" x="${end}" y="10">${escapeHtml(label)}</text>`,
            ];
      return [...ticks, ...name, ...own.map((line) => drawLine(line, x, y))];
    }),
  ];
  return `<svg width="${size.width}" height="${size.height}">${parts.join('')}</svg>`;
}

/** Without data in some periods, CloudWatch connects the points on both sides. */
function drawLine({ points, color }: Line, x: (at: number) => number, y: (value: number) => number): string {
  const places = points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`);
  const dots = places.map((place) => {
    const [cx, cy] = place.split(',');
    return `<circle r="${DOT_RADIUS}" cx="${cx}" cy="${cy}" fill="${color}"/>`;
  });
  return `<polyline points="${places.join(' ')}" stroke="${color}"/>${dots.join('')}`;
}

/** Counts begin at 0, as CloudWatch draws lines of numbers that are never below it. */
function scaleOf(lines: readonly Line[], axis: Axes['left']): Scale {
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value));
  const lowest = axis?.min ?? Math.min(0, ...values);
  return { lowest, highest: axis?.max ?? roundUp(Math.max(lowest + 1, ...values)) };
}

/** 1, 2, 5, 10, 20, 50 …: the next one that is not smaller. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}

function hoursIn({ from, to }: TimeRange): number[] {
  const hours: number[] = [];
  for (let at = Math.ceil(from / HOUR_MS) * HOUR_MS; at <= to; at += HOUR_MS) hours.push(at);
  return hours;
}
