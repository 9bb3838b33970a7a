import { type Place, placesOf } from './character-places.ts';

/**
 * Finds words that break the level "Highly Restrictive" of UTS #39 (section 5.2), judged only by their scripts. A word
 * is fine if all its characters belong to one script, or to Latin with Han and Bopomofo, Latin with Han and kana, or
 * Latin with Han and Hangul. The augmented sets Hanb, Jpan and Kore of section 5.1 are subsets of these three.
 */

/** Letters, marks, digits, connectors, and other characters that SQL allows in names. */
const WORD = /[\p{L}\p{M}\p{N}\p{Pc}$@#]+/gv;
const ANY_SCRIPT = String.raw`\p{scx=Common}\p{scx=Inherited}`;

const coverOf = (...scripts: string[]): string =>
  `[${ANY_SCRIPT}${scripts.map((script) => `\\p{scx=${script}}`).join('')}]`;

const TOGETHER = [
  coverOf('Latin', 'Han', 'Bopomofo'),
  coverOf('Latin', 'Han', 'Hiragana', 'Katakana'),
  coverOf('Latin', 'Han', 'Hangul'),
];
const IS_COMMON_MIX = new RegExp(`^(?:${TOGETHER.map((cover) => `${cover}*`).join('|')})$`, 'v');

/** The long names of all scripts of Unicode 17, except Common, Inherited and Unknown. */
export const SCRIPTS: readonly string[] = `
Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali
Beria_Erfe Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian
Caucasian_Albanian Chakma Cham Cherokee Chorasmian Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic
Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Garay
Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Gurung_Khema Han Hangul
Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inscriptional_Pahlavi
Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi Khitan_Small_Script
Khmer Khojki Khudawadi Kirat_Rai Lao Latin Lepcha Limbu Linear_A Linear_B Lisu Lycian Lydian
Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek
Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar
Nabataean Nag_Mundari Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki
Ol_Onal Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian
Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau
Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham
Sidetic SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Sunuwar Syloti_Nagri Syriac
Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Tai_Yo Takri Tamil Tangsa Tangut Telugu Thaana Thai
Tibetan Tifinagh Tirhuta Todhri Tolong_Siki Toto Tulu_Tigalari Ugaritic Vai Vithkuqi Wancho
Warang_Citi Yezidi Yi Zanabazar_Square
`
  .trim()
  .split(/\s+/);

/**
 * Each set of scripts that may stand in one word. A Unicode version without a script has no characters of it either.
 */
const COVERS: readonly RegExp[] = [
  ...TOGETHER,
  ...SCRIPTS.filter(isKnown).map((script) => coverOf(script)),
].map((cover) => new RegExp(cover, 'v'));

function isKnown(script: string): boolean {
  try {
    return new RegExp(`\\p{scx=${script}}`, 'v') instanceof RegExp;
  } catch {
    return false;
  }
}

/** Returns the odd characters of words with mixed scripts: those outside the scripts that cover most of the word. */
export function findMixedScripts(text: string): Place[] {
  const coversOf = new Map<string, readonly number[]>();
  const judge = (character: string): readonly number[] => {
    const known = coversOf.get(character) ?? indexesOfCovers(character);
    coversOf.set(character, known);
    return known;
  };
  const found = [...text.matchAll(WORD)].flatMap(({ 0: word, index }) =>
    IS_COMMON_MIX.test(word)
      ? []
      : findOdd(word, judge).map(({ character, at }) => ({ character, at: at + index })),
  );
  return placesOf(text, found);
}

const indexesOfCovers = (character: string): number[] =>
  COVERS.flatMap((cover, index) => (cover.test(character) ? [index] : []));

function findOdd(
  word: string,
  judge: (character: string) => readonly number[],
): { character: string; at: number }[] {
  const counts = new Map<number, number>();
  for (const character of word) {
    const covers = judge(character);
    // Characters that belong to all scripts do not count.
    if (covers.length === COVERS.length) continue;
    for (const cover of covers) counts.set(cover, (counts.get(cover) ?? 0) + 1);
  }
  let best: number | undefined;
  for (const [cover, count] of counts) {
    if (best === undefined || count > (counts.get(best) ?? 0)) best = cover;
  }
  const odd: { character: string; at: number }[] = [];
  let at = 0;
  for (const character of word) {
    if (best === undefined || !judge(character).includes(best)) odd.push({ character, at });
    at += character.length;
  }
  return odd;
}
