import * as z from 'zod';

/** What is not secret of the Feishu set-up: one item of the Approvals table (CONTRACT section 3). */
export const feishuSettingsSchema = z.object({
  enabled: z.boolean(),
  appId: z.string(),
  domain: z.enum(['feishu', 'lark']),
  bot: z.object({ openId: z.string(), name: z.string() }),
  definitionCode: z.string(),
  /** Every definition that was made or used, by app: found again when an app comes back. */
  definitions: z.record(
    z.string(),
    z.object({
      code: z.string(),
      /** `DEFINITION_VERSION` that stands at Feishu. */
      version: z.int(),
      createdAt: z.string(),
    }),
  ),
  enabledAt: z.string(),
  /** Compare-and-set of all writers. */
  revision: z.int(),
});
export type FeishuSettings = z.infer<typeof feishuSettingsSchema>;

/** What the secret holds (CONTRACT section 3). */
export const feishuSecretSchema = z.object({
  apps: z.record(
    z.string(),
    z.object({
      appSecret: z.string().min(1),
      encryptKey: z.string().min(1),
      verificationToken: z.string().min(1),
    }),
  ),
});
export type FeishuSecret = z.infer<typeof feishuSecretSchema>;
export type FeishuCredentials = FeishuSecret['apps'][string];

/** Where the two Open Platforms are (FEISHU section 10); FEISHU_BASE_URL overrides both. */
export const FEISHU_ORIGINS = {
  feishu: 'https://open.feishu.cn',
  lark: 'https://open.larksuite.com',
} as const;
