import * as z from 'zod';

/**
 * Reads and writes stored items and secrets so that a rollback loses nothing (ADR 15): this version reads what a newer
 * version wrote, and writes back unchanged what it does not know. Pure.
 */

/** The schema version of items that this code writes. Items without one were written before there was one. */
export const SCHEMA = 1;

/**
 * Returns a schema for stored data: it keeps unknown members at every level, and an enum accepts any text. The type
 * stays strict, so that a typo does not compile. Code that compares an enum must expect values that its type does not
 * have. Throws for kinds of schemas that it does not support.
 */
export const storedSchema = <S extends z.ZodType>(schema: S): S => opened(schema) as S;

function opened(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodObject) {
    const shape = Object.fromEntries(
      Object.entries(schema.shape).map(([name, member]) => [name, opened(member)]),
    );
    return schema.clone({ ...schema.def, shape, catchall: z.unknown() });
  }
  if (schema instanceof z.ZodEnum) return z.union([schema, z.string()]);
  if (schema instanceof z.ZodArray) return schema.clone({ ...schema.def, element: opened(schema.element) });
  if (schema instanceof z.ZodRecord)
    return schema.clone({ ...schema.def, valueType: opened(schema.valueType) });
  // An enum in a schema that went through this function before.
  if (schema instanceof z.ZodUnion && schema.options[0] instanceof z.ZodEnum) return schema;
  if (schema instanceof z.ZodUnion)
    return schema.clone({ ...schema.def, options: schema.options.map(opened) });
  if (schema instanceof z.ZodOptional)
    return schema.clone({ ...schema.def, innerType: opened(schema.unwrap()) });
  if (schema instanceof z.ZodNullable)
    return schema.clone({ ...schema.def, innerType: opened(schema.unwrap()) });
  if (schema instanceof z.ZodDefault)
    return schema.clone({ ...schema.def, innerType: opened(schema.unwrap()) });
  if (LEAVES.some((leaf) => schema instanceof leaf)) return schema;
  throw new Error(`A schema of kind ${schema._zod.def.type} cannot be stored.`);
}

const LEAVES = [z.ZodString, z.ZodNumber, z.ZodBoolean, z.ZodLiteral];

type Attributes = Readonly<Record<string, unknown>>;

/**
 * Reads an item. Its keys and the attribute of the sparse index belong to the store and are not members. A schema
 * version above ours is kept like an unknown member, because its writer may rely on it.
 */
export const readItem = <S extends z.ZodType>(schema: S, item: Attributes): z.output<S> =>
  schema.parse(membersOf(item));

/** Returns the members of an item, without keys. */
export function membersOf({ pk: _, sk: __, due: ___, schema, ...members }: Attributes): Attributes {
  return schemaVersion(schema) > SCHEMA ? { ...members, schema } : members;
}

/** Returns an item to put. Keeps the schema version that was read with the members if it is above ours. */
export const itemOf = <K extends object, M extends object>(
  key: K,
  members: M,
): { schema: number } & M & K => ({
  schema: SCHEMA,
  ...members,
  ...key,
});

/** Returns our schema version, or the stored one if it is above ours. */
export const schemaVersion = (stored: unknown): number =>
  typeof stored === 'number' && stored > SCHEMA ? stored : SCHEMA;

/** The parts of an update that give an item a schema version if it has none. */
export const SCHEMA_UPDATE = {
  set: '#schema = if_not_exists(#schema, :schema)',
  names: { '#schema': 'schema' },
  values: { ':schema': SCHEMA },
} as const;

/** Whether this version knows a value that was read. */
export const isKnown = <T extends string>(known: readonly T[], value: string): value is T =>
  known.some((one) => one === value);
