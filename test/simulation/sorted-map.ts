import { createRequire } from 'node:module';

// Node and Vitest import the default export of this CommonJS package in two different ways; `require` is the same in both.
const { default: BTree } = createRequire(import.meta.url)('sorted-btree') as typeof import('sorted-btree');

/** A map sorted by key. Finds, adds and removes in logarithmic time. */
export const SortedMap = BTree;
export type SortedMap<K, V> = InstanceType<typeof BTree<K, V>>;
