import * as z from 'zod';
import { storedSchema } from '../runtime/stored.ts';

/**
 * The checks of docs/contract.md 4, in the order they are reported. The one of messages is there only when
 * reminders are switched on.
 */
export const CHECK_NAMES = [
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
] as const;
export type CheckName = (typeof CHECK_NAMES)[number];

/** `detail` says what was found, `fix` what to do about it; neither holds a secret. */
export const checkSchema = z.object({
  name: z.enum(CHECK_NAMES),
  ok: z.boolean(),
  detail: z.string(),
  fix: z.string().optional(),
});
export type Check = z.infer<typeof checkSchema>;

const madeDefinitionSchema = z.object({
  code: z.string(),
  /**
   * `DEFINITION_VERSION` that stands at Feishu, or that it fitted when somebody named it; 0 (`ABOUT_TO_OVERWRITE`)
   * from before a replacement until it is known to have taken effect.
   */
  version: z.int(),
  createdAt: z.string(),
  /** Where its app is; absent in settings of before it was kept. */
  domain: z.enum(['feishu', 'lark']).optional(),
  /**
   * True: we created or, at the operator's word, replaced it, and may overwrite it. False: it was named by its code
   * and fitted. Absent in settings of before it was kept: it may be either (`mayOverwrite`).
   */
  made: z.boolean().optional(),
});
export type MadeDefinition = z.infer<typeof madeDefinitionSchema>;

/** Older than any version: whoever comes next overwrites it again. */
export const ABOUT_TO_OVERWRITE = 0;

/** By app id. */
export const definitionsSchema = storedSchema(z.record(z.string(), madeDefinitionSchema));

const ownDefinitionSchema = madeDefinitionSchema.extend({ appId: z.string() });
/** One that we made, or that an entry without `made` says we may have made. */
export type OwnDefinition = z.infer<typeof ownDefinitionSchema>;
/** By code. */
export const ownDefinitionsSchema = storedSchema(z.record(z.string(), ownDefinitionSchema));

/** Six minutes and a year. */
export const MIN_HOURS = 0.1;
export const MAX_HOURS = 8760;

/** What to do with a stage whose card cannot show every statement whole: send it, saying so, or hold it back. */
export const CUT_FORMS = ['allow', 'refuse'] as const;
export type CutForms = (typeof CUT_FORMS)[number];

/** What is not secret of the Feishu set-up: one item of the Approvals table (docs/contract.md 3). */
const feishuSettingsMembers = z.object({
  enabled: z.boolean(),
  appId: z.string(),
  domain: z.enum(['feishu', 'lark']),
  bot: z.object({ openId: z.string(), name: z.string() }),
  definitionCode: z.string(),
  /** The definition that each app uses, or would use: found again when an app comes back. */
  definitions: definitionsSchema,
  /**
   * Every definition that is ours, also while an app uses another one: it can never be deleted by API
   * (docs/lessons.md 18). A member of its own, which versions before it neither read nor remove; absent in settings of
   * before it.
   */
  ownDefinitions: ownDefinitionsSchema.optional(),
  enabledAt: z.string(),
  /** Fingerprint of Encrypt Key and Verification Token (`fingerprintOf`); absent in settings of before there was one. */
  webhookKeys: z.string().optional(),
  /** The approver is reminded each time so many hours have passed, at most three times; absent: never. */
  reminderHours: z.number().optional(),
  /** So many hours after it was sent a request is withdrawn; absent: never. */
  expiryHours: z.number().optional(),
  /** Absent: allow. */
  cutForms: z.enum(CUT_FORMS).optional(),
  /** A card that is withdrawn gets a comment that says why; absent: true. */
  withdrawalComments: z.boolean().optional(),
  /** Grows by one each time the settings are saved. */
  revision: z.int(),
  /** As they stood when the settings were saved. */
  checks: z.array(checkSchema).optional(),
});
export const feishuSettingsSchema = storedSchema(feishuSettingsMembers);
export type FeishuSettings = z.infer<typeof feishuSettingsSchema>;

/** What the secret holds (docs/contract.md 3). */
const feishuSecretMembers = z.object({
  apps: z.record(
    z.string(),
    z.object({
      appSecret: z.string().min(1),
      encryptKey: z.string().min(1),
      verificationToken: z.string().min(1),
    }),
  ),
});
export const feishuSecretSchema = storedSchema(feishuSecretMembers);
export type FeishuSecret = z.infer<typeof feishuSecretSchema>;
export type FeishuCredentials = FeishuSecret['apps'][string];
