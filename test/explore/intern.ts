import { hash } from 'node:crypto';

/**
 * Equal things become one object, so that whatever was worked out about one is found again by its identity, and a
 * state is told from another by the names of its parts.
 */

interface About {
  /** The same for equal things, in every thread. */
  name: string;
  /** Positions in a stream that it mentions, as `test/simulation/dynamodb` writes them: 21 digits, or 22. */
  numbers: readonly string[];
}

const byName = new Map<string, object>();
const known = new WeakMap<object, About>();

export const NUMBER = /\b\d{21,22}\b/g;

export function intern<T extends object>(value: T): T {
  if (known.has(value)) return value;
  const text = JSON.stringify(value, sorted);
  const name = hash('md5', text, 'base64');
  const found = byName.get(name);
  // Equal texts were equal things of one kind: each kind has members of its own.
  if (found) return found as T;
  byName.set(name, value);
  known.set(value, { name, numbers: text.match(NUMBER) ?? [] });
  return value;
}

export const aboutOf = (value: object): About => known.get(intern(value)) ?? { name: '', numbers: [] };

/** For `JSON.stringify`: keys in order, bytes by their hash. */
function sorted(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return hash('md5', value, 'base64');
  if (!(value instanceof Object) || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
