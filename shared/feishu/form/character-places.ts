/** A character that a note names, and the lines that contain it, from 1. */
export interface Place {
  /** `U+0430` */
  codePoint: string;
  lines: number[];
}

/** Groups characters by code point, in the order of their first place. `at`: index in `text`, ascending. */
export function placesOf(text: string, found: readonly { character: string; at: number }[]): Place[] {
  const places = new Map<string, Place>();
  const lineEndAfter = (from: number): number => {
    const end = text.indexOf('\n', from);
    return end === -1 ? text.length : end;
  };
  let line = 1;
  let lineEnd = lineEndAfter(0);
  for (const { character, at } of found) {
    while (lineEnd < at) {
      line += 1;
      lineEnd = lineEndAfter(lineEnd + 1);
    }
    const codePoint = nameCodePoint(character);
    const place = places.get(codePoint) ?? { codePoint, lines: [] };
    if (place.lines.at(-1) !== line) place.lines.push(line);
    places.set(codePoint, place);
  }
  return [...places.values()];
}

const nameCodePoint = (character: string): string =>
  `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;
