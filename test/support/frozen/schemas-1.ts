import * as z from 'zod';
import { reads } from './reading-1.ts';
import { hintSchema, sentRequestSchema } from './requests-1.ts';

/**
 * The stored schemas of schema version 1, by the names that they have in the code, frozen when the version was
 * introduced (ADR 15). NEVER EDITED: what is added later stands in `added-since.ts`.
 */

const iso = z.string();
const domain = z.enum(['feishu', 'lark']);
const trigger = z.enum(['NEW_STAGE', 'ASSIGNEE_CHANGED', 'STATEMENT_CHANGED', 'BELL']);
const closeReason = z.enum([
  'SUPERSEDED',
  'BELL',
  'ISSUE_CLOSED',
  'ISSUE_DELETED',
  'STAGE_LEFT',
  'APPROVED_IN_FRABIT',
  'NO_ASSIGNEE',
  'CHECK_ERROR',
  'FLOW_CHANGED',
  'EXPIRED_BY_US',
  'DISABLED',
  'RESENT',
  'TOO_LARGE_TO_SHOW',
]);
const errorCode = z.enum([
  'ASSIGNEE_NOT_IN_FEISHU',
  'FEISHU_REFUSED',
  'DECIDED_BY_ANOTHER',
  'DECIDED_AUTOMATICALLY',
  'FEISHU_SETUP',
  'FEISHU_UNAVAILABLE',
  'OA_UNAVAILABLE',
  'CANCEL_REFUSED',
]);
const remark = z.enum([
  'CONTENT_MOVED_ON',
  'WITHDRAWN',
  'TRANSFERRED',
  'DECIDED_BY_ANOTHER',
  'DECIDED_AUTOMATICALLY',
  'LATE_DECISION',
]);
const state = z.enum([
  'REQUESTED',
  'PENDING',
  'APPROVED',
  'REJECTED',
  'WITHDRAWN',
  'CANCELED',
  'EXPIRED',
  'DELETED',
  'REVERTED',
  'FAILED',
]);
const level = z.enum(['FULL', 'COMPACT', 'MINIMAL']);
const wording = z.enum(['KEYS', 'PLAIN']);
const yes = z.literal(true).optional();

const roundSchema = reads(
  z.object({
    issueId: z.string(),
    subject: z.object({ kind: z.enum(['STAGE', 'STEP']), id: z.string() }),
    generation: z.int().min(1),
    approvalId: z.string(),
    revision: z.int().min(0),
    state,
    content: z.string(),
    contentSha256: z.string(),
    tasks: z.record(z.string(), z.string()),
    triggers: z.array(trigger).min(1),
    arrival: z.int(),
    life: z.int().default(0),
    bellSeq: z.int(),
    channel: z.enum(['FEISHU', 'EXTERNAL']),
    appId: z.string().optional(),
    domain: domain.optional(),
    definitionCode: z.string().optional(),
    nodeId: z.string().optional(),
    approvers: z.array(z.object({ email: z.string(), userId: z.string().optional() })),
    requester: z.object({ email: z.string(), userId: z.string().optional(), bot: z.boolean() }),
    instanceCode: z.string().optional(),
    externalId: z.string().optional(),
    requestedAt: iso,
    sentAt: iso.optional(),
    closedAt: iso.optional(),
    closeReason: closeReason.optional(),
    decisions: z.array(
      z.object({
        result: z.enum(['APPROVED', 'REJECTED']),
        by: z.object({ email: z.string().optional(), userId: z.string().optional() }),
        at: iso,
        comment: z.string().optional(),
        applied: z.boolean(),
      }),
    ),
    error: z.object({ code: errorCode, message: z.string() }).optional(),
    attempted: z.boolean(),
    forms: z
      .array(
        z.object({
          level,
          wording,
          bytes: z.int(),
          whole: z.boolean(),
          refusal: z.string().optional(),
          doubtful: yes,
          unsent: yes,
        }),
      )
      .default([]),
    resumed: z
      .object({
        refused: z.array(z.object({ level, wording, bytes: z.int(), doubtful: yes })),
        conflicts: z.int(),
      })
      .optional(),
    doubts: z.object({ since: iso, tries: z.int() }).optional(),
    conflictAt: iso.optional(),
    withdraw: z.object({ reason: closeReason, at: iso }).optional(),
    takenBack: yes,
    settle: z.object({ what: z.enum(['OPEN', 'UNKNOWN']), tries: z.int() }).optional(),
    remarks: z.array(remark),
    remarked: z.array(remark),
    remarkTries: z.int(),
    remarkAfter: iso.optional(),
    looks: z.int(),
    missed: z.array(z.string()),
    rested: yes,
    asked: z.record(z.string(), z.string()),
    setbacks: z.int(),
    failingSince: iso.optional(),
    rechecks: z.int(),
    checkAfter: iso.optional(),
    remindAt: iso.optional(),
    expireAt: iso.optional(),
    reminders: z
      .object({
        sent: z.int(),
        begunAt: iso.optional(),
        from: iso.optional(),
        notBefore: iso.optional(),
        over: yes,
      })
      .default({ sent: 0 }),
    slots: z.object({ create: iso.optional(), cancel: iso.optional(), call: iso.optional() }),
  }),
);

