import * as z from 'zod';
import { safeParse } from '../runtime/safe-parse.ts';

/**
 * The issue record, which Frabit writes: one DynamoDB item for each issue (docs/contract.md 1). Unknown attributes
 * belong to Frabit: parsing drops them, and we never write to them. Lengths are in code points. Null in an optional
 * attribute counts as absent.
 */

/** Returns the length of a text in code points, not UTF-16 units. */
export const codePoints = (text: string): number => Array.from(text).length;

const text = (min: number, max: number) =>
  z
    .string()
    .refine((value) => codePoints(value) >= min && codePoints(value) <= max, {
      error: `must have ${min} to ${max} characters`,
    })
    .meta({ minLength: min, maxLength: max });

/** `nullish` and not a union with null, because errors of a union do not have the path inside the attribute. */
const optional = <S extends z.ZodType>(schema: S) => schema.nullish();

/**
 * An id of an issue, stage, task or step: 1–128 code points of any Unicode. `__proto__` is refused: JavaScript objects
 * would lose it as a key, and with it what was approved.
 */
export const idSchema = text(1, 128)
  .refine((id) => id !== '__proto__', { error: 'must not be __proto__' })
  .meta({ not: { const: '__proto__' } });

/** One @, no white space, at most 254 characters. */
export const emailSchema = z
  .string()
  .refine((value) => /^[^@\s]+@[^@\s]+$/u.test(value) && codePoints(value) <= 254, {
    error: 'must be an e-mail address: one @, no spaces, at most 254 characters',
  })
  .meta({ pattern: '^[^@\\s]+@[^@\\s]+$', maxLength: 254 });

const httpUrl = z
  .string()
  .refine((value) => /^https?:\/\/\S+$/i.test(value) && URL.canParse(value), {
    error: 'must be an http or https URL',
  })
  .meta({ pattern: '^[Hh][Tt][Tt][Pp][Ss]?://\\S+$' });

export const personSchema = z.object({ email: emailSchema, name: optional(z.string()) });

export const TASK_STATUSES = [
  'PENDING_APPROVAL',
  'PENDING',
  'RUNNING',
  'DONE',
  'FAILED',
  'CANCELED',
  'SKIPPED',
] as const;
export const CHECK_STATUSES = ['RUNNING', 'SUCCESS', 'WARN', 'ERROR'] as const;

export const sheetSchema = z
  .object({
    uri: z.string().min(1),
    sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, { error: 'must be a SHA-256 in hexadecimal' }),
    sizeBytes: z.int().min(0),
    preview: z.string(),
  })
  .meta({ description: 'SQL too large for the item; uri names an immutable version' });

export const taskSchema = z
  .object({
    taskId: idSchema,
    title: z.string(),
    type: optional(z.string()),
    status: z.enum(TASK_STATUSES),
    instance: optional(z.string()),
    database: optional(z.string()),
    statement: optional(z.string()),
    sheet: optional(sheetSchema),
    check: optional(z.enum(CHECK_STATUSES)),
  })
  .refine((task) => !(typeof task.statement === 'string' && task.sheet), {
    error: 'has both statement and sheet; at most one is allowed',
  })
  .meta({
    description: 'at most one of statement and sheet; neither counts as an empty statement',
    not: {
      required: ['statement', 'sheet'],
      properties: { statement: { type: 'string' }, sheet: { type: 'object' } },
    },
  });

export const stageSchema = z
  .object({
    stageId: idSchema,
    title: z.string(),
    environment: optional(z.string()),
    tasks: z.array(taskSchema),
  })
  .superRefine((stage, context) => {
    rejectRepeated(stage.tasks, (task) => task.taskId, 'tasks', 'taskId', 'the stage', context);
  })
  .meta({ description: 'taskId is unique in its stage' });

export const stepSchema = z
  .object({
    stepId: idSchema,
    title: z.string(),
    kind: z.enum(['FRABIT', 'EXTERNAL']),
    externalNodeId: optional(idSchema),
    status: z.enum(['PENDING', 'APPROVED', 'REJECTED']),
  })
  .refine((step) => step.kind !== 'EXTERNAL' || typeof step.externalNodeId === 'string', {
    path: ['externalNodeId'],
    error: 'is required when kind is EXTERNAL',
  })
  .refine((step) => step.kind === 'EXTERNAL' || typeof step.externalNodeId !== 'string', {
    path: ['externalNodeId'],
    error: 'is allowed only when kind is EXTERNAL',
  })
  .meta({
    description: 'externalNodeId: required with EXTERNAL, absent otherwise',
    if: { properties: { kind: { const: 'EXTERNAL' } } },
    // biome-ignore lint/suspicious/noThenProperty: a JSON Schema keyword
    then: { required: ['externalNodeId'], properties: { externalNodeId: { type: 'string' } } },
    else: { properties: { externalNodeId: { type: 'null' } } },
  });

