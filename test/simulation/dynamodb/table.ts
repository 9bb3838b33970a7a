import { itemSize } from '../../../shared/runtime/attribute-values.ts';
import type { TableDefinition } from '../../../shared/tables/table-definitions.ts';
import { SortedMap } from '../sorted-map.ts';
import { hashOf, type Key, keyOfItem } from './keys.ts';
import { compareTexts, entryOf, equalMaps, type StoredMap } from './values.ts';

export interface StoredItem {
  key: Key;
  attributes: StoredMap;
  /** In bytes, as DynamoDB counts them. */
  size: number;
}

/** Called with each change. `before` or `after` is undefined if the item did not exist. */
export type ChangeListener = (before: StoredMap | undefined, after: StoredMap | undefined) => void;

export type Index = TableDefinition['indexes'][number];

/** The items of one table. An item is never changed in place, so a reader can keep it. */
export class Table {
  readonly definition: TableDefinition;
  readonly #partitions = new Map<string, Map<string, StoredItem>>();
  /** The partitions in the order of a scan. */
  readonly #order = new SortedMap<ScanPlace, string>(undefined, compareScanPlaces);
  /** The partitions of each index, by the name of the index. */
  readonly #indexes: ReadonlyMap<string, Map<string, SortedMap<IndexPlace, StoredItem>>>;
  readonly #onChange: ChangeListener;

  constructor(definition: TableDefinition, onChange: ChangeListener = () => {}) {
    this.definition = definition;
    this.#onChange = onChange;
    this.#indexes = new Map(definition.indexes.map(({ name }) => [name, new Map()]));
  }

  get({ partition, sort }: Key): StoredItem | undefined {
    return this.#partitions.get(partition)?.get(sort);
  }

  /** Reports no change if the item is equal already. */
  put(attributes: StoredMap): void {
    const key = keyOfItem(attributes, this.definition);
    const before = this.get(key);
    if (before && equalMaps(before.attributes, attributes)) return;
    if (before) this.#remove(before);
    this.#insert({ key, attributes, size: itemSize(attributes) });
    this.#onChange(before?.attributes, attributes);
  }

  delete(key: Key): void {
    const before = this.get(key);
    if (!before) return;
    this.#remove(before);
    this.#onChange(before.attributes, undefined);
  }

  /** Returns the items of a partition in the order of their sort keys. */
  partition(partition: string): StoredItem[] {
    return [...(this.#partitions.get(partition)?.values() ?? [])].sort((a, b) => compareKeys(a.key, b.key));
  }

  /** Returns all items in the order of a scan. */
  all(): StoredItem[] {
    return [...this.#order.values()].flatMap((partition) => this.partition(partition));
  }

  /** Like `all`, but returns at most so many items after a key. The item of that key may be deleted. */
  after(key: Key, most: number): StoredItem[] {
    const found: StoredItem[] = [];
    for (const partition of this.#order.values(scanPlace(key.partition))) {
      if (found.length >= most) break;
      found.push(...this.partition(partition).filter((item) => compareKeys(item.key, key) > 0));
    }
    return found.slice(0, most);
  }

  /** Returns the items of a partition of an index, from a sort key on, in the order of the sort keys. */
  index({ name }: Index, partition: string, from: string): Iterable<StoredItem> {
    return this.#indexes.get(name)?.get(partition)?.values({ partition, sort: from }) ?? [];
  }

  /** Restores the items that `all` returned. Reports no changes. */
  restore(items: readonly StoredItem[]): void {
    this.#partitions.clear();
    this.#order.clear();
    for (const index of this.#indexes.values()) index.clear();
    for (const item of items) this.#insert(item);
  }

  #insert(item: StoredItem): void {
    const { partition, sort } = item.key;
    const others = this.#partitions.get(partition);
    if (others) others.set(sort, item);
    else {
      this.#partitions.set(partition, new Map([[sort, item]]));
      this.#order.set(scanPlace(partition), partition);
    }
    for (const { index, place } of this.#placesOf(item)) {
      const items = index.get(place.partition) ?? new SortedMap(undefined, compareIndexPlaces);
      index.set(place.partition, items);
      items.set(place, item);
    }
  }

  #remove(item: StoredItem): void {
    const { partition, sort } = item.key;
    const others = this.#partitions.get(partition);
    others?.delete(sort);
    if (others?.size === 0) {
      this.#partitions.delete(partition);
      this.#order.delete(scanPlace(partition));
    }
    for (const { index, place } of this.#placesOf(item)) index.get(place.partition)?.delete(place);
  }

  /** An item that lacks a key of an index is not in that index. */
  #placesOf({ key, attributes }: StoredItem) {
    return this.definition.indexes.flatMap(({ name, partitionKey, sortKey }) => {
      const index = this.#indexes.get(name);
      const [partition, sort] = [entryOf(attributes, partitionKey)?.S, entryOf(attributes, sortKey)?.S];
      if (!index || partition === undefined || sort === undefined) return [];
      return [{ index, place: { partition, sort, key } }];
    });
  }
}

/** The place of a partition in a scan: by its hash, which is computed once. */
interface ScanPlace {
  hash: number;
  partition: string;
}
const scanPlace = (partition: string): ScanPlace => ({ hash: hashOf(partition), partition });
const compareScanPlaces = (a: ScanPlace, b: ScanPlace): number =>
  a.hash - b.hash || compareTexts(a.partition, b.partition);

/** The position of an item in a partition of an index. Without a key: before all items with the same sort key. */
interface IndexPlace {
  partition: string;
  sort: string;
  key?: Key;
}
const compareIndexPlaces = (a: IndexPlace, b: IndexPlace): number =>
  compareTexts(a.sort, b.sort) ||
  (a.key && b.key ? compareKeys(a.key, b.key) : Number(a.key !== undefined) - Number(b.key !== undefined));

/** The value of an attribute that is known to be a text. */
export const textOf = (attributes: StoredMap, name: string): string => entryOf(attributes, name)?.S ?? '';

/** Orders keys by the hash of the partition, then by the sort key. */
export function compareKeys(a: Key, b: Key): number {
  if (a.partition === b.partition) return compareTexts(a.sort, b.sort);
  return hashOf(a.partition) - hashOf(b.partition) || compareTexts(a.partition, b.partition);
}
