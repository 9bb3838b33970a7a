import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { TableDefinition } from '../../../shared/tables/table-definitions.ts';
import { invalid } from './errors.ts';
import type { Path } from './expressions/paths.ts';
import { entryOf, type StoredMap, storeItem, type TypeName, typeOf } from './values.ts';

/** A primary key; `sort` is empty in a table without sort keys. */
export interface Key {
  partition: string;
  sort: string;
}

const MAX_PARTITION_BYTES = 2_048;
const MAX_SORT_BYTES = 1_024;

export const keyNames = ({ partitionKey, sortKey }: TableDefinition): string[] =>
  sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];

/** Returns the key of an item that is put. All our keys are texts. */
export function keyOfItem(item: StoredMap, table: TableDefinition): Key {
  const { partitionKey, sortKey } = table;
  return {
    partition: keyText(item, partitionKey),
    sort: sortKey === undefined ? '' : keyText(item, sortKey),
  };
}

/** Reads the parameter `Key`, which must hold only the key. */
export function keyOfParameter(key: StoredMap | undefined, table: TableDefinition): Key {
  const given = storeItem(key ?? {});
  if (Object.keys(given).length !== keyNames(table).length) {
    throw invalid('The number of conditions on the keys is invalid');
  }
  return keyOfItem(given, table);
}

export function keyAttributes(item: StoredMap, names: readonly string[]): Record<string, AttributeValue> {
  const entries = names.flatMap((name) => {
    const value = entryOf(item, name);
    return value ? [[name, value] as const] : [];
  });
  return Object.fromEntries(entries);
}

function keyText(item: StoredMap, name: string): string {
  const value = entryOf(item, name);
  if (!value) throw invalid('One of the required keys was not given a value');
  return keyValue(value, name);
}

/** Throws a ValidationException if the value is not a text or is empty. */
export function keyValue(value: AttributeValue, name: string): string {
  if (value.S === undefined)
    throw invalid('One or more parameter values were invalid: Type mismatch for key');
  if (value.S === '') {
    throw invalid(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${name}`,
    );
  }
  return value.S;
}

/** Why a key is too long; undefined if it is not. */
export function lengthProblem({ partition, sort }: Key): string | undefined {
  const tooLong =
    Buffer.byteLength(partition) > MAX_PARTITION_BYTES || Buffer.byteLength(sort) > MAX_SORT_BYTES;
  return tooLong
    ? 'Hash primary key values must be under 2048 bytes, and range primary key values must be under 1024 bytes'
    : undefined;
}

/** The types that DynamoDB allows for keys. Ours are all texts. */
const SCALARS: readonly TypeName[] = ['S', 'N', 'B'];

/** Why an index key of an item is invalid; undefined if it is valid. An item without the key is not in the index. */
export function indexKeyProblem(item: StoredMap, { indexes }: TableDefinition): string | undefined {
  for (const { partitionKey, sortKey } of indexes) {
    for (const [name, limit] of [
      [partitionKey, MAX_PARTITION_BYTES],
      [sortKey, MAX_SORT_BYTES],
    ] as const) {
      const value = entryOf(item, name);
      if (!value) continue;
      if (!SCALARS.includes(typeOf(value))) throw invalid('Invalid attribute value type');
      if (value.S === undefined) {
        return 'One or more parameter values were invalid: Type mismatch for Index Key';
      }
      if (Buffer.byteLength(value.S) > limit) {
        return 'One or more parameter values were invalid: Size limit exceeded';
      }
    }
  }
  return undefined;
}

export function refuseEmptyIndexKey(item: StoredMap, { indexes }: TableDefinition): void {
  for (const { name, partitionKey, sortKey } of indexes) {
    for (const key of [partitionKey, sortKey]) {
      if (entryOf(item, key)?.S !== '') continue;
      throw invalid(
        `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: ${name}, IndexKey: ${key}`,
      );
    }
  }
}

export const indexKeyNames = ({ indexes }: TableDefinition): string[] =>
  indexes.flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]);

/** Refuses a path into a key attribute: keys are scalars. */
export function refusePathsInto(keys: readonly string[], paths: readonly Path[]): void {
  for (const [first, ...rest] of paths) {
    if (rest.length === 0 || !keys.some((key) => key === first)) continue;
    throw invalid(
      `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed`,
    );
  }
}

/** The hash that orders the partitions. A reader cannot derive anything from this order. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  // Without this, similar keys differ only in the last bits.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
