import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { invalid } from './errors.ts';
import { compareNumbers, normaliseNumber } from './numbers.ts';

/** A stored item, or a map in one: checked, normalised, frozen, and shared between versions of an item. */
export type StoredMap = Readonly<Record<string, AttributeValue>>;

/** How deep lists and maps may be nested below the item. */
const MAX_DEPTH = 32;

const MAX_NAME_BYTES = 65_535;

export const TYPES = ['S', 'N', 'B', 'BOOL', 'NULL', 'M', 'L', 'SS', 'NS', 'BS'] as const;
export type TypeName = (typeof TYPES)[number];

const isTypeName = (name: string): name is TypeName => TYPES.some((type) => type === name);

/** Checks and normalises an item of a request. Throws a ValidationException for what DynamoDB does not store. */
export const storeItem = (item: StoredMap): StoredMap => storeMap(item, 0);

/** Checks and normalises one value of a request, for example of ExpressionAttributeValues. */
export const storeValue = (value: AttributeValue): AttributeValue => store(value, 1);

function storeMap(map: StoredMap, depth: number): StoredMap {
  const entries: [string, AttributeValue][] = [];
  for (const [name, value] of Object.entries(map)) {
    if (value === undefined) continue;
    refuseName(name);
    entries.push([name, store(value, depth + 1)]);
  }
  return Object.freeze(Object.fromEntries(entries));
}

/** Throws a ValidationException for an invalid attribute name. */
export function refuseName(name: string): void {
  if (name === '') throw invalid('Empty attribute name');
  // A character has at most three bytes, so most names are too short to need a measurement.
  if (name.length * 3 > MAX_NAME_BYTES && Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw invalid('Attribute name is too large, must be less than 65536 bytes');
  }
}

function store(value: AttributeValue, depth: number): AttributeValue {
  if (depth > MAX_DEPTH) throw invalid('Nesting Levels have exceeded supported limits');
  switch (typeOf(value)) {
    case 'S':
      return Object.freeze({ S: String(value.S) });
    case 'N':
      return Object.freeze({ N: normaliseNumber(String(value.N)) });
    case 'BOOL':
      return Object.freeze({ BOOL: value.BOOL === true });
    case 'NULL':
      if (value.NULL !== true) throw invalid('Null attribute value types must have the value of true');
      return Object.freeze({ NULL: true });
    case 'B':
      return Object.freeze({ B: Uint8Array.from(value.B ?? []) });
    case 'M':
      return Object.freeze({ M: storeMap(value.M ?? {}, depth) });
    case 'L':
      return Object.freeze({ L: frozen((value.L ?? []).map((element) => store(element, depth + 1))) });
    case 'SS':
      return Object.freeze({ SS: frozen(asSet(value.SS ?? [], compareTexts)) });
    case 'NS':
      return Object.freeze({ NS: frozen(asSet((value.NS ?? []).map(normaliseNumber), compareNumbers)) });
    case 'BS': {
      const members = (value.BS ?? []).map((bytes) => Uint8Array.from(bytes));
      return Object.freeze({ BS: frozen(asSet(members, Buffer.compare)) });
    }
  }
}

/** Freezes an array. The client's types need a mutable array type, but a change throws. */
function frozen<T>(array: T[]): T[] {
  Object.freeze(array);
  return array;
}

/** Sorts a set, so that equal sets are stored equally. */
function asSet<T>(members: readonly T[], compare: (a: T, b: T) => number): T[] {
  if (members.length === 0)
    throw invalid('One or more parameter values were invalid: a set may not be empty');
  const sorted = members.toSorted(compare);
  const twice = sorted.some((member, index) => {
    const before = sorted[index - 1];
    return before !== undefined && compare(before, member) === 0;
  });
  if (twice) throw invalid('One or more parameter values were invalid: Input collection contains duplicates');
  return sorted;
}

/** Returns the type of a value. Throws a ValidationException if it has none or several. */
export function typeOf(value: AttributeValue): TypeName {
  let found: TypeName | undefined;
  for (const [name, content] of Object.entries(value)) {
    if (content === undefined || !isTypeName(name)) continue;
    if (found) throw invalid('Supplied AttributeValue has more than one datatypes set');
    found = name;
  }
  if (!found) throw invalid('Supplied AttributeValue is empty');
  return found;
}

/** How deep lists and maps are nested in a value, including the value itself. */
function depthOf(value: AttributeValue): number {
  if (value.M) return 1 + Math.max(0, ...Object.values(value.M).map(depthOf));
  if (value.L) return 1 + Math.max(0, ...value.L.map(depthOf));
  return 1;
}

export function refuseTooDeep(value: AttributeValue, above: number): void {
  if (above + depthOf(value) > MAX_DEPTH) throw invalid('Nesting Levels have exceeded supported limits');
}

/** Reads own properties only: an attribute may be called `constructor`. */
export const entryOf = (map: StoredMap, name: string): AttributeValue | undefined =>
  Object.hasOwn(map, name) ? map[name] : undefined;

/** Compares two stored values. Numbers and sets are normalised, so equal ones have the same form. */
export function equal(a: AttributeValue, b: AttributeValue): boolean {
  if (a === b) return true;
  if (a.S !== undefined) return a.S === b.S;
  if (a.N !== undefined) return a.N === b.N;
  if (a.M !== undefined) return b.M !== undefined && equalMaps(a.M, b.M);
  if (a.L !== undefined) return b.L !== undefined && everyPair(a.L, b.L, equal);
  if (a.BOOL !== undefined) return a.BOOL === b.BOOL;
  if (a.NULL !== undefined) return a.NULL === b.NULL;
  if (a.B !== undefined) return b.B !== undefined && Buffer.compare(a.B, b.B) === 0;
  if (a.SS !== undefined) return b.SS !== undefined && everyPair(a.SS, b.SS, Object.is);
  if (a.NS !== undefined) return b.NS !== undefined && everyPair(a.NS, b.NS, Object.is);
  if (a.BS !== undefined) {
    return b.BS !== undefined && everyPair(a.BS, b.BS, (x, y) => Buffer.compare(x, y) === 0);
  }
  return false;
}

export function equalMaps(a: StoredMap, b: StoredMap): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => {
    const [mine, theirs] = [entryOf(a, name), entryOf(b, name)];
    return mine !== undefined && theirs !== undefined && equal(mine, theirs);
  });
}

function everyPair<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean {
  if (a.length !== b.length) return false;
  for (const [index, x] of a.entries()) {
    const y = b[index];
    if (y === undefined || !same(x, y)) return false;
  }
  return true;
}

/** Returns a number below, equal to or above zero; undefined if the types differ or have no order. */
export function compare(a: AttributeValue, b: AttributeValue): number | undefined {
  if (a.S !== undefined && b.S !== undefined) return compareTexts(a.S, b.S);
  if (a.N !== undefined && b.N !== undefined) return compareNumbers(a.N, b.N);
  if (a.B !== undefined && b.B !== undefined) return Buffer.compare(a.B, b.B);
  return undefined;
}

/** Compares by UTF-8 bytes, which is the order of code points. JavaScript's own order puts an emoji before U+FFFD. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [x, y] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (x === y) continue;
    return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;
