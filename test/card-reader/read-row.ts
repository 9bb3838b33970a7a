import { MARK, type ReadPiece, type ReadRow, Unreadable } from './card.ts';
import { readForeign } from './characters.ts';
import type { Words } from './words.ts';

/** A row of changed SQL: a sign or a space, a space, and the line. */
export const SIGNED = /^(?<sign>[-+ ]) (?<line>.*)$/su;

/** Reads a row. A note about a part that is left out is between two marks. */
export function readRow(row: string, words: Words): ReadRow {
  const { sign, line = '' } = SIGNED.exec(row)?.groups ?? {};
  if (sign !== '+' && sign !== '-' && sign !== ' ') throw new Unreadable('a row has no sign', row);
  const parts = line.split(/▌…(?<note>[^▌]*)…▌/u);
  const pieces = parts.map((part, index) =>
    index % 2 === 0 ? readText(part, row) : readNote(part, row, words),
  );
  return { sign, pieces };
}

function readText(text: string, row: string): ReadPiece {
  if (text.includes(MARK)) throw new Unreadable('a row of a change contains our mark', row);
  return { kind: 'TEXT', text: readForeign(text) };
}

function readNote(note: string, row: string, { rowNotes }: Words): ReadPiece {
  const unchanged = rowNotes.unchanged.match(note);
  if (unchanged) return { kind: 'UNCHANGED', characters: unchanged.number('n') };
  const notShown = rowNotes.notShown.match(note);
  if (notShown) return { kind: 'NOT_SHOWN', characters: notShown.number('n') };
  if (rowNotes.morePlaces.match(note)) return { kind: 'MORE_PLACES' };
  throw new Unreadable('a row of a change contains our mark', row);
}
