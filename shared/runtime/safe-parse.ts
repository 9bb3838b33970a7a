import type * as z from 'zod';

/** No schema of ours is so deep: what lies below is nobody's attribute. */
const DEEPEST = 32;

/**
 * `safeParse` that never throws, and never repeats a value in its messages. zod (4.6) compares the `length` of
 * whatever stands where a text or a list belongs, and throws at one that cannot be compared, as in
 * `{"length": {"toString": null}}`. The value is then judged without such lengths, which makes nothing valid: no
 * text and no list has one.
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
