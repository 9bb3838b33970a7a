import * as z from 'zod';

/**
 * The schemas of docs/contract.md 5 as an implementer of an OA reads them. Unknown keys are refused at every level, so
 * that tests find data that the contract does not mention. Shares no code with the product, so that it can test it.
 */

const text = z.string();
const personSchema = z.strictObject({ email: text, name: text.optional() });
const sheetSchema = z.strictObject({ uri: text, sha256: text, sizeBytes: z.int(), preview: text });

const taskSchema = z.strictObject({
  taskId: text,
  title: text,
  /** Absent in requests of earlier versions. */
  type: text.nullable().optional(),
  instance: text.nullable(),
  database: text.nullable(),
  /** null when the SQL is in a sheet. */
  statement: text.nullable(),
  sha256: text,
  sheet: sheetSchema.optional(),
});

const stageSchema = z.strictObject({
  stageId: text,
  title: text,
  environment: text.nullable(),
  tasks: z.array(taskSchema),
});

/** The body of `POST /approval`. */
export const requestSchema = z.strictObject({
  approvalId: text,
  issueId: text,
  url: text,
  title: text,
  description: text.nullable(),
  project: text.nullable(),
  creator: personSchema,
  assignee: personSchema.nullable(),
  createTime: text,
  step: z.strictObject({ stepId: text, title: text }),
  stages: z.array(stageSchema),
  contentSha256: text,
});
export type ApprovalRequest = z.infer<typeof requestSchema>;

/** The body of `PATCH /approval/{id}`. */
export const cancelSchema = z.strictObject({ action: z.literal('CANCEL'), reason: text });