const issueMemorySchema = reads(
  z.object({
    issueId: z.string(),
    stageId: z.string().nullable(),
    arrival: z.int(),
    bellSeq: z.int(),
    life: z.int().default(0),
    absent: yes,
  }),
);

const bound = z.object({ bytes: z.int(), at: z.string() }).optional();
const bounds = z.object({ passed: bound, refused: bound });
const formMemorySchema = reads(z.object({ KEYS: bounds, PLAIN: bounds, passedAt: z.string().optional() }));

const ledgerSchema = reads(
  z.object({ tat: z.number(), heldUntil: z.number(), spacingMs: z.number().optional() }),
);

const madeDefinition = z.object({
  code: z.string(),
  version: z.int(),
  createdAt: z.string(),
  domain: domain.optional(),
  made: z.boolean().optional(),
});
const definitions = z.record(z.string(), madeDefinition);
const definitionsSchema = reads(definitions);
const ownDefinitions = z.record(z.string(), madeDefinition.extend({ appId: z.string() }));
const ownDefinitionsSchema = reads(ownDefinitions);
const check = z.enum([
  'credentials',
  'bot',
  'scope:approval:approval',
  'scope:approval:approval:readonly',
  'scope:contact:user.id:readonly',
  'scope:im:message:send_as_bot',
  'definition',
  'subscription',
  'encryption',
  'events',
]);
const feishuSettingsSchema = reads(
  z.object({
    enabled: z.boolean(),
    appId: z.string(),
    domain,
    bot: z.object({ openId: z.string(), name: z.string() }),
    definitionCode: z.string(),
    definitions,
    ownDefinitions: ownDefinitions.optional(),
    enabledAt: z.string(),
    webhookKeys: z.string().optional(),
    reminderHours: z.number().optional(),
    expiryHours: z.number().optional(),
    cutForms: z.enum(['allow', 'refuse']).optional(),
    revision: z.int(),
    checks: z
      .array(z.object({ name: check, ok: z.boolean(), detail: z.string(), fix: z.string().optional() }))
      .optional(),
  }),
);

const externalNodeSchema = reads(
  z.object({ nodeId: z.string(), title: z.string(), endpoint: z.string(), revision: z.int() }),
);

const testSchema = reads(
  z.object({
    testId: z.string(),
    email: z.string(),
    state: state.exclude(['EXPIRED', 'REVERTED']),
    appId: z.string(),
    domain,
    definitionCode: z.string(),
    approver: z.string(),
    requester: z.string(),
    instanceCode: z.string().optional(),
    sentAt: z.string(),
    closedAt: z.string().optional(),
    decidedBy: z.string().optional(),
    searchUntil: z.string().optional(),
  }),
);

const webhookEntrySchema = reads(z.object({ verifiedAt: z.string(), eventAt: z.string().optional() }));

const secret = z.string().min(1);
const feishuSecretSchema = reads(
  z.object({
    apps: z.record(
      z.string(),
      z.object({ appSecret: secret, encryptKey: secret, verificationToken: secret }),
    ),
  }),
);
const externalSecretSchema = reads(
  z.object({
    nodes: z.record(
      z.string(),
      z.object({
        signingSecret: secret,
        previous: z.array(z.object({ signingSecret: secret, until: z.string() })).optional(),
        revision: z.int().optional(),
      }),
    ),
  }),
);

export const FROZEN: Readonly<Record<string, z.ZodType>> = {
  roundSchema,
  issueMemorySchema,
  formMemorySchema,
  ledgerSchema,
  definitionsSchema,
  ownDefinitionsSchema,
  feishuSettingsSchema,
  externalNodeSchema,
  testSchema,
  webhookEntrySchema,
  feishuSecretSchema,
  externalSecretSchema,
  sentRequestSchema,
  hintSchema,
};
