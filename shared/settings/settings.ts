import * as z from 'zod';
import { storedSchema } from '../runtime/stored-items.ts';

/**
 * The checks of docs/contract.md 4, in the order of reports. `scope:im:message:send_as_bot` is checked only if
 * reminders are on.
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

/** `detail` says what was found, `fix` what to do about it. Neither contains a secret. */
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
   * The `DEFINITION_VERSION` of the definition in Feishu, or the one that it fitted when an operator named it. 0
   * (`ABOUT_TO_OVERWRITE`) from before an overwrite until Feishu is known to have done it.
   */
  version: z.int(),
  createdAt: z.string(),
  /** The platform of its app. Absent in settings that earlier versions wrote. */
  domain: z.enum(['feishu', 'lark']).optional(),
  /**
   * True: we created it, or overwrote it because the operator asked, so we may overwrite it again. False: an operator
   * named its code, and it fitted. Absent in settings that earlier versions wrote: either (`mayOverwrite`).
   */
  made: z.boolean().optional(),
});
export type MadeDefinition = z.infer<typeof madeDefinitionSchema>;

/** Lower than any version, so that the next save overwrites the definition again. */
export const ABOUT_TO_OVERWRITE = 0;

/** By app id. */
export const definitionsSchema = storedSchema(z.record(z.string(), madeDefinitionSchema));

const ownDefinitionSchema = madeDefinitionSchema.extend({ appId: z.string() });
/** A definition that we made, or may have made if its entry has no `made`. */
export type OwnDefinition = z.infer<typeof ownDefinitionSchema>;
/** By code. */
export const ownDefinitionsSchema = storedSchema(z.record(z.string(), ownDefinitionSchema));

/** Six minutes to one year. */
export const MIN_HOURS = 0.1;
export const MAX_HOURS = 8760;

/** What to do if a card cannot show every statement whole: send it and say so, or hold the stage. */
export const CUT_FORMS = ['allow', 'refuse'] as const;
export type CutForms = (typeof CUT_FORMS)[number];

/** The settings of Feishu, without secrets: one item of the Approvals table (docs/contract.md 3). */
const feishuSettingsMembers = z.object({
  enabled: z.boolean(),
  appId: z.string(),
  domain: z.enum(['feishu', 'lark']),
  bot: z.object({ openId: z.string(), name: z.string() }),
  definitionCode: z.string(),
  /** The definition of each app, also of apps that are not in use now, so that an app finds its own again. */
  definitions: definitionsSchema,
  /**
   * Every definition that is ours, also if its app uses another one, because the API cannot delete definitions
   * (docs/lessons.md 18). Earlier versions neither read nor remove this member. Absent in settings that they wrote.
   */
  ownDefinitions: ownDefinitionsSchema.optional(),
  enabledAt: z.string(),
  /** Fingerprint of the webhook keys (`fingerprintOf`). Absent in settings that earlier versions wrote. */
  webhookKeys: z.string().optional(),
  /** Hours between reminders to the approver, of which there are at most three. Absent: no reminders. */
  reminderHours: z.number().optional(),
  /** Hours after which a pending request is withdrawn. Absent: never. */
  expiryHours: z.number().optional(),
  /** Absent: allow. */
  cutForms: z.enum(CUT_FORMS).optional(),
  /** Whether a withdrawn card gets a comment that says why. Absent: true. */
  withdrawalComments: z.boolean().optional(),
  /** Each save adds 1. */
  revision: z.int(),
  /** The results when the settings were last saved or checked. */
  checks: z.array(checkSchema).optional(),
});
export const feishuSettingsSchema = storedSchema(feishuSettingsMembers);
export type FeishuSettings = z.infer<typeof feishuSettingsSchema>;

/** The Feishu secret (docs/contract.md 3). */
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
