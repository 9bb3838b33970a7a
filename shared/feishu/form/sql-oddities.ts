import type { FormWords } from '../messages.ts';
import type { Place } from './character-places.ts';
import { isRightToLeft } from './foreign-text.ts';
import { findLookAlikes } from './look-alikes.ts';
import { findMixedScripts } from './mixed-scripts.ts';
import { formatPositions } from './task-positions.ts';

/** What in a statement may look different from what runs. */
export interface Oddities {
  isRightToLeft: boolean;
  mixedScripts: Place[];
  lookAlikes: Place[];
}

const IS_ASCII = /^\p{ASCII}*$/v;
const NONE: Oddities = { isRightToLeft: false, mixedScripts: [], lookAlikes: [] };

/** Finds oddities in the whole statement, also in what a card cuts. */
export function findOddities(sql: string): Oddities {
  if (IS_ASCII.test(sql)) return NONE;
  return {
    isRightToLeft: isRightToLeft(sql),
    mixedScripts: findMixedScripts(sql),
    lookAlikes: findLookAlikes(sql),
  };
}

export const isOdd = (oddities: Oddities): boolean =>
  oddities.isRightToLeft || oddities.mixedScripts.length > 0 || oddities.lookAlikes.length > 0;

/** Writes one note for each kind of oddity. */
export function noteOddities(
  { isRightToLeft, mixedScripts, lookAlikes }: Oddities,
  isOneOfMany: boolean,
  words: FormWords,
): string[] {
  const most = isOneOfMany ? MOST_OF_MANY : MOST;
  return [
    ...(isRightToLeft ? [words.rightToLeft] : []),
    ...(mixedScripts.length > 0
      ? [words.warned(words.mixedScripts(listPlaces(mixedScripts, most, words)))]
      : []),
    ...(lookAlikes.length > 0 ? [words.warned(words.lookAlikes(listPlaces(lookAlikes, most, words)))] : []),
  ];
}

/** How many code points a note names, and how many lines for each. With many statements each has less room. */
const MOST = 8;
const MOST_OF_MANY = 3;

function listPlaces(places: readonly Place[], most: number, words: FormWords): string {
  const named = places.slice(0, most).map(({ codePoint, lines }) => {
    const listed = formatPositions(lines.slice(0, most), words.comma);
    return words.place(codePoint, lines.length > most ? `${listed}…` : listed, lines.length);
  });
  const more = places.length - named.length;
  return [...named, ...(more > 0 ? [words.morePlaces(more)] : [])].join(words.comma);
}
