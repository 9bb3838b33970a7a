import type { FormWords } from '../messages.ts';

/** Writes ascending positions of tasks, counted from 1: `[1, 3, 4, 5]` → `1、3–5`. */
export const formatPositions = (positions: readonly number[], comma: string): string =>
  rangesOf(positions).join(comma);

function rangesOf(positions: readonly number[]): string[] {
  const ranges: { first: number; last: number }[] = [];
  for (const position of positions) {
    const range = ranges.at(-1);
    if (range && range.last + 1 === position) range.last = position;
    else ranges.push({ first: position, last: position });
  }
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}–${last}`));
}

/** How many ranges `nameTasks` lists. */
const MAX_RANGES = 20;

/** Writes `tasks 1, 3–5`, or `tasks 1–3 (all)` if these are all of `count`. After `MAX_RANGES` only their number. */
export function nameTasks(positions: readonly number[], count: number, words: FormWords): string {
  const ranges = rangesOf(positions);
  const named = ranges.slice(0, MAX_RANGES).join(words.comma);
  const text = ranges.length > MAX_RANGES ? `${named}${words.morePositions(positions.length)}` : named;
  return words.tasks(text, positions.length, positions.length === count);
}

/** Writes tasks like `nameTasks`, but always with every position. */
export function nameAllTasks(positions: readonly number[], count: number, words: FormWords): string {
  return words.tasks(formatPositions(positions, words.comma), positions.length, positions.length === count);
}

/** Groups items by a key, in the order of their first item. Each group has the positions of its items, from 1. */
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
