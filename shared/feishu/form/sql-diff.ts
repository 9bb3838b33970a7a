import { diffArrays } from 'diff';
import type { CardWords } from '../messages.ts';
import { escapeEach, escapeWithin, linesOf, MARK } from './foreign-text.ts';
import {
  type Comparison,
  changesOnlySpace,
  compareLines,
  MOST_EDITS,
  type Part,
  type Piece,
  printContext,
  printParts,
  printStart,
} from './line-diff.ts';

const CONTEXT = 1;

interface Row {
  sign: ' ' | '+' | '-';
  text: string;
  /** How it differs from the line that it replaces or that replaces it; undefined if there is none. */
  parts: (() => Part[]) | undefined;
  /** Whether they differ only in white space. */
  isSpacing: (() => boolean) | undefined;
  /** Its line in the new text, or where it would be. */
  line: number;
}

/** Limits for the work of comparing two SQL texts. */
export interface DiffBounds {
  /** The most lines that are added and removed. More are not listed. */
  edits: number;
  /** The square of the words that are added and removed in a line, summed over the changed lines. */
  work: number;
}

/** The difference of two SQL texts. */
export type SqlDiff =
  | { kind: 'LINE_ENDS' }
  | { kind: 'TOO_DIFFERENT'; before: number; now: number }
  | { kind: 'ROWS'; rows: readonly Row[] };

/** Compares two SQL texts line by line. */
export function diffSql(before: string, now: string, { edits, work }: DiffBounds): SqlDiff {
  const [old = [], fresh = []] = [before, now].map((text) => (text === '' ? [] : linesOf(text)));
  if (old.length === fresh.length && old.every((line, index) => line === fresh[index])) {
    return { kind: 'LINE_ENDS' };
  }
  const parts = diffArrays(old, fresh, { maxEditLength: edits });
  return parts
    ? { kind: 'ROWS', rows: toRows(parts, work) }
    : { kind: 'TOO_DIFFERENT', before: old.length, now: fresh.length };
}

/**
 * Describes what changed in one SQL text. Every foreign line begins with a sign or a space.
 * @param limits how many rows are printed (the others are counted), and how many code points of a line
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

interface Run {
  value: string[];
  added?: boolean;
  removed?: boolean;
}

function toRows(runs: readonly Run[], work: number): Row[] {
  const pairs = runs.reduce((sum, run, index) => sum + pairedLines(run, runs[index + 1]), 0);
  const edits = Math.min(MOST_EDITS, Math.floor(Math.sqrt(work / Math.max(1, pairs))));
  let line = 1;
  let compared: (() => Comparison)[] = [];
  return runs.flatMap((run, index) => {
    const sign: Row['sign'] = run.added ? '+' : run.removed ? '-' : ' ';
    // Compare lines that replace others with them, once for both.
    if (sign !== '+') compared = compareRuns(run, runs[index + 1], edits);
    return run.value.map((text, row) => {
      const comparison = compared[row];
      const parts = comparison && (() => (sign === '-' ? comparison().before : comparison().now));
      const isSpacing = comparison && (() => changesOnlySpace(comparison()));
      const shown = { sign, text, parts, isSpacing, line };
      if (sign !== '-') line += 1;
      return shown;
    });
  });
}

const pairedLines = (run: Run, next: Run | undefined): number =>
  run.removed && next?.added ? Math.min(run.value.length, next.value.length) : 0;

/** Compares lines when they are first printed, and only once. */
function compareRuns(run: Run, next: Run | undefined, edits: number): (() => Comparison)[] {
  return run.value.slice(0, pairedLines(run, next)).map((before, row) => {
    let known: Comparison | undefined;
    return () => {
      known ??= compareLines(before, next?.value[row] ?? '', edits);
      return known;
    };
  });
}

/** Prints the changed rows with some rows around them. After a gap it names the next line. */
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
    lines.push(printRow(row, changes, width));
    last = index;
    printed += 1;
  }
  return lines;
}

/** Prints one line. What is left out is said at its place, between two of our marks. */
function printRow(row: Row, changes: CardWords['changes'], limit: number): string {
  const pieces = piecesOf(row, limit);
  const texts = pieces.map((piece, index) =>
    printPiece(piece, row.sign, index === pieces.length - 1, changes),
  );
  const line = texts.join('');
  return `${row.sign} ${row.isSpacing?.() ? line.replace(/[\t\u3000]/g, escapeEach) : line}`;
}

function piecesOf({ sign, text, parts }: Row, limit: number): Piece[] {
  if (sign === ' ') return printContext(text);
  return parts ? printParts(parts(), limit) : printStart(text, limit);
}

function printPiece(piece: Piece, sign: Row['sign'], isLast: boolean, changes: CardWords['changes']): string {
  const note = (text: string): string => `${MARK}…${text}…${MARK}`;
  switch (piece.kind) {
    case 'TEXT': {
      const escaped = escapeWithin(piece.text);
      // White space at the end of a changed line may be the only change, so it is made visible.
      return isLast && sign !== ' ' ? escaped.replace(/[ \t\u3000]+$/, escapeEach) : escaped;
    }
    case 'UNCHANGED':
      return note(changes.unchangedCharacters(piece.characters));
    case 'NOT_SHOWN':
      return note(changes.moreCharacters(piece.characters));
    case 'MORE_PLACES':
      return note(changes.morePlaces(piece.places));
    default:
      return piece satisfies never;
  }
}
