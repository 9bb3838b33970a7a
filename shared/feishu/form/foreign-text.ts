import { codePoints } from '../../issue/record.ts';
import { BLANK_RUNS } from './blank-characters.ts';

/**
 * Makes text that people wrote safe to show beside ours: nothing in it is invisible, moves other text, or looks like
 * one of our lines.
 */

/**
 * The start of each of our lines in a list. In foreign text it is escaped. So SQL needs no indentation and no quotes,
 * and still cannot imitate one of our lines.
 */
export const MARK = '▌';

/**
 * Characters that are shown as `\u{…}`: control characters and line separators; characters without a glyph (format
 * characters such as bidirectional and zero-width ones and tags, variation selectors, fillers, the blank Braille cell);
 * spaces that look like the common one; private use; halves of surrogate pairs. The patterns below add strokes that
 * cross out other characters, and whatever looks like `MARK`. A tab, a newline and the ideographic space of CJK text
 * stay.
 */
const HIDDEN =
  /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]--[\t\n \u3000]]/v
    .source;
/** Characters that are drawn blank although no property says so. */
const BLANK = `[${[...new Set(BLANK_RUNS.flatMap(({ found }) => found))].map((hex) => `\\u{${hex}}`).join('')}]`;
/**
 * Letters and digits that are written from right to left. Beside them a renderer moves digits, punctuation and our
 * words. These are the ranges whose Bidi_Class is R or AL by default (UAX #9, DerivedBidiClass.txt), also unassigned
 * characters. They contain every character of class R, AL or AN, and the marks of these scripts.
 */
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/v
  .source;
const CROSSING_OUT = /[\p{Me}\u0334-\u0338\u20D2\u20D3\u20D8-\u20DA\u20E5\u20E6\u20EA\u20EB]/v.source;
const LIKE_MARK = /[▀-▟■▪▬▮▯◼⬝∎▐│┃❘-❚⎜⎟⎢⎥⎪⎸⎹⏐\u{1FB00}-\u{1FBFF}]/v.source;
/**
 * A combining mark without a letter before it would stand on our text. Many of them together would cover other lines.
 */
const STRAY_MARK = `(?=\\p{M})(?<=(?:^|${[HIDDEN, BLANK, RIGHT_TO_LEFT, LIKE_MARK].join('|')})\\p{M}{0,3}|\\p{M}{4})\\p{M}`;
/** The backslash of a typed `\u{…}`, so that it cannot look like an escaped character. */
const TYPED_ESCAPE = /\\(?=u\{)/v.source;

const escaped = [HIDDEN, BLANK, RIGHT_TO_LEFT, CROSSING_OUT, LIKE_MARK, STRAY_MARK, TYPED_ESCAPE].join('|');
const ESCAPED = new RegExp(escaped, 'v');
/** Emoji of several characters contain joiners and selectors. They stay whole, because they are what they look like. */
const EMOJI_OR_ESCAPED = new RegExp(`(\\p{RGI_Emoji})|${escaped}`, 'gv');

/** Splits a text at Windows or plain line ends. */
export const linesOf = (text: string): string[] => text.split(/\r?\n/);

/** Escapes a text of several lines. Windows line ends become plain ones, because both are invisible. */
export function escapeLines(text: string): string {
  return linesOf(text).map(escapeWithin).join('\n');
}

/** Spaces that could move the next words to a new line, where they would look like one of our lines. */
const REPEATED_SPACE = /(?<=[ \u3000])[ \u3000]/g;

/** Escapes a text and puts it on one line. Of white space only single spaces stay. */
export function escapeLine(text: string): string {
  return text
    .split('\n')
    .map(escapeWithin)
    .join(escapeCharacter('\n'))
    .replaceAll('\t', escapeCharacter('\t'))
    .replace(REPEATED_SPACE, escapeCharacter);
}

/** Escapes one line, which may contain tabs. The search for emoji is slow, so only lines that need it are changed. */
export function escapeWithin(line: string): string {
  return ESCAPED.test(line) ? line.replace(EMOJI_OR_ESCAPED, keepEmoji) : line;
}

const HAS_RIGHT_TO_LEFT = new RegExp(`[${RIGHT_TO_LEFT}--\\p{Cf}]`, 'v');
/** Whether a text contains letters or digits that are escaped because they are written from right to left. */
export const isRightToLeft = (text: string): boolean => HAS_RIGHT_TO_LEFT.test(text);

/** Whether an escaped text contains such a letter or digit. */
export const hasEscapedRightToLeft = (escaped: string): boolean =>
  [...escaped.matchAll(/\\u\{([0-9A-F]+)\}/g)].some(([, hex = '']) =>
    isRightToLeft(String.fromCodePoint(Number.parseInt(hex, 16))),
  );

/** Escapes every character of a text as `\\u{…}`. */
export const escapeEach = (text: string): string => Array.from(text, escapeCharacter).join('');

const keepEmoji = (found: string, emoji: string | undefined): string => emoji ?? escapeCharacter(found);

const escapeCharacter = (character: string): string =>
  `\\u{${character.codePointAt(0)?.toString(16).toUpperCase()}}`;

/** Whether a text is empty or only white space. */
export const isBlank = (text: string): boolean => /^\s*$/u.test(text);

export interface Cut {
  /** The text that is kept, unescaped. */
  text: string;
  /** Code points that are kept, and in total. */
  shown: number;
  total: number;
}

/** How far back a cut may move, so that it does not split what a reader sees as one character. */
const LONGEST_CHARACTER = 64;
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Keeps at most `limit` code points: not UTF-16 units, because half a surrogate pair is not a character. The cut moves
 * back to the start of a grapheme, because half an emoji of several code points is another emoji. A very long grapheme
 * is cut.
 * @param total code points of `text`, if they are counted already
 */
export function cutAfter(text: string, limit: number, total = codePoints(text)): Cut {
  if (total <= limit) return { text, shown: total, total };
  // Twice as many UTF-16 units contain them. The rest of a long text is not read.
  const end = Array.from(text.slice(0, limit * 2))
    .slice(0, limit)
    .join('').length;
  const start = GRAPHEMES.segment(text.slice(0, end + LONGEST_CHARACTER)).containing(end)?.index ?? end;
  const kept = text.slice(0, end - start < LONGEST_CHARACTER ? start : end);
  return { text: kept, shown: codePoints(kept), total };
}
