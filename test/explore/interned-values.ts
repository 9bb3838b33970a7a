import { hash } from 'node:crypto';

/**
 * Interning: equal values become one object. So results can be cached by the identity of a value, and two states are
 * compared by the names of their parts.
 */

interface Facts {
  /** Hash of the value; the same in every thread. */
  name: string;
  /** Stream positions in the value, as `test/simulation/dynamodb` writes them: 21 or 22 digits. */
  positions: readonly string[];
}

const byName = new Map<string, object>();
const known = new WeakMap<object, Facts>();

export const STREAM_POSITION = /\b\d{21,22}\b/g;

export function intern<T extends object>(value: T): T {
  if (known.has(value)) return value;
  const text = JSON.stringify(value, sorted);
  const name = hash('md5', text, 'base64');
  const found = byName.get(name);
  // Values with equal text have the same type, because each type has its own members.
  if (found) return found as T;
  byName.set(name, value);
  known.set(value, { name, positions: text.match(STREAM_POSITION) ?? [] });
  return value;
}

export const factsOf = (value: object): Facts => known.get(intern(value)) ?? { name: '', positions: [] };

/** Replacer for `JSON.stringify`: sorts keys, and replaces bytes by their hash. */
function sorted(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return hash('md5', value, 'base64');
  if (!(value instanceof Object) || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
