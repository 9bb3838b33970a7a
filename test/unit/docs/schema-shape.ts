import * as z from 'zod';

/** What of a JSON Schema is a promise of form: names, whether they may be missing, types, null. */
export type Shape = string | { [name: string]: Shape } | [Shape];

const schemaSchema = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).default([]),
  items: z.unknown().optional(),
});

/** `resolve` gives the schema that a reference names. A `?` behind a name: it may be missing. */
export function shapeOf(schema: unknown, resolve: (ref: string) => unknown): Shape {
  const { $ref, type, anyOf, oneOf, properties, required, items, ...rest } = schemaSchema.parse(schema);
  const again = (inner: unknown) => shapeOf(inner, resolve);
  if ($ref !== undefined) return again(resolve($ref));
  const options = anyOf ?? oneOf;
  if (options) return orNull(options.map(again));
  if (Array.isArray(type)) return orNull(type.map((one) => again({ ...rest, type: one })));
  if (properties) {
    return Object.fromEntries(
      Object.entries(properties)
        .map(([name, inner]): [string, Shape] => [required.includes(name) ? name : `${name}?`, again(inner)])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
  if (type === 'array') return [again(items)];
  if (rest.const !== undefined) return `= ${JSON.stringify(rest.const)}`;
  return type ?? 'any';
}

/** One thing, or null; of anything else each is told. */
function orNull(options: Shape[]): Shape {
  const others = options.filter((one) => one !== 'null');
  const [only] = others;
  if (others.length !== 1 || only === undefined) return others.map((one) => JSON.stringify(one)).join(' | ');
  if (others.length === options.length) return only;
  return typeof only === 'string' ? `${only} or null` : { 'or null': only };
}
