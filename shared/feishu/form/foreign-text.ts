import { codePoints } from '../../issue/record.ts';
import { BLANK_RUNS } from './blank-characters.ts';

/**
 * Text that people wrote, made safe to stand beside ours: nothing in it is invisible, moves other text about,
 * or passes for one of our own lines.
 */

/**
 * Every line of ours within a list starts with this mark, and no foreign text ever holds it: there it is
 * escaped. So SQL can be shown as it is, without indenting or quoting it, and still not fake a line of ours.
 */
export const MARK = '▌';

/**
 * Shown as `\u{…}`: controls and line separators, everything that has no glyph of its own (format
 * characters — bidirectional, zero-width, tags —, variation selectors, fillers, the blank Braille cell), odd
 * spaces that look like the common one, private use, halves of surrogate pairs; strokes that cross out other
 * characters; whatever looks like `MARK`. A tab, a newline and the ideographic space of CJK text stay.
 */
const HIDDEN =
  /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]--[\t\n \u3000]]/v
    .source;
/** What is drawn blank, whatever its properties say. */
const BLANK = `[${[...new Set(BLANK_RUNS.flatMap(({ found }) => found))].map((hex) => `\\u{${hex}}`).join('')}]`;
/**
 * Letters and digits that are written from right to left: beside them a renderer moves digits, punctuation and words of
 * ours. The ranges whose Bidi_Class is R or AL by default (UAX #9, DerivedBidiClass.txt), assigned or not; they hold
 * every character of class R, AL or AN, and the marks of these scripts.
 */
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/v
  .source;
const CROSSING_OUT = /[\p{Me}\u0334-\u0338\u20D2\u20D3\u20D8-\u20DA\u20E5\u20E6\u20EA\u20EB]/v.source;
const LIKE_MARK = /[▀-▟■▪▬▮▯◼⬝∎▐│┃❘-❚⎜⎟⎢⎥⎪⎸⎹⏐\u{1FB00}-\u{1FBFF}]/v.source;
/** A mark without a letter before it, or behind an escaped one, would sit on ours; a tower of them would cover other lines. */
const STRAY_MARK = `(?=\\p{M})(?<=(?:^|${[HIDDEN, BLANK, RIGHT_TO_LEFT, LIKE_MARK].join('|')})\\p{M}{0,3}|\\p{M}{4})\\p{M}`;
/** So that a typed `\u{…}` is never taken for an escaped one. */
const TYPED_ESCAPE = /\\(?=u\{)/v.source;

const escaped = [HIDDEN, BLANK, RIGHT_TO_LEFT, CROSSING_OUT, LIKE_MARK, STRAY_MARK, TYPED_ESCAPE].join('|');
const ESCAPED = new RegExp(escaped, 'v');
/** Emoji made of several characters hold joiners and selectors, and are what they look like: they stay whole. */
const EMOJI_OR_ESCAPED = new RegExp(`(\\p{RGI_Emoji})|${escaped}`, 'gv');

/** The lines of a text, whichever line ends it has. */
export const linesOf = (text: string): string[] => text.split(/\r?\n/);

/** Escapes a text of several lines. Windows line ends become plain ones: neither is visible. */
export function escapeLines(text: string): string {
  return linesOf(text).map(escapeWithin).join('\n');
}

/** Spaces that could push what follows to a line of its own, where it would look like one of ours. */
const REPEATED_SPACE = /(?<=[ \u3000])[ \u3000]/g;

/** Escapes a text and puts it on one line; of white space only single spaces stay. */
export function escapeLine(text: string): string {
  return text
    .split('\n')
    .map(escapeWithin)
    .join(escapeCharacter('\n'))
    .replaceAll('\t', escapeCharacter('\t'))
    .replace(REPEATED_SPACE, escapeCharacter);
}

/** Escapes one line, which may hold tabs. Looking for emoji is slow, so only lines that need it are replaced in. */
export function escapeWithin(line: string): string {
  return ESCAPED.test(line) ? line.replace(EMOJI_OR_ESCAPED, keepEmoji) : line;
}

const HAS_RIGHT_TO_LEFT = new RegExp(`[${RIGHT_TO_LEFT}--\\p{Cf}]`, 'v');
/** Whether a text holds letters or digits that stand escaped because they are written from right to left. */
export const isRightToLeft = (text: string): boolean => HAS_RIGHT_TO_LEFT.test(text);

/** Whether an escaped text holds an escape of such a letter or digit. */
export const hasEscapedRightToLeft = (escaped: string): boolean =>
  [...escaped.matchAll(/\\u\{([0-9A-F]+)\}/g)].some(([, hex = '']) =>
    isRightToLeft(String.fromCodePoint(Number.parseInt(hex, 16))),
  );

/** Every character of a text as `\\u{…}`. */
export const escapeEach = (text: string): string => Array.from(text, escapeCharacter).join('');

const keepEmoji = (found: string, emoji: string | undefined): string => emoji ?? escapeCharacter(found);

const escapeCharacter = (character: string): string =>
  `\\u{${character.codePointAt(0)?.toString(16).toUpperCase()}}`;

/** Nothing to see: empty, or only white space. */
export const isBlank = (text: string): boolean => /^\s*$/u.test(text);

export interface Cut {
  /** What is kept, unescaped. */
  text: string;
  /** Code points kept and in all. */
  shown: number;
  total: number;
}

/** How far back a cut moves for the sake of what a reader sees as one character. */
const LONGEST_CHARACTER = 64;
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Keeps at most `limit` code points. Code points, because half a surrogate pair is no character; and moved
 * back to the start of a grapheme, because half an emoji of several code points is another emoji. A grapheme
 * of absurd length is cut nevertheless.
 * @param total code points of `text`, if they have been counted already
 */
export function cutAfter(text: string, limit: number, total = codePoints(text)): Cut {
  if (total <= limit) return { text, shown: total, total };
  // Twice as many units hold them in any case, and the rest of a long text is not looked at.
  const end = Array.from(text.slice(0, limit * 2))
    .slice(0, limit)
    .join('').length;
  const start = GRAPHEMES.segment(text.slice(0, end + LONGEST_CHARACTER)).containing(end)?.index ?? end;
  const kept = text.slice(0, end - start < LONGEST_CHARACTER ? start : end);
  return { text: kept, shown: codePoints(kept), total };
}
