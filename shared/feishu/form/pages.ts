import { largestThatFits } from './largest-that-fits.ts';

/** A page is filled up to this many UTF-16 units before the next is begun. */
const PAGE_LENGTH = 4_000;

/** A part of a list, in one language. */
export interface Section {
  /** One line or more. */
  text: string;
  /** The line of ours above a piece of it that stands on a later page. */
  continued: string;
  /** How many of its first lines stand on one page at least: a heading and what it heads, two unless there is more. */
  together?: number;
}

/** Lines `from` to before `to` of a section. */
interface Piece {
  section: number;
  from: number;
  to: number;
}

/**
 * Divides a list over at most `count` pages: few for little text, and all about equally long when there is more.
 * A section that fits on a page stays together; a longer one is divided between lines behind its first ones, so that only a line longer
 * than a page makes a page longer. The division is the same in all languages: a page that only one of them had
 * would be a key without a text.
 * @param languages the same sections, with the same number of lines, in each
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

/** The length of each line of each section in the language that needs most room, its end included. */
function longestOf(languages: readonly string[][][]): number[][] {
  const [first = []] = languages;
  return first.map((lines, section) =>
    lines.map(
      (_, line) => 1 + Math.max(...languages.map((sections) => sections[section]?.[line]?.length ?? 0)),
    ),
  );
}

const TOGETHER = 2;

/** The lengths of all lines of each section, and how many of the first stand together. */
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
