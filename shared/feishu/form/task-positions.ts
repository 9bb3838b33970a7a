import type { FormWords } from '../messages.ts';

/** `[1, 3, 4, 5]` → `1、3–5`: ascending positions of tasks, counted from 1. */
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

/** How many ranges are named where a list of positions is only a hint. */
const MAX_RANGES = 20;

/** `tasks 1, 3–5`, or `tasks 1–3 (all)` when these are all of `count`; beyond `MAX_RANGES` only how many they are. */
export function nameTasks(positions: readonly number[], count: number, words: FormWords): string {
  const ranges = rangesOf(positions);
  const named = ranges.slice(0, MAX_RANGES).join(words.comma);
  const text = ranges.length > MAX_RANGES ? `${named}${words.morePositions(positions.length)}` : named;
  return words.tasks(text, positions.length, positions.length === count);
}

/** As `nameTasks`, but every position is named, however many there are. */
export function nameAllTasks(positions: readonly number[], count: number, words: FormWords): string {
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
