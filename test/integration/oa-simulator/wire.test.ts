import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { cancelSchema, requestSchema } from '../../../infra/local/simulators/oa/wire.ts';
import { oaCancelSchema, oaRequestSchema } from '../../../shared/external/wire.ts';

/** Of the same shape: but that the OA refuses what it does not know. */
const shapeOf = (schema: z.ZodType): unknown =>
  JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input' })), (key, value) =>
    key === 'additionalProperties' ? undefined : value,
  );

describe('what the simulated OA expects', () => {
  it('is, read from the contract by somebody else, what the product sends', () => {
    expect(shapeOf(requestSchema)).toEqual(shapeOf(oaRequestSchema));
    expect(shapeOf(cancelSchema)).toEqual(shapeOf(oaCancelSchema));
  });
});
