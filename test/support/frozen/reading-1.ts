import * as z from 'zod';

/**
 * How schema version 1 reads what is stored, frozen when it was introduced (ADR 15). NEVER EDITED: it stands for the
 * version that a newer one is rolled back to.
 */
export const reads = <S extends z.ZodType>(schema: S): S => opened(schema) as S;

function opened(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodObject) {
    const members = Object.entries(schema.shape).map(([name, member]) => [name, opened(member)]);
    return schema.clone({ ...schema.def, shape: Object.fromEntries(members), catchall: z.unknown() });
  }
  if (schema instanceof z.ZodEnum) return z.union([schema, z.string()]);
  if (schema instanceof z.ZodArray) return schema.clone({ ...schema.def, element: opened(schema.element) });
  if (schema instanceof z.ZodRecord) {
    return schema.clone({ ...schema.def, valueType: opened(schema.valueType) });
  }
  if (schema instanceof z.ZodUnion) {
    return schema.clone({ ...schema.def, options: schema.options.map(opened) });
  }
  if (schema instanceof z.ZodOptional) {
    return schema.clone({ ...schema.def, innerType: opened(schema.unwrap()) });
  }
  if (schema instanceof z.ZodNullable) {
    return schema.clone({ ...schema.def, innerType: opened(schema.unwrap()) });
  }
  if (schema instanceof z.ZodDefault) {
    return schema.clone({ ...schema.def, innerType: opened(schema.unwrap()) });
  }
  return schema;
}
