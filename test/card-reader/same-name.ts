import type { ReadName } from './card.ts';

/** Compares a name on a card with the right one. A cut name must show its beginning and its length. */
export function isSameName(read: ReadName | undefined, name: string | null | undefined): boolean {
  if (name === null || name === undefined || read === undefined) return read === (name ?? undefined);
  if (read.raw === name) return true;
  const { cut, blank, text } = read;
  const characters = Array.from(name);
  if (cut && cut.total !== characters.length) return false;
  const shown = cut ? characters.slice(0, cut.shown).join('') : name;
  return blank ? shown.trim() === '' : shown === text;
}
