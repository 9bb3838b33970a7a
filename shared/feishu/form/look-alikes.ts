import { type Place, placesOf } from './character-places.ts';
import { isQuotedEverywhere } from './sql-quotes.ts';

/**
 * Characters that look like ASCII punctuation: the symbols, punctuation marks and rare letters that confusables.txt of
 * UTS #39 maps to it. Without letters of Han, kana, Devanagari and Gujarati, and without what a card shows escaped.
 */
const CONFUSABLES =
  /[\u00B4\u00B8\u01C3\u0241\u0294\u02B9-\u02BE\u02C2-\u02C4\u02C6\u02C8\u02CA\u02CB\u02D0\u02D7\u02DC\u02DD\u02EE\u02F4\u02F6\u02F8\u0374\u0384\u055A\u055D\u0589\u13AE\u1400\u1433\u1438\u144A\u16B2\u16CC\u16EC\u16ED\u1735\u1803\u1809\u1CD3\u1FBD\u1FBF\u1FC0\u1FFD\u1FFE\u2010-\u2013\u2018-\u201D\u201F\u2032-\u2037\u2039\u203A\u2041\u2043\u2044\u204E\u2053\u2057\u205A\u2212\u2215-\u2217\u2236\u223C\u226A\u226B\u22D8\u22D9\u244A\u2571\u2768\u2769\u276E\u276F\u2772-\u2775\u2795\u2796\u27CB\u27CD\u29F5\u29F8\u29F9\u2A20\u2AA5\u2AFB\u2AFD\u2CBA\u2CC6\u2CF9\u2D51\u2E28\u2E29\u2E40\u3003\u3014\u3015\u3033\u30A0\u31D3\u31D4\uA4F8-\uA4FB\uA4FD-\uA4FF\uA60E\uA778\uA789\uA78C\uFE58\u{1029B}\u{1031F}\u{16F3F}\u{1D114}\u{1D20F}\u{1D236}\u{1D237}\u{1D23A}\u{1D23B}]/v
    .source;
/** What an input method for Chinese writes instead of ASCII punctuation. That file does not list it. */
const OF_CHINESE = /[\u2014\u2015\u3001\u3002\u3008-\u3011\u3016-\u301B\uFE11\uFE12\uFE51\uFF5F-\uFF64]/v
  .source;
/**
 * Bars and dashes, which that file maps to the letter l and to a letter of kana. Quotation marks and brackets that it
 * does not list.
 */
const BARS_AND_OTHERS =
  /[\u00A6\u01C0\u01C1\u2016\u2223\u2225\u23FD\u2F01\uFFE8\u23AF\u2500\u2501\u2504\u2505\u2508\u2509\u254C\u254D\u2574\u2576\u2578\u257A\u257C\u257E\u2E3A\u2E3B\u2F00\u31D0\uA7F7\u00AB\u00BB\u02BF\u201E\u275B-\u275E\u301D-\u301F\u2045\u2046\u2052\u276A-\u276D\u27E6-\u27EB\u2985\u2986\u2F02\u2F03]/v
    .source;
/** Only these can be a compatibility form of ASCII punctuation, such as `；` or `（`. */
const FORMS = /[\u037E\u1FEF\u2000-\u20CF\u2A74-\u2A76\uFE10-\uFE6F\uFF01-\uFF5E]/v.source;

const CANDIDATE = new RegExp(`(${CONFUSABLES}|${OF_CHINESE}|${BARS_AND_OTHERS})|${FORMS}`, 'gv');
const ASCII_PUNCTUATION = /^[!-\/:-@\[-`\{-~]+$/v;

/** Returns the characters outside comments and strings of SQL that look like ASCII punctuation. */
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
