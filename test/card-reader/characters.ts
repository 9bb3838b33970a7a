import { Unreadable } from './card.ts';

/** Characters that a reader can distinguish, and those that a card escapes (docs/contract.md 2). */

const IS_PLAIN = /^[\x20-\x7E\n\t]*$/;
const ESCAPE = /\\u\{([0-9A-F]{1,6})\}/g;
const EMOJI = /\p{RGI_Emoji}/gv;
/**
 * Invisible characters, unusual spaces and halves of characters. Tab, line end, space and the CJK space are allowed.
 */
const UNSEEN =
  /[[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800\uFFFC]--[\p{Cn}\t\n \u3000]]|\p{Noncharacter_Code_Point}/v;
/** Blocks whose characters have Bidi_Class R or AL by default (UAX #9). */
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFE\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
/** Block elements and bars that look like our mark. */
const LIKE_MARK = /[\u2580-\u259F\u2502\u2503\u2758-\u275A]/u;

/** Undoes escapes. Throws at unescaped characters that a person cannot see, or that move other characters. */
export function readForeign(text: string): string {
  requireVisible(text);
  return text.includes('\\u{') ? text.replace(ESCAPE, (_, hex: string) => characterOf(hex)) : text;
}

export function requireVisible(text: string): void {
  if (IS_PLAIN.test(text)) return;
  const withoutEmoji = text.replace(EMOJI, '');
  if (UNSEEN.test(withoutEmoji)) throw new Unreadable('an invisible character is not escaped', text);
  if (RIGHT_TO_LEFT.test(withoutEmoji)) throw new Unreadable('a right-to-left letter is not escaped', text);
  if (LIKE_MARK.test(withoutEmoji))
    throw new Unreadable('a text contains a character that looks like our mark', text);
}

function characterOf(hex: string): string {
  const code = Number.parseInt(hex, 16);
  if (code > 0x10ffff) throw new Unreadable('an escape is not a character', hex);
  return String.fromCodePoint(code);
}

export const codePoints = (text: string): number =>
  IS_PLAIN.test(text) ? text.length : Array.from(text).length;
