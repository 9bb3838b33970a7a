import {
  type Check,
  MARK,
  type ReadName,
  type ReadPositions,
  type Standing,
  type Status,
  Unreadable,
} from './card.ts';
import { codePoints, readForeign } from './characters.ts';
import type { Gaps, Phrase } from './phrase.ts';
import type { Words } from './words.ts';

/** Reads parts that are in several places of a card. */

function firstMatch(phrases: readonly Phrase[], text: string): Gaps | undefined {
  for (const one of phrases) {
    const found = one.match(text);
    if (found) return found;
  }
  return undefined;
}

/** Reads a name or title: one line, which can be cut or empty. */
export function readName(shown: string, { shortened, empty, untitled }: Words): ReadName {
  if (shown.includes('\n')) throw new Unreadable('a name has several lines', shown);
  if (shown.trim() === '') throw new Unreadable('a name is invisible', shown);
  if (shown.includes(MARK)) throw new Unreadable('a name contains our mark', shown);
  const raw = readForeign(shown);
  const cut = shortened.match(shown);
  const kept = cut?.text('text') ?? shown;
  return {
    raw,
    text: readForeign(kept),
    blank: kept === empty || kept === untitled,
    ...(cut && { cut: { shown: cut.number('shown'), total: cut.number('total') } }),
  };
}

/** Reads `tasks 1, 3–5` in a sentence. */
export function readTasks(text: string, { tasks }: Words): ReadPositions {
  const found = tasks.match(text);
  if (!found) throw new Unreadable('unknown list of tasks', text);
  return positionsIn(found);
}

function positionsIn(found: Gaps): ReadPositions {
  const positions = expand(found.text('positions'));
  const inAll = found.optional('inAll');
  return {
    positions,
    all: found.optional('all') !== undefined,
    ...(inAll !== undefined && { inAll: found.number('inAll') }),
  };
}

/** Expands `1, 3–5`. Positions must be ascending, and each there once. */
export function expand(listed: string): number[] {
  const positions = listed.split(/, |、/).flatMap((part) => {
    const [from = 0, to = from] = part.split('–').map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
  const ascends = positions.every((position, index) => position > (positions[index - 1] ?? 0));
  if (positions.length === 0 || !ascends) throw new Unreadable('positions are out of order', listed);
  return positions;
}

/** Reads status and check of a task; undefined if the text is something else. */
export function readStanding(text: string, words: Words): Standing | undefined {
  const [first = '', second, ...more] = text.split(words.separator);
  const status = statusOf(first, words);
  if (!status || more.length > 0) return undefined;
  if (second === undefined) return { status, check: undefined };
  const check = checkOf(second, words);
  return check && { status, check };
}

export const statusOf = (text: string, { statuses }: Words): Status | undefined => keyOf(statuses, text);

/** Reads a check result. Exactly WARN and ERROR are marked as a warning. */
export function checkOf(text: string, { checks, warned }: Words): Check | undefined {
  const isWarned = text.startsWith(warned);
  const check = keyOf(checks, isWarned ? text.slice(warned.length) : text);
  return check && isWarned === (check === 'WARN' || check === 'ERROR') ? check : undefined;
}

const keyOf = <K extends string>(table: Readonly<Record<K, string>>, text: string): K | undefined =>
  (Object.keys(table) as K[]).find((key) => table[key] === text);

/** Reads a note about a cut. */
export function readCut(text: string, { cut }: Words) {
  const found = firstMatch(cut, text);
  return (
    found && {
      shown: found.number('shown'),
      total: found.number('total'),
      line: found.number('line'),
      lines: found.number('lines'),
    }
  );
}

/** Checks that a cut name shows as many characters as it says, and fewer than there are. */
export function requireConsistentCut({ text, cut, blank }: ReadName): void {
  if (!cut) return;
  if (cut.shown >= cut.total || (!blank && codePoints(text) !== cut.shown))
    throw new Unreadable('a name is not cut as it says', text);
}
