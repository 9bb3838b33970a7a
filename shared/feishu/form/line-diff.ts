import { diffArrays } from 'diff';
import { codePoints } from '../../issue/record.ts';
import { cutAfter, isBlank } from './foreign-text.ts';

/** A part of a line. `CHANGED` with '': only the other line has text there. */
export interface Part {
  kind: 'SAME' | 'CHANGED';
  text: string;
}

/** A printed piece of a line: text, or how much is left out there. */
export type Piece =
  | { kind: 'TEXT'; text: string }
  | { kind: 'UNCHANGED'; characters: number }
  | { kind: 'NOT_SHOWN'; characters: number }
  | { kind: 'MORE_PLACES'; places: number };

/** The most words added and removed in a line. More count as one change, because the work grows with their square. */
export const MOST_EDITS = 200;
/** A line of at most this many code points is printed whole. */
const SHORT = 160;
/** Code points that are printed before and after a change. */
const CONTEXT = 30;
/** Fewer code points are not left out, because that saves nothing. */
const SMALLEST_GAP = 40;

/** Both sides of a comparison. They have the same number of parts, of the same kinds. */
export interface Comparison {
  before: Part[];
  now: Part[];
}

/** Compares two lines by words. */
export function compareLines(before: string, now: string, edits = MOST_EDITS): Comparison {
  const [old, fresh] = [tokensOf(before), tokensOf(now)];
  const start = commonStart(old, fresh);
  const end = commonStart(old.slice(start).reverse(), fresh.slice(start).reverse());
  const [oldMiddle, middle] = [old, fresh].map((all) => all.slice(start, all.length - end));
  const parts = diffArrays(oldMiddle ?? [], middle ?? [], { maxEditLength: edits });
  const changes = parts ?? [
    { value: oldMiddle ?? [], removed: true },
    { value: middle ?? [], added: true },
  ];
  const sideOf = (leftOut: 'added' | 'removed'): Part[] =>
    mergeAlike([
      { kind: 'SAME', text: old.slice(0, start).join('') },
      ...changes.map((part): Part => {
        const text = part[leftOut] ? '' : part.value.join('');
        return { kind: part.added || part.removed ? 'CHANGED' : 'SAME', text };
      }),
      { kind: 'SAME', text: old.slice(old.length - end).join('') },
    ]);
  return { before: sideOf('added'), now: sideOf('removed') };
}

/** Whether two lines differ only in white space. A tab may look like a space. */
export const changesOnlySpace = ({ before, now }: Comparison): boolean =>
  [...before, ...now].every(({ kind, text }) => kind === 'SAME' || isBlank(text));

const tokensOf = (text: string): string[] => text.match(/\w+|\s+|./gsu) ?? [];

function commonStart(one: readonly string[], other: readonly string[]): number {
  const differs = one.findIndex((token, index) => token !== other[index]);
  return differs === -1 ? one.length : differs;
}

function mergeAlike(parts: readonly Part[]): Part[] {
  const merged: Part[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (last?.kind === part.kind) last.text += part.text;
    else if (part.kind === 'CHANGED' || part.text !== '') merged.push({ ...part });
  }
  return merged;
}

/**
 * Prints each changed part of a line with some text around it, and how much is left out.
 * @param limit about how many code points of a long line are printed
 */
export function printParts(parts: readonly Part[], limit: number): Piece[] {
  const whole = parts.map(({ text }) => text).join('');
  if (codePoints(whole) <= Math.min(SHORT, limit)) return [{ kind: 'TEXT', text: whole }];
  const pieces: Piece[] = [];
  let left = limit;
  const put = (text: string): void => {
    if (text !== '') pieces.push({ kind: 'TEXT', text });
    left -= codePoints(text);
  };
  for (const [index, { kind, text }] of parts.entries()) {
    if (left <= 0) {
      const places = parts.slice(index).filter((part) => part.kind === 'CHANGED').length;
      const characters = codePoints(
        parts
          .slice(index)
          .map((part) => part.text)
          .join(''),
      );
      if (places > 0) pieces.push({ kind: 'MORE_PLACES', places });
      else if (characters > 0) pieces.push({ kind: 'UNCHANGED', characters });
      break;
    }
    if (kind === 'SAME') {
      const sides = { before: index > 0, behind: index < parts.length - 1 };
      for (const piece of printSame(text, sides)) {
        if (piece.kind === 'TEXT') put(piece.text);
        else pieces.push(piece);
      }
    } else {
      const { text: shown, shown: characters, total } = cutAfter(text, left);
      put(shown);
      // A change that only the other line has counts too, to limit their number.
      if (shown === '') left -= 1;
      if (characters < total) pieces.push({ kind: 'NOT_SHOWN', characters: total - characters });
    }
  }
  return joinTexts(pieces);
}

/** Prints only the ends of an unchanged part that are next to a change. */
function printSame(text: string, beside: { before: boolean; behind: boolean }): Piece[] {
  const total = codePoints(text);
  const head = beside.before ? CONTEXT : 0;
  const tail = beside.behind ? CONTEXT : 0;
  if (total < head + tail + SMALLEST_GAP) return [{ kind: 'TEXT', text }];
  const start = cutAfter(text, head, total);
  const kept = cutAfter(text, total - tail, total);
  if (kept.shown <= start.shown) return [{ kind: 'TEXT', text }];
  return [
    { kind: 'TEXT', text: start.text },
    { kind: 'UNCHANGED', characters: kept.shown - start.shown },
    { kind: 'TEXT', text: text.slice(kept.text.length) },
  ];
}

/** Prints the beginning of a line that is not compared. */
export function printStart(text: string, limit: number): Piece[] {
  const { text: kept, shown, total } = cutAfter(text, limit);
  const start: Piece = { kind: 'TEXT', text: kept };
  return shown < total ? [start, { kind: 'NOT_SHOWN', characters: total - shown }] : [start];
}

/** Prints an unchanged line next to a changed one. */
export function printContext(text: string): Piece[] {
  const { text: kept, shown, total } = cutAfter(text, SHORT);
  const start: Piece = { kind: 'TEXT', text: kept };
  return shown < total ? [start, { kind: 'UNCHANGED', characters: total - shown }] : [start];
}

/** Joins neighbouring texts, so that they are escaped together. */
function joinTexts(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (piece.kind === 'TEXT' && last?.kind === 'TEXT') last.text += piece.text;
    else joined.push({ ...piece });
  }
  return joined;
}
