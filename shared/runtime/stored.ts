import * as z from 'zod';

/**
 * How stored items and secrets are read and written, so that a rollback loses nothing (ADR 15): what a newer version
 * wrote is read by this one, and what this one does not know is written back as it was. Pure.
 */

/** Schema version of the items that this code writes. An item without one is older than the number. */
export const SCHEMA = 1;

/**
 * Returns the schema as stored data is read: unknown members are kept at every level, and an enum takes any text. The
 * type stays strict, so that a typo still does not compile; code that compares an enum must expect a value that is not
 * in its type. Throws for a kind of schema that it cannot open up.
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
  // An enum within a schema that was opened before.
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
 * Reads an item. Its keys, and the attribute of the sparse index, are the store's and no members. A schema version
 * above ours is kept like any member that we do not know: whoever wrote it may rely on it.
 */
export const readItem = <S extends z.ZodType>(schema: S, item: Attributes): z.output<S> =>
  schema.parse(membersOf(item));

/** The members of an item, as `readItem` has them. */
export function membersOf({ pk: _, sk: __, due: ___, schema, ...members }: Attributes): Attributes {
  return schemaVersion(schema) > SCHEMA ? { ...members, schema } : members;
}

/** An item to be put: with the schema version that was read with the members, if it is above ours. */
export const itemOf = <K extends object, M extends object>(
  key: K,
  members: M,
): { schema: number } & M & K => ({
  schema: SCHEMA,
  ...members,
  ...key,
});

/** Our schema version, or the one that stands if it is above ours. */
export const schemaVersion = (stands: unknown): number =>
  typeof stands === 'number' && stands > SCHEMA ? stands : SCHEMA;

/** The parts of an update that give an item a schema version where it has none. */
export const SCHEMA_UPDATE = {
  set: '#schema = if_not_exists(#schema, :schema)',
  names: { '#schema': 'schema' },
  values: { ':schema': SCHEMA },
} as const;

/** Whether a value that was read is one of those that this version knows. */
export const isKnown = <T extends string>(known: readonly T[], value: string): value is T =>
  known.some((one) => one === value);
