import { type Place, placesOf } from './places.ts';
import { isQuotedEverywhere } from './sql-quotes.ts';

/**
 * Characters that look like ASCII punctuation: the symbols, punctuation marks and rare letters that confusables.txt of
 * UTS #39 maps to it. Letters of Han, kana, Devanagari and Gujarati are left out, and what stands escaped on a card.
 */
const CONFUSABLES =
  /[\u00B4\u00B8\u01C3\u0241\u0294\u02B9-\u02BE\u02C2-\u02C4\u02C6\u02C8\u02CA\u02CB\u02D0\u02D7\u02DC\u02DD\u02EE\u02F4\u02F6\u02F8\u0374\u0384\u055A\u055D\u0589\u13AE\u1400\u1433\u1438\u144A\u16B2\u16CC\u16EC\u16ED\u1735\u1803\u1809\u1CD3\u1FBD\u1FBF\u1FC0\u1FFD\u1FFE\u2010-\u2013\u2018-\u201D\u201F\u2032-\u2037\u2039\u203A\u2041\u2043\u2044\u204E\u2053\u2057\u205A\u2212\u2215-\u2217\u2236\u223C\u226A\u226B\u22D8\u22D9\u244A\u2571\u2768\u2769\u276E\u276F\u2772-\u2775\u2795\u2796\u27CB\u27CD\u29F5\u29F8\u29F9\u2A20\u2AA5\u2AFB\u2AFD\u2CBA\u2CC6\u2CF9\u2D51\u2E28\u2E29\u2E40\u3003\u3014\u3015\u3033\u30A0\u31D3\u31D4\uA4F8-\uA4FB\uA4FD-\uA4FF\uA60E\uA778\uA789\uA78C\uFE58\u{1029B}\u{1031F}\u{16F3F}\u{1D114}\u{1D20F}\u{1D236}\u{1D237}\u{1D23A}\u{1D23B}]/v
    .source;
/** What an input method for Chinese writes in place of ASCII punctuation; that file does not list them. */
const OF_CHINESE = /[\u2014\u2015\u3001\u3002\u3008-\u3011]/v.source;
/** Only these can be a compatibility form of ASCII punctuation, such as `；` or `（`. */
const FORMS = /[\u037E\u1FEF\u2000-\u20CF\u2A74-\u2A76\uFE10-\uFE6F\uFF01-\uFF5E]/v.source;

const CANDIDATE = new RegExp(`(${CONFUSABLES}|${OF_CHINESE})|${FORMS}`, 'gv');
const ASCII_PUNCTUATION = /^[!-\/:-@\[-`\{-~]+$/v;

/** Characters outside comments and strings of SQL that look like ASCII punctuation. */
export function findLookAlikes(sql: string): Place[] {
  const found = [...sql.matchAll(CANDIDATE)].flatMap(({ 0: character, 1: listed, index }) =>
    listed !== undefined || ASCII_PUNCTUATION.test(character.normalize('NFKC'))
      ? [{ character, at: index }]
      : [],
  );
  if (found.length === 0) return [];
  const isQuoted = isQuotedEverywhere(sql);
  return placesOf(
    sql,
    found.filter(({ at }) => !isQuoted(at)),
  );
}
