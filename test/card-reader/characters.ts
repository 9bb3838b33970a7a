import { Unreadable } from './card.ts';

/** What a reader can tell apart, and what stands as an escape because they could not (contract, section 2). */

const IS_PLAIN = /^[\x20-\x7E\n\t]*$/;
const ESCAPE = /\\u\{([0-9A-F]{1,6})\}/g;
const EMOJI = /\p{RGI_Emoji}/gv;
/** Without ink, odd spaces, halves of characters; tab, line end, space and the space of CJK text are allowed. */
const UNSEEN =
  /[[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800\uFFFC]--[\p{Cn}\t\n \u3000]]|\p{Noncharacter_Code_Point}/v;
/** Blocks whose characters are of Bidi_Class R or AL by default (UAX #9). */
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFE\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
/** Block elements and bars that pass for the mark of the system's own lines. */
const LIKE_MARK = /[\u2580-\u259F\u2502\u2503\u2758-\u275A]/u;

/** Undoes escapes; refuses raw characters that a person could not see, or that move others about. */
export function readForeign(text: string): string {
  requireVisible(text);
  return text.includes('\\u{') ? text.replace(ESCAPE, (_, hex: string) => characterOf(hex)) : text;
}

export function requireVisible(text: string): void {
  if (IS_PLAIN.test(text)) return;
  const withoutEmoji = text.replace(EMOJI, '');
  if (UNSEEN.test(withoutEmoji)) throw new Unreadable('a character that nobody sees stands raw', text);
  if (RIGHT_TO_LEFT.test(withoutEmoji)) throw new Unreadable('a letter from right to left stands raw', text);
  if (LIKE_MARK.test(withoutEmoji)) throw new Unreadable('a text holds what passes for our mark', text);
}

function characterOf(hex: string): string {
  const code = Number.parseInt(hex, 16);
  if (code > 0x10ffff) throw new Unreadable('an escape names no character', hex);
  return String.fromCodePoint(code);
}

export const codePoints = (text: string): number =>
  IS_PLAIN.test(text) ? text.length : Array.from(text).length;
