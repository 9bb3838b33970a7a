import * as z from 'zod';

/** The parts of an OpenAPI document that the tests read. */

const refSchema = z.object({ $ref: z.string() });
const contentSchema = z.record(
  z.string(),
  z.object({
    schema: z.unknown(),
    examples: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
  }),
);
const parameterSchema = z.object({
  name: z.string(),
  in: z.enum(['header', 'path']),
  schema: z.unknown(),
  examples: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
});
const responseSchema = z.object({ description: z.string(), content: contentSchema.optional() });
const operationSchema = z.object({
  parameters: z.array(refSchema.or(parameterSchema)).default([]),
  requestBody: z.object({ content: contentSchema }).optional(),
  responses: z.record(z.string(), refSchema.or(responseSchema)),
});
const pathSchema = z.object({
  parameters: z.array(refSchema.or(parameterSchema)).default([]),
  get: operationSchema.optional(),
  post: operationSchema.optional(),
  patch: operationSchema.optional(),
});
export const documentSchema = z.object({
  paths: z.record(z.string(), pathSchema),
  webhooks: z.object({ approvalChanged: pathSchema }),
  components: z.object({
    parameters: z.record(z.string(), parameterSchema),
    responses: z.record(z.string(), responseSchema),
    schemas: z.record(z.string(), z.unknown()),
  }),
});

export type Operation = z.infer<typeof operationSchema>;
export type Parameter = z.infer<typeof parameterSchema>;
export type Response = z.infer<typeof responseSchema>;
export type Content = z.infer<typeof contentSchema>;
