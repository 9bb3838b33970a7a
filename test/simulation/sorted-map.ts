import { createRequire } from 'node:module';

// A CommonJS package whose default export Node and Vitest hand over in two different ways.
const { default: BTree } = createRequire(import.meta.url)('sorted-btree') as typeof import('sorted-btree');

/** A map in the order of its keys: finds, adds and removes in logarithmic time. */
export const SortedMap = BTree;
export type SortedMap<K, V> = InstanceType<typeof BTree<K, V>>;
