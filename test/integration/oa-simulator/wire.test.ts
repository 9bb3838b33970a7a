import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { cancelSchema, requestSchema } from '../../../infra/local/simulators/oa/wire.ts';
import { oaCancelSchema, oaRequestSchema } from '../../../shared/external/wire.ts';

/** The same shape, but the OA refuses unknown keys. */
const shapeOf = (schema: z.ZodType): unknown =>
  JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input' })), (key, value) =>
    key === 'additionalProperties' ? undefined : value,
  );

describe('the schema of the simulated OA', () => {
  it('matches what the product sends', () => {
    expect(shapeOf(requestSchema)).toEqual(shapeOf(oaRequestSchema));
    expect(shapeOf(cancelSchema)).toEqual(shapeOf(oaCancelSchema));
  });
});
