import * as z from 'zod';
import { reads } from './reading-1.ts';

/** The sent request and the hints of schema version 1 (`schemas-1.ts`). NEVER EDITED. */

const TRIGGERS = ['NEW_STAGE', 'ASSIGNEE_CHANGED', 'STATEMENT_CHANGED', 'BELL'] as const;

const codePoints = (text: string): number => Array.from(text).length;
const id = z
  .string()
  .refine((text) => codePoints(text) >= 1 && codePoints(text) <= 128 && text !== '__proto__');
const email = z.string().refine((text) => /^[^@\s]+@[^@\s]+$/u.test(text) && codePoints(text) <= 254);
const person = z.object({ email, name: z.string().nullish() });
const sheet = z.object({
  uri: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-fA-F]{64}$/),
  sizeBytes: z.int().min(0),
  preview: z.string(),
});
const task = z
  .object({
    taskId: id,
    title: z.string(),
    type: z.string().nullish(),
    status: z.enum(['PENDING_APPROVAL', 'PENDING', 'RUNNING', 'DONE', 'FAILED', 'CANCELED', 'SKIPPED']),
    instance: z.string().nullish(),
    database: z.string().nullish(),
    statement: z.string().nullish(),
    sheet: sheet.nullish(),
    check: z.enum(['RUNNING', 'SUCCESS', 'WARN', 'ERROR']).nullish(),
  })
  .refine((one) => !(typeof one.statement === 'string' && one.sheet));
const stage = z
  .object({ stageId: id, title: z.string(), environment: z.string().nullish(), tasks: z.array(task) })
  .refine(({ tasks }) => new Set(tasks.map(({ taskId }) => taskId)).size === tasks.length);
const shown = z.object({
  stageId: z.string(),
  stageTitle: z.string(),
  environment: z.string().nullable(),
  assignee: z.string().nullable(),
  tasks: z.array(
    z.object({
      taskId: z.string(),
      title: z.string(),
      type: z.string().nullable(),
      instance: z.string().nullable(),
      database: z.string().nullable(),
      hash: z.string(),
      statement: z.string().optional(),
      sheet: sheet.optional(),
    }),
  ),
});
const formAsSent = z.object({
  form: z.string(),
  title: z.string(),
  i18nResources: z.array(
    z.object({
      locale: z.enum(['zh-CN', 'en-US']),
      is_default: z.boolean(),
      texts: z.array(z.object({ key: z.string(), value: z.string() })),
    }),
  ),
});
const feishuRequest = formAsSent.extend({
  shown,
  basis: z
    .object({
      issue: z.object({
        issueId: z.string(),
        title: z.string(),
        url: z.string(),
        creator: person,
        projectId: z.string().nullish(),
        assignee: person.nullish(),
      }),
      stage,
    })
    .optional(),
  earlier: z.array(formAsSent).optional(),
});
const oaPerson = z.object({ email: z.string(), name: z.string().optional() });
const oaRequest = z.object({
  approvalId: z.string(),
  issueId: z.string(),
  url: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  project: z.string().nullable(),
  creator: oaPerson,
  assignee: oaPerson.nullable(),
  createTime: z.string(),
  step: z.object({ stepId: z.string(), title: z.string() }),
  stages: z.array(
    z.object({
      stageId: z.string(),
      title: z.string(),
      environment: z.string().nullable(),
      tasks: z.array(
        z.object({
          taskId: z.string(),
          title: z.string(),
          instance: z.string().nullable(),
          database: z.string().nullable(),
          statement: z.string().nullable(),
          sha256: z.string(),
          sheet: z
            .object({ uri: z.string(), sha256: z.string(), sizeBytes: z.int(), preview: z.string() })
            .optional(),
        }),
      ),
    }),
  ),
  contentSha256: z.string(),
});

export const sentRequestSchema = reads(
  z.union([z.object({ channel: z.literal('EXTERNAL'), body: oaRequest }), feishuRequest]),
);

const feishuEvent = {
  eventId: z.string(),
  appId: z.string(),
  definitionCode: z.string(),
  instanceCode: z.string(),
  about: z.enum(['INSTANCE', 'TASK']),
  status: z.string(),
};
export const hintSchema = reads(
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('RECORD_CHANGED'),
      issueId: z.string(),
      triggers: z.array(z.enum(TRIGGERS)),
      arrived: z.object({ stageId: z.string(), bellSeq: z.int() }).optional(),
    }),
    z.object({
      kind: z.literal('FEISHU_EVENT'),
      issueId: z.string(),
      approvalId: z.string(),
      ...feishuEvent,
    }),
    z.object({
      kind: z.literal('EXTERNAL_EVENT'),
      issueId: z.string(),
      approvalId: z.string(),
      eventId: z.string(),
    }),
    z.object({ kind: z.literal('UNKNOWN_INSTANCE'), ...feishuEvent }),
    z.object({
      kind: z.literal('DUE'),
      issueId: z.string(),
      approvalIds: z.array(z.string()),
      resync: z.literal(true).optional(),
    }),
  ]),
);
