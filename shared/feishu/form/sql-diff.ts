import { diffArrays } from 'diff';
import type { CardWords } from '../messages.ts';
import { cutAfter, escapeEach, escapeWithin, linesOf, MARK } from './foreign-text.ts';

const CONTEXT = 1;
/** Code points shown before the first difference of a line that is cut. */
const LEAD = 30;

interface Row {
  sign: ' ' | '+' | '-';
  text: string;
  /** The line that it replaces, or is replaced by. */
  other: string | undefined;
  /** Line in the new text, or where it would stand. */
  line: number;
}

/** The difference of two SQL texts. */
export type SqlDiff =
  | { kind: 'LINE_ENDS' }
  | { kind: 'TOO_DIFFERENT'; before: number; now: number }
  | { kind: 'ROWS'; rows: readonly Row[] };

/**
 * Compares two SQL texts line by line.
 * @param edits how many lines may be added and removed: more are too many to list
 */
export function diffSql(before: string, now: string, edits: number): SqlDiff {
  const [old = [], fresh = []] = [before, now].map((text) => (text === '' ? [] : linesOf(text)));
  if (old.length === fresh.length && old.every((line, index) => line === fresh[index])) {
    return { kind: 'LINE_ENDS' };
  }
  const parts = diffArrays(old, fresh, { maxEditLength: edits });
  return parts
    ? { kind: 'ROWS', rows: toRows(parts) }
    : { kind: 'TOO_DIFFERENT', before: old.length, now: fresh.length };
}

/**
 * What changed in one SQL text; every foreign line stands behind a sign or a space.
 * @param limits how many rows are printed, those beyond are counted; and how many code points of a line
 */
export function describeDiff(
  diff: SqlDiff,
  tasks: string,
  { changes }: CardWords,
  limits: { rows: number; line: number },
): string {
  switch (diff.kind) {
    case 'LINE_ENDS':
      return `${MARK}${changes.lineEnds(tasks)}`;
    case 'TOO_DIFFERENT':
      return `${MARK}${changes.tooDifferent(tasks, diff.before, diff.now)}`;
    case 'ROWS': {
      const changed = diff.rows.filter(({ sign }) => sign !== ' ');
      const added = changed.filter(({ sign }) => sign === '+').length;
      const heading = `${MARK}${changes.sql(tasks, added, changed.length - added)}`;
      return [heading, ...printRows(diff.rows, changes, limits)].join('\n');
    }
    default:
      return diff satisfies never;
  }
}

function toRows(parts: readonly { value: string[]; added?: boolean; removed?: boolean }[]): Row[] {
  let line = 1;
  return parts.flatMap((part, index) => {
    const sign: Row['sign'] = part.added ? '+' : part.removed ? '-' : ' ';
    const next = parts[index + 1];
    const previous = parts[index - 1];
    const partner =
      part.removed && next?.added ? next : part.added && previous?.removed ? previous : undefined;
    return part.value.map((text, row) => {
      const shown = { sign, text, other: partner?.value[row], line };
      if (sign !== '-') line += 1;
      return shown;
    });
  });
}

/** Code points of a line that is shown around the only place where it differs. */
const NEAR = 160;

/**
 * A long line is shown around the place where it differs, and as far as `limit` allows if it differs in more than one.
 * `more`: it differs behind what is shown, too.
 */
function shortenLine(row: Row, limit: number): { text: string; more: boolean } {
  const near = showFrom(row, row.other === undefined ? limit : Math.min(NEAR, limit));
  return near.more && limit > NEAR ? showFrom(row, limit) : near;
}

function showFrom({ text, other }: Row, limit: number): { text: string; more: boolean } {
  if (text.length <= limit) return { text, more: false };
  const points = Array.from(text);
  const others = Array.from(other ?? '');
  const differs = points.findIndex((point, index) => point !== others[index]);
  const start = other === undefined || differs <= LEAD ? 0 : differs - LEAD;
  const cut = cutAfter(points.slice(start).join(''), limit);
  const end = start + cut.shown;
  const same = commonEnd(points, others, Math.max(differs, 0));
  return {
    text: `${start > 0 ? '…' : ''}${cut.text}${cut.shown < cut.total ? '…' : ''}`,
    more: other !== undefined && end < points.length - same,
  };
}

/** How many characters at the end of both are the same, behind the first `from`. */
function commonEnd(one: readonly string[], other: readonly string[], from: number): number {
  const most = Math.min(one.length, other.length) - from;
  let same = 0;
  while (same < most && one.at(-1 - same) === other.at(-1 - same)) same += 1;
  return same;
}

/** The changed rows with a little around them; a gap is named by the line that follows it. */
function printRows(
  rows: readonly Row[],
  changes: CardWords['changes'],
  { rows: limit, line: width }: { rows: number; line: number },
): string[] {
  const near = (index: number) =>
    rows.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ sign }) => sign !== ' ');
  const lines: string[] = [];
  let last = -1;
  let printed = 0;
  for (const [index, row] of rows.entries()) {
    if (!near(index)) continue;
    if (printed >= limit) {
      const rest = rows.slice(index).filter(({ sign }) => sign !== ' ').length;
      if (rest > 0) lines.push(`${MARK}${changes.moreLines(rest)}`);
      break;
    }
    if (last + 1 !== index) lines.push(`${MARK}${changes.atLine(row.line)}`);
    const { text, more } = shortenLine(row, width);
    lines.push(printRow(row.sign, text));
    if (more) lines.push(`${MARK}${changes.moreInLine}`);
    last = index;
    printed += 1;
  }
  return lines;
}

/** White space at the end of a changed line may be all that has changed, so it is made visible. */
function printRow(sign: Row['sign'], text: string): string {
  const escaped = escapeWithin(text);
  return sign === ' ' ? `  ${escaped}` : `${sign} ${escaped.replace(/[ \t]+$/, escapeEach)}`;
}
