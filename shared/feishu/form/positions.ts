import type { FormWords } from '../messages.ts';

/** `[1, 3, 4, 5]` → `1、3–5`: ascending positions of tasks, counted from 1. */
export function formatPositions(positions: readonly number[], comma: string): string {
  const ranges: { first: number; last: number }[] = [];
  for (const position of positions) {
    const range = ranges.at(-1);
    if (range && range.last + 1 === position) range.last = position;
    else ranges.push({ first: position, last: position });
  }
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}–${last}`)).join(comma);
}

/** `tasks 1, 3–5`, or `tasks 1–3 (all)` when these are all of `count`. */
export function nameTasks(positions: readonly number[], count: number, words: FormWords): string {
  return words.tasks(formatPositions(positions, words.comma), positions.length, positions.length === count);
}

/** Groups items by a key; each group keeps the positions of its items, from 1, in the order first met. */
export function groupByKey<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): { item: T; positions: number[] }[] {
  const groups = new Map<string, { item: T; positions: number[] }>();
  for (const [index, item] of items.entries()) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.positions.push(index + 1);
    else groups.set(key, { item, positions: [index + 1] });
  }
  return [...groups.values()];
}