const ISO_TIMESTAMP = z.union([
  z.iso.datetime({ offset: true, local: true }),
  z.iso.datetime({ offset: true, local: true, precision: -1 }),
]);

/**
 * ISO 8601 allows times without zone or seconds, so Frabit may write them. The JSON Schema has no `format`, because
 * validators read `date-time` as RFC 3339, which is narrower.
 */
const isoTimestamp = z
  .string()
  .refine((value) => ISO_TIMESTAMP.safeParse(value).success, { error: 'must be an ISO 8601 date and time' })
  .meta({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}' });

const bellSchema = z.object({ seq: z.int().min(1), rungBy: emailSchema, rungAt: isoTimestamp });

const ISSUE_STATUSES = ['OPEN', 'DONE', 'CANCELED'] as const;

export const issueRecordSchema = z
  .object({
    issueId: idSchema,
    projectId: optional(z.string()),
    title: text(1, 500),
    description: optional(z.string()),
    status: z.enum(ISSUE_STATUSES),
    url: httpUrl,
    creator: personSchema,
    assignee: optional(personSchema),
    currentStageId: optional(idSchema),
    stages: z.array(stageSchema).min(1).max(100),
    bell: optional(bellSchema),
    approvalMode: optional(z.enum(['AUTO', 'BELL_ONLY'])),
    approvalFlow: optional(
      z.object({ steps: z.array(stepSchema) }).superRefine((flow, context) => {
        rejectRepeated(flow.steps, (step) => step.stepId, 'steps', 'stepId', 'the issue', context);
      }),
    ),
    version: optional(z.number()),
  })
  .superRefine((issue, context) => {
    rejectRepeated(issue.stages, (stage) => stage.stageId, 'stages', 'stageId', 'the issue', context);
    if (issue.currentStageId && !issue.stages.some((stage) => stage.stageId === issue.currentStageId)) {
      context.addIssue({ code: 'custom', path: ['currentStageId'], message: 'must name one of the stages' });
    }
    if (issue.stages.reduce((sum, stage) => sum + stage.tasks.length, 0) > 1000) {
      context.addIssue({ code: 'custom', path: ['stages'], message: 'must hold at most 1,000 tasks in all' });
    }
  })
  .meta({
    title: 'Frabit issue record',
    description:
      'One DynamoDB item an issue, at most 350 KB. Unknown attributes are preserved. Not expressible here: ' +
      'stageId and stepId unique in the issue, taskId unique in its stage; currentStageId names a stage; at most 1,000 tasks in all.',
  });

export type IssueRecord = z.infer<typeof issueRecordSchema>;
export type Stage = z.infer<typeof stageSchema>;
export type Task = z.infer<typeof taskSchema>;
export type Step = z.infer<typeof stepSchema>;
export type Person = z.infer<typeof personSchema>;
export type TaskStatus = (typeof TASK_STATUSES)[number];
export type CheckStatus = (typeof CHECK_STATUSES)[number];

function rejectRepeated<T>(
  items: readonly T[],
  idOf: (item: T) => string,
  list: string,
  name: string,
  where: string,
  context: z.core.$RefinementCtx,
): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    if (seen.has(idOf(item))) {
      context.addIssue({ code: 'custom', path: [list, index, name], message: `must be unique in ${where}` });
    }
    seen.add(idOf(item));
  }
}

export type ParsedRecord = { ok: true; record: IssueRecord } | { ok: false; message: string };

/**
 * Parses an issue record, given as plain JSON. On failure `message` names the path and the rule of the first error,
 * never a value, which could be SQL.
 */
export function parseIssueRecord(item: unknown): ParsedRecord {
  const parsed = safeParse(issueRecordSchema, item);
  if (parsed.success) return { ok: true, record: parsed.data };
  const first = parsed.error.issues[0];
  const path = first?.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('');
  const more = parsed.error.issues.length - 1;
  const message = `${path?.replace(/^\./, '') || 'the record'}: ${first?.message ?? 'is not valid'}`;
  return { ok: false, message: more > 0 ? `${message} (and ${more} more)` : message };
}
