import type { Shown } from '../shown-content.ts';
import { bytesOfText, bytesOfTexts } from './body.ts';
import { type Change, type Detail, listChanges } from './changes.ts';
import { hasEscapedRightToLeft, isRightToLeft, MARK } from './foreign-text.ts';
import type { FormWording } from './form-kind.ts';
import { LANGUAGES } from './languages.ts';
import { NAME_LIMIT } from './show-name.ts';

const ALL = Number.POSITIVE_INFINITY;
/** Levels of detail, the highest first. */
const DETAILS: readonly Detail[] = [
  { rows: ALL, titles: ALL, names: ALL, line: ALL },
  { rows: 40, titles: 10, names: NAME_LIMIT, line: 160 },
  { rows: 10, titles: 3, names: 40, line: 160 },
];
const LEAST: Detail = { rows: 0, titles: 0, names: 40, line: 160 };

/**
 * Returns the list of changes in each language, in at most `room` bytes. It names every change if there is room. The
 * rest of the room is for details, from the first change on. What is left out is counted at its place. A note says why
 * letters are escaped.
 */
export function fitChanges(before: Shown, now: Shown, wording: FormWording, room: number): string[] {
  const languages = LANGUAGES[wording].map(({ words }) => words);
  const changes = listChanges(before, now);
  const describe = (change: Change, detail: Detail): string[] =>
    languages.map((words) => change(words, detail));
  const more = (count: number): string[] =>
    languages.map((words) => `${MARK}${words.changes.moreChanges(count)}`);
  const lineEnd = bytesOfText('\n', wording) * languages.length;
  const bytesOf = (texts: readonly string[]): number => bytesOfTexts(texts, wording) + lineEnd;

  const escapes = languages.map((words) => `${MARK}${words.form.rightToLeft}`);

  // First reserve the shortest description of each change.
  let left = room - bytesOf(more(changes.length));
  if (isRightToLeft(JSON.stringify([before, now]))) left -= bytesOf(escapes);
  const named: { change: Change; texts: string[]; bytes: number }[] = [];
  for (const change of changes) {
    const texts = describe(change, LEAST);
    const bytes = bytesOf(texts);
    if (bytes > left) break;
    left -= bytes;
    named.push({ change, texts, bytes });
  }
  for (const one of named) {
    for (const detail of DETAILS) {
      const texts = describe(one.change, detail);
      const extra = bytesOf(texts) - one.bytes;
      if (extra > left) continue;
      one.texts = texts;
      left -= extra;
      break;
    }
  }
  const unnamed = changes.length - named.length;
  const isEscaped = named.some(({ texts }) => texts.some(hasEscapedRightToLeft));
  return languages.map((_, index) =>
    [
      ...(isEscaped ? [escapes[index] ?? ''] : []),
      ...named.map(({ texts }) => texts[index] ?? ''),
      ...(unnamed > 0 ? [more(unnamed)[index] ?? ''] : []),
    ].join('\n'),
  );
}
