import { largestThatFits } from './largest-that-fits.ts';

/** A page has up to this many UTF-16 units before the next one begins. */
const PAGE_LENGTH = 4_000;

/** A part of a list, in one language. */
export interface Section {
  /** One line or more. */
  text: string;
  /** Our line above a part of it on a later page. */
  continued: string;
  /** How many of its first lines must stand on the same page: the heading and what follows it. By default 2. */
  together?: number;
}

/** Lines of a section, from `from` up to `to`, exclusive. */
interface Piece {
  section: number;
  from: number;
  to: number;
}

/**
 * Divides a list into at most `count` pages: few for a short text, and all about equally long for a long one. A section
 * that fits on a page stays together. A longer one is divided between lines, after its first ones, so that only a line
 * longer than a page makes a page longer. The division is the same in all languages, because a page in only one of them
 * would be a key without a text.
 * @param languages the same sections in each language, with the same number of lines
 * @returns the pages of each language, in order
 */
export function paginate(
  languages: readonly (readonly Section[])[],
  count: number,
  separator: string,
): string[][] {
  const lines = languages.map((sections) => sections.map(({ text }) => text.split('\n')));
  const together = (languages[0] ?? []).map(({ together: lines = TOGETHER }) => lines);
  const pages = divide({ lines: longestOf(lines), together }, count, separator.length);
  return languages.map((sections, language) =>
    pages.map((pieces) =>
      pieces
        .map(({ section, from, to }) => {
          const piece = lines[language]?.[section]?.slice(from, to) ?? [];
          return from === 0 ? piece.join('\n') : [sections[section]?.continued ?? '', ...piece].join('\n');
        })
        .join(separator),
    ),
  );
}

/** Returns the length of each line of each section, including its end, in the language that needs the most room. */
function longestOf(languages: readonly string[][][]): number[][] {
  const [first = []] = languages;
  return first.map((lines, section) =>
    lines.map(
      (_, line) => 1 + Math.max(...languages.map((sections) => sections[section]?.[line]?.length ?? 0)),
    ),
  );
}

const TOGETHER = 2;

/** The lengths of all lines of each section, and how many of its first lines stay together. */
interface Lengths {
  lines: readonly number[][];
  together: readonly number[];
}

function divide(sections: Lengths, count: number, separator: number): Piece[][] {
  const { lines } = sections;
  const total = lines.flat().reduce((sum, length) => sum + length, separator * lines.length);
  const lowest = Math.max(PAGE_LENGTH, Math.ceil(total / count));
  // Find the smallest page size that needs at most `count` pages.
  const roomOf = (saved: number) => lowest + total - saved;
  const saved = largestThatFits(0, total, (each) => fill(sections, roomOf(each), separator).length <= count);
  return fill(sections, roomOf(saved ?? 0), separator);
}

function fill({ lines: sections, together }: Lengths, room: number, separator: number): Piece[][] {
  const pages: Piece[][] = [];
  let filled = 0;
  const put = (piece: Piece, length: number, newPage: boolean) => {
    const page = pages.at(-1);
    const last = page?.at(-1);
    if (!page || newPage) {
      pages.push([piece]);
      filled = length;
    } else if (last?.section === piece.section) {
      last.to = piece.to;
      filled += length;
    } else {
      page.push(piece);
      filled += separator + length;
    }
  };
  for (const [section, lines] of sections.entries()) {
    const total = lines.reduce((sum, length) => sum + length, 0);
    const first = total <= room ? lines.length : Math.min(together[section] ?? TOGETHER, lines.length);
    const length = lines.slice(0, first).reduce((sum, line) => sum + line, 0);
    put({ section, from: 0, to: first }, length, filled + separator + length > room);
    for (const [index, line] of lines.slice(first).entries()) {
      const from = first + index;
      put({ section, from, to: from + 1 }, line, filled + line > room);
    }
  }
  return pages;
}
