import type {
  AttributeValue,
  GetItemCommandInput,
  QueryCommandInput,
  ScanCommandInput,
} from '@aws-sdk/client-dynamodb';
import { invalid } from './errors.ts';
import { holds } from './expressions/condition.ts';
import { type KeyCondition, readQueryExpressions } from './key-condition.ts';
import { keyAttributes, keyNames, keyOfItem, keyOfParameter, lengthProblem } from './keys.ts';
import { checkedLimit, refuseUnknown } from './requests.ts';
import { compareKeys, type Index, type StoredItem, type Table, textOf } from './table.ts';
import { compareTexts, type StoredMap, storeItem } from './values.ts';

type Item = Record<string, AttributeValue>;

export interface Page {
  Items: Item[];
  Count: number;
  ScannedCount: number;
  LastEvaluatedKey?: Item;
}

/** A page ends with the item that reaches this size. */
const MAX_PAGE_BYTES = 1024 * 1024;

const GET = new Set(['TableName', 'Key', 'ConsistentRead']);
const SCAN = new Set(['TableName', 'Limit', 'ExclusiveStartKey', 'ConsistentRead']);
const QUERY = new Set([
  ...SCAN,
  'IndexName',
  'KeyConditionExpression',
  'FilterExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ScanIndexForward',
]);

export function getItem(table: Table, input: GetItemCommandInput): { Item?: Item } {
  refuseUnknown('GetItem', input, GET);
  const key = keyOfParameter(input.Key, table.definition);
  const problem = lengthProblem(key);
  if (problem) throw invalid(problem);
  const found = table.get(key);
  return found ? { Item: found.attributes } : {};
}

export function scan(table: Table, input: ScanCommandInput): Page {
  refuseUnknown('Scan', input, SCAN);
  const limit = checkedLimit(input.Limit);
  const names = keyNames(table.definition);
  const start = input.ExclusiveStartKey && startKey(input.ExclusiveStartKey, names);
  const from = start && keyOfItem(start, table.definition);
  const items = from ? table.after(from, limit) : table.all();
  return page(items, limit, (item) => keyAttributes(item, names));
}

export function query(table: Table, input: QueryCommandInput): Page {
  refuseUnknown('Query', input, QUERY);
  const limit = checkedLimit(input.Limit);
  const index = indexOf(table, input.IndexName);
  if (index && input.ConsistentRead) {
    throw invalid('Consistent reads are not supported on global secondary indexes');
  }
  const { condition, filter } = readQueryExpressions(input, index ?? table.definition);
  const names = keyNames(table.definition);
  const allNames = index ? [...new Set([...names, index.partitionKey, index.sortKey])] : names;
  const order = orderOf(table, index);
  const forward = input.ScanIndexForward ?? true;
  const start = input.ExclusiveStartKey && startKey(input.ExclusiveStartKey, allNames);
  if (start && !matches(start, condition))
    throw invalid('The provided starting key is outside query boundaries');
  const items = index
    ? table.index(
        index,
        condition.partition,
        forward ? lowest(condition, start && textOf(start, index.sortKey)) : '',
      )
    : table.partition(condition.partition);
  const isBehind = ({ attributes }: StoredItem) =>
    !start || (forward ? order(attributes, start) : order(start, attributes)) > 0;
  const read: StoredItem[] = [];
  for (const item of forward ? items : [...items].reverse()) {
    const fits = matches(item.attributes, condition);
    // Matching keys are adjacent.
    if (read.length >= limit || (!fits && read.length > 0)) break;
    if (fits && isBehind(item)) read.push(item);
  }
  const { Items, ...rest } = page(read, limit, (item) => keyAttributes(item, allNames));
  const project = index?.projection === 'KEYS_ONLY';
  const found = project ? Items.map((item) => keyAttributes(item, allNames)) : Items;
  // The filter applies after paging, so a page may be empty and not be the last.
  const kept = filter ? found.filter((item) => holds(filter, item)) : found;
  return { ...rest, Items: kept, Count: kept.length };
}

/** The lowest sort key that the bounds allow. */
function lowest({ range }: KeyCondition, start = ''): string {
  const least = range?.bounds.filter(({ holds }) => holds(1)).map(({ value }) => value) ?? [];
  return [start, ...least].toSorted(compareTexts).at(-1) ?? '';
}

function indexOf(table: Table, name: string | undefined): Index | undefined {
  if (name === undefined) return undefined;
  const index = table.definition.indexes.find((one) => one.name === name);
  if (!index) throw invalid(`The table does not have the specified index: ${name}`);
  return index;
}

/** Reads a whole key of the table, or of the index and the table. The item itself may be deleted. */
function startKey(given: Item, names: readonly string[]): StoredMap {
  const start = storeItem(given);
  const fits =
    Object.keys(start).length === names.length && names.every((name) => textOf(start, name) !== '');
  if (!fits) throw invalid('The provided starting key is invalid');
  return start;
}

function matches(attributes: StoredMap, { partitionKey, partition, range }: KeyCondition): boolean {
  if (textOf(attributes, partitionKey) !== partition) return false;
  if (!range) return true;
  const key = textOf(attributes, range.sortKey);
  return range.bounds.every(({ value, holds }) => holds(compareTexts(key, value)));
}

function orderOf(table: Table, index: Index | undefined): (a: StoredMap, b: StoredMap) => number {
  const byKey = (a: StoredMap, b: StoredMap) =>
    compareKeys(keyOfItem(a, table.definition), keyOfItem(b, table.definition));
  if (!index) return byKey;
  return (a, b) => compareTexts(textOf(a, index.sortKey), textOf(b, index.sortKey)) || byKey(a, b);
}

function page(items: readonly StoredItem[], limit: number, keyOf: (item: StoredMap) => Item): Page {
  let size = 0;
  let count = 0;
  for (const item of items) {
    count++;
    size += item.size;
    if (count >= limit || size >= MAX_PAGE_BYTES) break;
  }
  const last = items[count - 1];
  // A read that stops at the limit does not check whether another item follows.
  const stopped = count < items.length || count >= limit;
  return {
    Items: items.slice(0, count).map(({ attributes }) => attributes),
    Count: count,
    ScannedCount: count,
    ...(stopped && last && { LastEvaluatedKey: keyOf(last.attributes) }),
  };
}
