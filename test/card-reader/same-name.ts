import type { ReadName } from './card.ts';

/** A name that is cut shows the beginning of the right one, and how long that is. */
export function isSameName(read: ReadName | undefined, name: string | null | undefined): boolean {
  if (name === null || name === undefined || read === undefined) return read === (name ?? undefined);
  if (read.raw === name) return true;
  const { cut, blank, text } = read;
  const characters = Array.from(name);
  if (cut && cut.total !== characters.length) return false;
  const shown = cut ? characters.slice(0, cut.shown).join('') : name;
  return blank ? shown.trim() === '' : shown === text;
}
