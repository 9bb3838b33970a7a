import * as z from 'zod';

/** The bodies of docs/contract.md 5. `docs/external-approval.openapi.yaml` describes them. */

export const OA_STATUSES = ['PENDING', 'APPROVED', 'REJECTED'] as const;
export type OaStatus = (typeof OA_STATUSES)[number];

const personSchema = z.object({ email: z.string(), name: z.string().optional() });

/** What the OA's approver must see. Null: the record does not have it. */
export const oaRequestSchema = z.object({
  approvalId: z.string(),
  issueId: z.string(),
  url: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  project: z.string().nullable(),
  creator: personSchema,
  assignee: personSchema.nullable(),
  /** When the approval was requested, ISO 8601 UTC. */
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
          /** Absent in requests that earlier versions stored, which are sent again unchanged. */
          type: z.string().nullable().optional(),
          instance: z.string().nullable(),
          database: z.string().nullable(),
          /** The SQL; null if there is a sheet. */
          statement: z.string().nullable(),
          /** The task hash of docs/contract.md 1. */
          sha256: z.string(),
          /** SQL too large for the record. */
          sheet: z
            .object({ uri: z.string(), sha256: z.string(), sizeBytes: z.int(), preview: z.string() })
            .optional(),
        }),
      ),
    }),
  ),
  contentSha256: z.string(),
});
export type OaRequest = z.infer<typeof oaRequestSchema>;

/** The answer to POST and GET. An unknown status counts as PENDING. */
export const oaAnswerSchema = z.object({
  id: z.string().min(1).max(512),
  status: z.unknown(),
  decidedBy: z.string().nullish(),
  comment: z.string().nullish(),
});

export const oaCancelSchema = z.object({ action: z.literal('CANCEL'), reason: z.string() });

/** An event of an OA: look at this approval again. */
export const oaEventSchema = z.object({ approvalId: z.string().min(1).max(128) });
