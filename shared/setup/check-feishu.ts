import * as z from 'zod';
import { readDueRounds } from '../approval/store/due-rounds.ts';
import { DEFINITION_VERSION } from '../feishu/definition.ts';
import { AppError } from '../runtime/errors.ts';
import { readCredentials } from '../settings/feishu-secret.ts';
import type { Check, FeishuSettings } from '../settings/settings.ts';
import { keepChecks, readDefinitions, readFeishuSettings } from '../settings/settings-store.ts';
import {
  checkApp,
  checkSubscription,
  checksWithoutCredentials,
  failedChecks,
  notChecked,
} from './check-app.ts';
import { checkDefinition } from './check-definition.ts';
import { checkWebhook } from './check-webhook.ts';
import { SAVE_AGAIN } from './fixes.ts';
import { countWithdrawing } from './rounds-in-use.ts';
import { sendTest } from './send-test-approval.ts';
import { countAccepted, type SetupContext } from './setup-context.ts';
import { type SettingsView, viewOfSettings } from './show-settings.ts';

/** Body of `POST /settings/feishu/check` (docs/contract.md 4). */
export const checkRequestSchema = z.object({
  /** The person who gets a test approval. Absent: no test is sent. */
  email: z
    .string()
    .trim()
    .max(254)
    .regex(/^[^\s@]+@[^\s@]+$/, { error: 'must be an e-mail address' })
    .nullish()
    .transform((email) => email ?? undefined),
});
export type CheckRequest = Partial<z.infer<typeof checkRequestSchema>>;

export type CheckResult =
  | { kind: 'CHECKED'; view: SettingsView }
  | { kind: 'SENT'; testId: string; checks: Check[] }
  /** No test was sent, for this reason. */
  | {
      kind: 'NOT_SENT';
      code: 'CHECKS_FAILED' | 'ASSIGNEE_NOT_IN_FEISHU' | 'FEISHU_REFUSED';
      message: string;
      checks: Check[];
    };

/**
 * The doctor: runs every check with the stored keys and stores the results with the settings. With an e-mail address it
 * also sends a test approval. Rejects with `NOT_SET_UP` before the first save, and with `DISABLED` if a test is asked
 * for while approvals are disabled.
 */
export async function checkFeishu({ email }: CheckRequest, context: SetupContext): Promise<CheckResult> {
  const { place } = context;
  const settings = await readFeishuSettings(place.documents, place.tableName);
  if (!settings) throw new AppError('NOT_SET_UP', 'Feishu is not set up. Enable a Feishu app first.');
  if (email !== undefined && !settings.enabled) {
    throw new AppError('DISABLED', 'Approvals are disabled, so no test is sent. Enable them first.');
  }
  const keys = await readCredentials(context.secret, settings.appId);
  const checks = await runChecks(settings, keys?.appSecret, context);
  await keepChecks(place, settings.revision, checks);
  if (failedChecks(checks).length === 0) countAccepted(context);
  const all = [...checks, ...(await checkWebhook(place, settings.appId, settings.webhookKeys))];
  if (email === undefined) {
    const withdrawing = countWithdrawing(
      await readDueRounds(place),
      settings.enabled ? settings.appId : undefined,
    );
    return { kind: 'CHECKED', view: await viewOfSettings({ ...settings, checks }, place, withdrawing) };
  }
  const missing = failedChecks(checks).map((check) => check.name);
  if (missing.length > 0 || keys === undefined) {
    const message = `No test was sent. First fix these checks: ${missing.join(', ')}.`;
    return { kind: 'NOT_SENT', code: 'CHECKS_FAILED', message, checks: all };
  }
  const sent = await sendTest(email, settings, keys.appSecret, context);
  return { ...sent, checks: all };
}

const NO_KEYS: Check = {
  name: 'credentials',
  ok: false,
  detail: 'The secret has no keys of this app.',
  fix: `${SAVE_AGAIN}.`,
};

async function runChecks(
  settings: FeishuSettings,
  appSecret: string | undefined,
  context: SetupContext,
): Promise<Check[]> {
  const { appId, domain, definitionCode } = settings;
  const app = { appId, domain };
  const setup = context.createSetup(appSecret ?? '');
  const reminders = settings.reminderHours !== undefined;
  const checks =
    appSecret === undefined
      ? checksWithoutCredentials(NO_KEYS, reminders)
      : (await checkApp(setup, app, { reminders })).checks;
  if (checks.some(({ name, ok }) => name === 'credentials' && !ok)) {
    return [...checks, notChecked('definition', 'credentials'), notChecked('subscription', 'credentials')];
  }
  const choice = {
    appId,
    ...(await readDefinitions(context.place)),
    version: context.definitionVersion ?? DEFINITION_VERSION,
  };
  const definition = await checkDefinition(setup, app, definitionCode, choice, 'AS_IT_STANDS');
  // Feishu allows a second subscription, and it repairs one that was lost.
  const subscription = definition.ok
    ? await checkSubscription(setup, app, definitionCode)
    : notChecked('subscription', 'definition');
  return [...checks, definition, subscription];
}
