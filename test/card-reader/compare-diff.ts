import type { ReadDiff, ReadPiece } from './card.ts';
import type { RecordTask } from './record.ts';
import type { Words } from './words.ts';

/** Compares the changed lines on a card with the SQL before and now. */

/** Returns the lines that a list of changes compares. For a sheet these are its URI, size and hash. */
export function linesOf({ sheet, statement }: RecordTask, words: Words): string[] {
  if (!sheet) return statement ? statement.split(/\r?\n/) : [];
  return [
    words.sheetUri.fill({ uri: sheet.uri }),
    words.sheetSize.fill({ bytes: sheet.sizeBytes }),
    words.sheetHash.fill({ sha256: sheet.sha256.toLowerCase() }),
  ];
}

/** Returns the error in a list of changed lines; undefined if the list turns the old text into the new one. */
export function judgeDiff(
  diff: ReadDiff,
  before: readonly string[],
  now: readonly string[],
): string | undefined {
  switch (diff.kind) {
    case 'LINE_ENDS':
      return isSameRun(before, now) ? undefined : 'more than the line ends has changed';
    case 'TOO_DIFFERENT':
      if (isSameRun(before, now)) return 'only the line ends have changed';
      return diff.before === before.length && diff.now === now.length ? undefined : 'wrong number of lines';
    case 'ROWS':
      return judgeRows(diff, before, now);
    default:
      return diff satisfies never;
  }
}

function judgeRows(
  { added, removed, rows, more }: ReadDiff & { kind: 'ROWS' },
  before: readonly string[],
  now: readonly string[],
): string | undefined {
  const texts = { before: before.join('\n'), now: now.join('\n') };
  let [was, is] = [0, 0];
  const shown = { '+': 0, '-': 0, ' ': 0 };
  for (const row of rows) {
    if ('line' in row) {
      const skipped = row.line - 1 - is;
      const [old, fresh] = [before.slice(was, was + skipped), now.slice(is, is + skipped)];
      if (skipped < 1 || fresh.length < skipped || !isSameRun(old, fresh))
        return `a change above line ${row.line} is left out`;
      was += skipped;
      is += skipped;
      continue;
    }
    const { sign, pieces } = row;
    shown[sign] += 1;
    if (sign === ' ' && before[was] !== now[is]) return 'a row without a sign has changed';
    if (sign !== '+' && !isLine(pieces, before[was++], texts.now))
      return `a row with "${sign}" is not the old SQL`;
    if (sign !== '-' && !isLine(pieces, now[is++], texts.before))
      return `a row with "${sign}" is not the new SQL`;
  }
  if (added - removed !== now.length - before.length) return 'wrong count of added or removed lines';
  if (shown['+'] > added || shown['-'] > removed) return 'the count is lower than the number of shown lines';
  if (shown['+'] + shown['-'] + more !== added + removed) return 'wrong count of lines that are left out';
  if (more === 0 && !isSameRun(before.slice(was), now.slice(is))) return 'a change at the end is left out';
  return undefined;
}

const isSameRun = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((line, index) => line === other[index]);

/** Returns whether the pieces match a line. A piece that is shown as unchanged must be in the other text too. */
function isLine(pieces: readonly ReadPiece[], line: string | undefined, other: string): boolean {
  if (line === undefined) return false;
  const characters = Array.from(line);
  let at = 0;
  for (const [index, piece] of pieces.entries()) {
    // Only empty text follows the last note.
    const isRest = pieces.slice(index + 1).every((later) => later.kind === 'TEXT' && later.text === '');
    if (piece.kind === 'MORE_PLACES') return isRest;
    const length = piece.kind === 'TEXT' ? Array.from(piece.text).length : piece.characters;
    const text = characters.slice(at, at + length).join('');
    if (piece.kind === 'TEXT' && piece.text !== text) return false;
    if (piece.kind === 'UNCHANGED' && !other.includes(text)) return false;
    at += length;
  }
  return at === characters.length;
}
