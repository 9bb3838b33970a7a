import type { FormWords } from '../messages.ts';
import { bytesOfSections, bytesOfTexts } from './body.ts';
import { MARK } from './foreign-text.ts';
import type { FormWording } from './form-kind.ts';
import { LANGUAGES } from './languages.ts';
import { largestThatFits } from './largest-that-fits.ts';
import type { Section } from './pages.ts';
import { createSqlCutter, type SqlGroup } from './sql-groups.ts';
import { isOdd } from './sql-oddities.ts';
import { writeSql } from './sql-sections.ts';
import { nameTasks } from './task-positions.ts';

export interface FittedSql {
  /** One list for each language. */
  sections: Section[][];
  /** Code points shown of each text. */
  shown: number[];
  bytes: number;
}

/** With more SQL texts than this, notes do not repeat the URL. */
const NOTES_WITH_URL = 5;
/** With more SQL texts than this, notes are shorter. */
const NOTES_IN_FULL = 20;

export interface SqlWriter {
  /** Returns the bytes of all SQL, or any number above `most` if they are more than that. */
  bytesOfAll: (most: number) => number;
  /** Returns the SQL in at most `room` bytes, or one line instead of it. */
  fit: (room: number) => FittedSql;
  /** Returns one line instead of all SQL; nothing if there is no SQL. */
  none: () => FittedSql;
}

/**
 * Creates a writer that gives every distinct SQL text the same maximum length, the largest that fits with headings and
 * notes. Short texts stay whole, longer ones are cut. If not even one character of each fits, there is no SQL.
 */
export function createSqlWriter(
  groups: readonly SqlGroup[],
  { tasks, url, wording }: { tasks: number; url: string | undefined; wording: FormWording },
): SqlWriter {
  const languages = LANGUAGES[wording].map(({ words }) => words.form);
  const cut = createSqlCutter(groups);
  const noted = {
    tasks,
    url: groups.length > NOTES_WITH_URL ? undefined : url,
    isOneOfMany: groups.length > NOTES_IN_FULL,
  };
  const sizes = groups.map(({ characters }) => characters);
  const longest = Math.max(1, ...sizes);
  // A character takes at least one byte in each language.
  const bytesAtLeast = (allowance: number): number =>
    languages.length * sizes.reduce((sum, size) => sum + Math.min(size, allowance), 0);

  const write = (allowance: number): FittedSql => {
    const parts = cut(allowance);
    const sections = languages.map((words) => parts.map((part) => writeSql(part, noted, words)));
    return {
      sections,
      shown: parts.map(({ shown }) => shown),
      bytes: bytesOfSections(sections, wording, 'sql'),
    };
  };
  const none = (): FittedSql => {
    const hasSql = groups.some(({ sheet, characters }) => sheet || characters > 0);
    const odd = groups.flatMap(({ oddities, positions }) => (isOdd(oddities) ? positions : []));
    odd.sort((a, b) => a - b);
    const textIn = (words: FormWords): string =>
      [
        `${MARK}${words.noSql(url)}`,
        ...(odd.length > 0 ? [`${MARK}${words.warned(words.oddSql(nameTasks(odd, tasks, words)))}`] : []),
      ].join('\n');
    const texts = hasSql ? languages.map(textIn) : [];
    return {
      sections: texts.map((text) => [{ text, continued: '' }]),
      shown: sizes.map(() => 0),
      bytes: bytesOfTexts(texts, wording),
    };
  };

  return {
    none,
    bytesOfAll: (most) => {
      const atLeast = bytesAtLeast(longest);
      return atLeast > most ? atLeast : write(longest).bytes;
    },
    fit: (room) => {
      let best: FittedSql | undefined;
      const highest = largestThatFits(1, longest, (allowance) => bytesAtLeast(allowance) <= room) ?? 0;
      largestThatFits(1, highest, (allowance) => {
        const written = write(allowance);
        if (written.bytes > room) return false;
        best = written;
        return true;
      });
      return best ?? none();
    },
  };
}
