import type { ReadDiff, ReadPiece } from './card.ts';
import type { RecordTask } from './record.ts';
import type { Words } from './words.ts';

/** The changed lines of one SQL text, held against the text before and the text now. */

/** The lines that a list of changes compares; of a sheet its address, size and hash. */
export function linesOf({ sheet, statement }: RecordTask, words: Words): string[] {
  if (!sheet) return statement ? statement.split(/\r?\n/) : [];
  return [
    words.sheetUri.fill({ uri: sheet.uri }),
    words.sheetSize.fill({ bytes: sheet.sizeBytes }),
    words.sheetHash.fill({ sha256: sheet.sha256.toLowerCase() }),
  ];
}

/** What is wrong with a list of changed lines; undefined if whoever follows it gets from one text to the other. */
export function judgeDiff(
  diff: ReadDiff,
  before: readonly string[],
  now: readonly string[],
): string | undefined {
  switch (diff.kind) {
    case 'LINE_ENDS':
      return isSameRun(before, now) ? undefined : 'more than line ends has changed';
    case 'TOO_DIFFERENT':
      if (isSameRun(before, now)) return 'no more than line ends has changed';
      return diff.before === before.length && diff.now === now.length ? undefined : 'it has other lines';
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
        return `it leaves out a change above line ${row.line}`;
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
  if (added - removed !== now.length - before.length) return 'it counts other lines';
  if (shown['+'] > added || shown['-'] > removed) return 'it counts fewer lines than it shows';
  if (shown['+'] + shown['-'] + more !== added + removed)
    return 'it does not say how many lines it leaves out';
  if (more === 0 && !isSameRun(before.slice(was), now.slice(is))) return 'it leaves out a change at its end';
  return undefined;
}

const isSameRun = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((line, index) => line === other[index]);

/** Whether the pieces are a line, as far as they show it; what they call unchanged stands in the other text, too. */
function isLine(pieces: readonly ReadPiece[], line: string | undefined, other: string): boolean {
  if (line === undefined) return false;
  const characters = Array.from(line);
  let at = 0;
  for (const [index, piece] of pieces.entries()) {
    // The text behind the last note.
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
