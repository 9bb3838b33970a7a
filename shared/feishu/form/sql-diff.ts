import { diffArrays } from 'diff';
import type { CardWords } from '../messages.ts';
import { cutAfter, escapeEach, escapeWithin, linesOf, MARK } from './foreign-text.ts';

const CONTEXT = 1;
/** Code points of a line, and how many of them before the first difference of a longer one. */
const LINE_LIMIT = 160;
const LEAD = 30;

interface Row {
  sign: ' ' | '+' | '-';
  text: string;
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
 * @param limit how many rows are printed; those beyond it are counted
 */
export function describeDiff(diff: SqlDiff, tasks: string, { changes }: CardWords, limit: number): string {
  switch (diff.kind) {
    case 'LINE_ENDS':
      return `${MARK}${changes.lineEnds(tasks)}`;
    case 'TOO_DIFFERENT':
      return `${MARK}${changes.tooDifferent(tasks, diff.before, diff.now)}`;
    case 'ROWS': {
      const changed = diff.rows.filter(({ sign }) => sign !== ' ');
      const added = changed.filter(({ sign }) => sign === '+').length;
      const heading = `${MARK}${changes.sql(tasks, added, changed.length - added)}`;
      return [heading, ...printRows(diff.rows, changes, limit)].join('\n');
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
      const shown = { sign, text: shortenLine(text, partner?.value[row]), line };
      if (sign !== '-') line += 1;
      return shown;
    });
  });
}

/** A long line is shown around its first difference from the line it replaces or is replaced by. */
function shortenLine(text: string, other: string | undefined): string {
  if (text.length <= LINE_LIMIT) return text;
  const points = Array.from(text);
  const others = Array.from(other ?? '');
  const differs = points.findIndex((point, index) => point !== others[index]);
  const start = other === undefined || differs <= LEAD ? 0 : differs - LEAD;
  const cut = cutAfter(points.slice(start).join(''), LINE_LIMIT);
  return `${start > 0 ? '…' : ''}${cut.text}${cut.shown < cut.total ? '…' : ''}`;
}

/** The changed rows with a little around them; a gap is named by the line that follows it. */
function printRows(rows: readonly Row[], changes: CardWords['changes'], limit: number): string[] {
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
    lines.push(printRow(row));
    last = index;
    printed += 1;
  }
  return lines;
}

/** White space at the end of a changed line may be all that has changed, so it is made visible. */
function printRow({ sign, text }: Row): string {
  const escaped = escapeWithin(text);
  return sign === ' ' ? `  ${escaped}` : `${sign} ${escaped.replace(/[ \t]+$/, escapeEach)}`;
}
