import { itemSize } from '../../../shared/runtime/attribute-values.ts';
import type { TableDefinition } from '../../../shared/tables/definitions.ts';
import { SortedMap } from '../sorted-map.ts';
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
  /** Partitions in the order of a scan. */
  readonly #order = new SortedMap<ScanPlace, string>(undefined, compareScanPlaces);
  /** By the name of the index and the partition in it. */
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

  /** Nothing is told if the item is so already. */
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

  /** In the order of the sort key. */
  partition(partition: string): StoredItem[] {
    return [...(this.#partitions.get(partition)?.values() ?? [])].sort((a, b) => compareKeys(a.key, b.key));
  }

  /** In the order in which a scan meets them. */
  all(): StoredItem[] {
    return [...this.#order.values()].flatMap((partition) => this.partition(partition));
  }

  /** As `all`, at most so many after a key, which need not be there any more. */
  after(key: Key, most: number): StoredItem[] {
    const found: StoredItem[] = [];
    for (const partition of this.#order.values(scanPlace(key.partition))) {
      if (found.length >= most) break;
      found.push(...this.partition(partition).filter((item) => compareKeys(item.key, key) > 0));
    }
    return found.slice(0, most);
  }

  /** What an index holds under one partition key, in the order of its sort key, which is this one or a later one. */
  index({ name }: Index, partition: string, from: string): Iterable<StoredItem> {
    return this.#indexes.get(name)?.get(partition)?.values({ partition, sort: from }) ?? [];
  }

  /** Puts back what `all` returned; nobody is told. */
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

  /** An item without one of the keys of an index is not in it. */
  #placesOf({ key, attributes }: StoredItem) {
    return this.definition.indexes.flatMap(({ name, partitionKey, sortKey }) => {
      const index = this.#indexes.get(name);
      const [partition, sort] = [entryOf(attributes, partitionKey)?.S, entryOf(attributes, sortKey)?.S];
      if (!index || partition === undefined || sort === undefined) return [];
      return [{ index, place: { partition, sort, key } }];
    });
  }
}

/** Partitions lie in the order of their hash, which is worked out once. */
interface ScanPlace {
  hash: number;
  partition: string;
}
const scanPlace = (partition: string): ScanPlace => ({ hash: hashOf(partition), partition });
const compareScanPlaces = (a: ScanPlace, b: ScanPlace): number =>
  a.hash - b.hash || compareTexts(a.partition, b.partition);

/** Where an item lies in a partition of an index; without a key, before all with the same sort key. */
interface IndexPlace {
  partition: string;
  sort: string;
  key?: Key;
}
const compareIndexPlaces = (a: IndexPlace, b: IndexPlace): number =>
  compareTexts(a.sort, b.sort) ||
  (a.key && b.key ? compareKeys(a.key, b.key) : Number(a.key !== undefined) - Number(b.key !== undefined));

/** Of an attribute that is known to be a text. */
export const textOf = (attributes: StoredMap, name: string): string => entryOf(attributes, name)?.S ?? '';

/** Partitions lie by their hash, items of one partition by their sort key. */
export function compareKeys(a: Key, b: Key): number {
  if (a.partition === b.partition) return compareTexts(a.sort, b.sort);
  return hashOf(a.partition) - hashOf(b.partition) || compareTexts(a.partition, b.partition);
}
