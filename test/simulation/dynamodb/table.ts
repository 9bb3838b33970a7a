import { itemSize } from '../../../shared/runtime/attribute-values.ts';
import type { TableDefinition } from '../../../shared/runtime/tables.ts';
import { hashOf, type Key, keyOfItem } from './keys.ts';
import { compareTexts, entryOf, equalMaps, type StoredMap } from './values.ts';

export interface StoredItem {
  key: Key;
  attributes: StoredMap;
  /** As DynamoDB counts it, in bytes. */
  size: number;
}

/** Told of each change; `before` or `after` is undefined where the item did not exist. */
export type ChangeListener = (before: StoredMap | undefined, after: StoredMap | undefined) => void;

export type Index = TableDefinition['indexes'][number];

/** The items of one table. Nothing is changed in place: whoever has read an item keeps what was read. */
export class Table {
  readonly definition: TableDefinition;
  readonly #partitions = new Map<string, Map<string, StoredItem>>();
  readonly #onChange: ChangeListener;

  constructor(definition: TableDefinition, onChange: ChangeListener = () => {}) {
    this.definition = definition;
    this.#onChange = onChange;
  }

  get({ partition, sort }: Key): StoredItem | undefined {
    return this.#partitions.get(partition)?.get(sort);
  }

  /** Nothing is told if the item is so already. */
  put(attributes: StoredMap): void {
    const key = keyOfItem(attributes, this.definition);
    const partition = this.#partitions.get(key.partition) ?? new Map<string, StoredItem>();
    const before = partition.get(key.sort)?.attributes;
    if (before && equalMaps(before, attributes)) return;
    this.#partitions.set(key.partition, partition);
    partition.set(key.sort, { key, attributes, size: itemSize(attributes) });
    this.#onChange(before, attributes);
  }

  delete(key: Key): void {
    const partition = this.#partitions.get(key.partition);
    const before = partition?.get(key.sort);
    if (!partition || !before) return;
    partition.delete(key.sort);
    if (partition.size === 0) this.#partitions.delete(key.partition);
    this.#onChange(before.attributes, undefined);
  }

  /** In the order of the sort key. */
  partition(partition: string): StoredItem[] {
    return [...(this.#partitions.get(partition)?.values() ?? [])].sort((a, b) => compareKeys(a.key, b.key));
  }

  /** In the order in which a scan meets them. */
  all(): StoredItem[] {
    return [...this.#items()].sort((a, b) => compareKeys(a.key, b.key));
  }

  /** What an index holds under one partition key, in the order of its sort key. */
  index({ partitionKey, sortKey }: Index, partition: string): StoredItem[] {
    const found: StoredItem[] = [];
    for (const item of this.#items()) {
      if (entryOf(item.attributes, partitionKey)?.S !== partition) continue;
      if (entryOf(item.attributes, sortKey) !== undefined) found.push(item);
    }
    return found.sort(
      (a, b) =>
        compareTexts(textOf(a.attributes, sortKey), textOf(b.attributes, sortKey)) ||
        compareKeys(a.key, b.key),
    );
  }

  /** Puts back what `all` returned; nobody is told. */
  restore(items: readonly StoredItem[]): void {
    this.#partitions.clear();
    for (const item of items) {
      const { partition, sort } = item.key;
      const others = this.#partitions.get(partition);
      if (others) others.set(sort, item);
      else this.#partitions.set(partition, new Map([[sort, item]]));
    }
  }

  *#items(): Generator<StoredItem> {
    for (const partition of this.#partitions.values()) yield* partition.values();
  }
}

/** Of an attribute that is known to be a text. */
export const textOf = (attributes: StoredMap, name: string): string => entryOf(attributes, name)?.S ?? '';

/** Partitions lie by their hash, items of one partition by their sort key. */
export function compareKeys(a: Key, b: Key): number {
  if (a.partition === b.partition) return compareTexts(a.sort, b.sort);
  return hashOf(a.partition) - hashOf(b.partition) || compareTexts(a.partition, b.partition);
}
