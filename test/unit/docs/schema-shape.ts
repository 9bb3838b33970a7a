import * as z from 'zod';

/** The shape that a JSON Schema defines: names, whether they are optional, types, null. */
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

/** Returns the shape of a schema. `resolve` returns the schema of a reference. A `?` after a name means optional. */
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

/** Returns "X or null" for two options of which one is null, and otherwise the list of the options. */
function orNull(options: Shape[]): Shape {
  const others = options.filter((one) => one !== 'null');
  const [only] = others;
  if (others.length !== 1 || only === undefined) return others.map((one) => JSON.stringify(one)).join(' | ');
  if (others.length === options.length) return only;
  return typeof only === 'string' ? `${only} or null` : { 'or null': only };
}
