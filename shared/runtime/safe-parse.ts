import type * as z from 'zod';

/** Deeper than any of our schemas. */
const DEEPEST = 32;

/**
 * Calls `safeParse`, never throws, and never repeats a value in a message. Where a schema wants a text or a list, zod
 * (4.6) compares the `length` of any value, and throws if it cannot be compared, as in `{"length": {"toString":
 * null}}`. The second try removes such lengths. It makes no value valid, because no text and no list has one.
 */
export function safeParse<S extends z.ZodType>(schema: S, value: unknown): z.ZodSafeParseResult<z.output<S>> {
  try {
    return schema.safeParse(value, { reportInput: false });
  } catch {
    return schema.safeParse(withoutOddLengths(value, 0), { reportInput: false });
  }
}

function withoutOddLengths(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === DEEPEST) return null;
  if (Array.isArray(value)) return value.map((item) => withoutOddLengths(item, depth + 1));
  const entries = Object.entries(value).filter(([name, one]) => name !== 'length' || typeof one !== 'object');
  return Object.fromEntries(entries.map(([name, one]) => [name, withoutOddLengths(one, depth + 1)]));
}
