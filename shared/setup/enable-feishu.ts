import * as z from 'zod';
import { resumeApprovals } from '../approval/resume.ts';
import { readDueRounds } from '../approval/store/due-rounds.ts';
import { DEFINITION_VERSION } from '../feishu/definition.ts';
import { describeError } from '../runtime/logger.ts';
import { storeCredentials } from '../settings/feishu-secret.ts';
import { type Check, CUT_FORMS, type FeishuSettings, MAX_HOURS, MIN_HOURS } from '../settings/settings.ts';
import { lockSettings } from '../settings/settings-lock.ts';
import { readDefinitions, readFeishuSettings } from '../settings/settings-store.ts';
import { fingerprintOf } from '../settings/webhook-log.ts';
import { checkApp, checkSubscription, failedChecks, notChecked } from './check-app.ts';
import { checkDefinition, chosenCode } from './check-definition.ts';
import { checkWebhook } from './check-webhook.ts';
import { chooseDefinition } from './choose-definition.ts';
import { countWithdrawing } from './rounds-in-use.ts';
import { countAccepted, type SetupContext } from './setup-context.ts';
import { type SettingsView, viewOfSettings } from './show-settings.ts';
import { withdrawTests } from './test-approval-state.ts';

const HOURS_RULE = `must be a number of hours from ${MIN_HOURS} to ${MAX_HOURS}, or null for off`;

const secretText = z.string().trim().min(1).max(512);

/** Off if absent or null. */
const hours = z
  .number({ error: HOURS_RULE })
  .min(MIN_HOURS, { error: HOURS_RULE })
  .max(MAX_HOURS, { error: HOURS_RULE })
  .nullish()
  .transform((value) => value ?? undefined);

/** Body of `PUT /settings/feishu` (docs/contract.md 4). */
export const enableRequestSchema = z
  .object({
    appId: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9][\w.-]{0,127}$/, { error: 'must be an app id such as cli_a1b2c3' }),
    appSecret: secretText,
    encryptKey: secretText,
    verificationToken: secretText,
    domain: z.enum(['feishu', 'lark']).default('feishu'),
    /** An empty text, which forms send, counts as absent. */
    approvalCode: z
      .string()
      .trim()
      .max(128)
      .nullish()
      .transform((code) => code || undefined),
    /** Overwrites a definition that we did not make. Nothing else does, and it cannot be undone. */
    replaceDefinition: z.boolean({ error: 'must be true or false' }).default(false),
    reminderHours: hours,
    expiryHours: hours,
    cutForms: z
      .enum(CUT_FORMS, { error: `must be ${CUT_FORMS.join(' or ')}` })
      .nullish()
      .transform((value) => value ?? 'allow'),
    withdrawalComments: z
      .boolean({ error: 'must be true or false' })
      .nullish()
      .transform((value) => value ?? true),
  })
  .refine(({ approvalCode, replaceDefinition }) => !replaceDefinition || approvalCode !== undefined, {
    path: ['replaceDefinition'],
    error: 'needs the approvalCode of the definition to replace',
  });
export type EnableRequest = z.infer<typeof enableRequestSchema>;

export type EnableResult =
  | { kind: 'ENABLED'; view: SettingsView }
  /** The settings do not change. `approvalCode`: the definition that was created or overwritten nevertheless. */
  | { kind: 'REFUSED'; checks: Check[]; approvalCode?: string | undefined };

/**
 * `PUT /settings/feishu`: checks the app, creates the definition and enables approvals. The order is checks → lock →
 * definition → subscription → secret → settings → hints, so that nothing incomplete is used. Rejects with an `AppError`
 * of the secret or `SETTINGS_BUSY`.
 */
export async function enableFeishu(request: EnableRequest, context: SetupContext): Promise<EnableResult> {
  const { appId, domain, approvalCode, replaceDefinition, reminderHours, expiryHours } = request;
  const { cutForms, withdrawalComments } = request;
  const { place } = context;
  const app = { appId, domain };
  const setup = context.createSetup(request.appSecret);
  const version = context.definitionVersion ?? DEFINITION_VERSION;
  const webhookKeys = await fingerprintOf(request);
  const refused = async (checks: Check[], written?: string): Promise<EnableResult> => ({
    kind: 'REFUSED',
    approvalCode: written,
    checks: [...checks, ...(await checkWebhook(place, appId, webhookKeys))],
  });
  const readChoice = async () => ({
    appId,
    approvalCode,
    replace: replaceDefinition,
    ...(await readDefinitions(place)),
    version,
  });

  const { checks, bot } = await checkApp(setup, app, { reminders: reminderHours !== undefined });
  const missing = failedChecks(checks).map((check) => check.name);
  if (missing.length > 0 || !bot) {
    const choice = await readChoice();
    const code = chosenCode(choice);
    const definition =
      missing.includes('credentials') || code === undefined
        ? notChecked('definition', ...missing)
        : await checkDefinition(setup, app, code, choice, 'AFTER_A_SAVE');
    return refused([...checks, definition, notChecked('subscription', ...missing)]);
  }

  const lock = await lockSettings({
    ...place,
    owner: context.newId(),
    now: () => context.now().getTime(),
    sleep: context.sleep,
  });
  let saved: FeishuSettings;
  try {
    const { now } = context;
    const definition = await chooseDefinition({ setup, app, choice: await readChoice(), lock, now });
    const { usable, written } = definition;
    checks.push(definition.check);
    if (!usable) return await refused([...checks, notChecked('subscription', 'definition')], written);
    const subscription = await checkSubscription(setup, app, usable.code);
    checks.push(subscription);
    if (!subscription.ok) return await refused(checks, written);
    const before = await readFeishuSettings(place.documents, place.tableName);
    await lock.renew();
    await storeCredentials(context.secret, appId, request);
    saved = await lock.save(
      {
        enabled: true,
        appId,
        domain,
        bot: { ...(before?.appId === appId && before.bot), openId: bot.openId, name: bot.name },
        definitionCode: usable.code,
        enabledAt: context.now().toISOString(),
        reminderHours,
        expiryHours,
        cutForms,
        withdrawalComments,
        webhookKeys,
        checks,
      },
      usable.keep,
    );
  } finally {
    await lock.release();
  }
  countAccepted(context);
  const withdrawing = await resume(saved, context);
  await withdrawTests(context, (test) => test.appId !== appId);
  return { kind: 'ENABLED', view: await viewOfSettings(saved, place, withdrawing) };
}

/**
 * Hints every issue that a save concerns, and returns how many live approvals are being withdrawn. Does not fail,
 * because the settings are saved and the sweep finds the issues that were not hinted.
 */
export async function resume(saved: FeishuSettings, context: SetupContext): Promise<number> {
  try {
    const rounds = await readDueRounds(context.place);
    await resumeApprovals(rounds, saved.revision, { ...context.place, queue: context.queue });
    return countWithdrawing(rounds, saved.enabled ? saved.appId : undefined);
  } catch (error) {
    context.logger.error('settings saved, but not every issue was hinted', {
      error: describeError(error),
    });
    return 0;
  }
}
