import * as z from 'zod';
import type { WorkQueue } from '../approval/hint.ts';
import { DEFINITION_VERSION } from '../feishu/definition.ts';
import type { FeishuSetup } from '../feishu/setup.ts';
import { describeError } from '../runtime/logger.ts';
import { type FeishuSecretPlace, storeCredentials } from '../runtime/secrets.ts';
import { checkApp, checkSubscription, failedChecks, unprovenChecks, waits } from './checks.ts';
import { chosenCode, inspectDefinition, settleDefinition } from './definition-check.ts';
import { countOthers, readDueRounds, resumeApprovals } from './due-rounds.ts';
import { type Check, type FeishuSettings, MAX_HOURS, MIN_HOURS } from './settings.ts';
import { lockSettings, readDefinitions, readFeishuSettings, type SettingsPlace } from './settings-store.ts';

const HOURS_RULE = `must be a number of hours from ${MIN_HOURS} to ${MAX_HOURS}, or null for off`;

const secretText = z.string().trim().min(1).max(512);

/** Absent or null: off. */
const hours = z
  .number({ error: HOURS_RULE })
  .min(MIN_HOURS, { error: HOURS_RULE })
  .max(MAX_HOURS, { error: HOURS_RULE })
  .nullish()
  .transform((value) => value ?? undefined);

/** Body of `PUT /settings/feishu` (CONTRACT section 4). */
export const enableRequestSchema = z.object({
  appId: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9][\w.-]{0,127}$/, { error: 'must be an app id such as cli_a1b2c3' }),
  appSecret: secretText,
  encryptKey: secretText,
  verificationToken: secretText,
  domain: z.enum(['feishu', 'lark']).default('feishu'),
  /** An empty one, as a form sends it, counts as absent. */
  approvalCode: z
    .string()
    .trim()
    .max(128)
    .nullish()
    .transform((code) => code || undefined),
  reminderHours: hours,
  expiryHours: hours,
});
export type EnableRequest = z.infer<typeof enableRequestSchema>;

export interface SettingsWork {
  place: SettingsPlace;
  secret: FeishuSecretPlace;
  queue: WorkQueue;
  createSetup: (appSecret: string) => FeishuSetup;
  now: () => Date;
  sleep: (milliseconds: number) => Promise<unknown>;
  newId: () => string;
  logger: { error(message: string, attributes: Record<string, unknown>): void };
  /** `DEFINITION_VERSION`, but for tests of raising it. */
  definitionVersion?: number;
}

/** What both routes answer; no secret value is in it. */
export interface SettingsView {
  enabled: boolean;
  appId?: string;
  domain?: FeishuSettings['domain'];
  approvalCode?: string;
  bot?: FeishuSettings['bot'];
  reminderHours?: number;
  expiryHours?: number;
  checks: Check[];
  /** Live approvals of another app, being taken back through the queue. */
  withdrawing: number;
}

export type EnableOutcome =
  | { kind: 'ENABLED'; view: SettingsView }
  /** Nothing is stored, but a definition that was made is remembered. */
  | { kind: 'REFUSED'; checks: Check[] };

/**
 * "Enable and Create". In this order, so that nothing half-stored is ever used: checks → lock → definition →
 * subscription → secret → settings → hints. Rejects with an `AppError` of the secret or a busy lock.
 */
export async function enableFeishu(request: EnableRequest, work: SettingsWork): Promise<EnableOutcome> {
  const { appId, domain, approvalCode, reminderHours, expiryHours } = request;
  const { place } = work;
  const app = { appId, domain };
  const setup = work.createSetup(request.appSecret);
  const version = work.definitionVersion ?? DEFINITION_VERSION;
  const readChoice = async () => ({ approvalCode, known: await readDefinitions(place), version });

  const { checks, bot } = await checkApp(setup, app, { reminders: reminderHours !== undefined });
  const missing = failedChecks(checks).map((check) => check.name);
  if (missing.length > 0 || !bot) {
    const choice = await readChoice();
    const code = chosenCode(app, choice);
    const definition =
      missing.includes('credentials') || code === undefined
        ? waits('definition', ...missing)
        : await inspectDefinition(setup, app, code, choice);
    return refused([...checks, definition, waits('subscription', ...missing)]);
  }

  const lock = await lockSettings({
    ...place,
    owner: work.newId(),
    now: () => work.now().getTime(),
    sleep: work.sleep,
  });
  let saved: FeishuSettings;
  try {
    const definition = await settleDefinition(setup, app, await readChoice(), lock, work.now);
    checks.push(definition.check);
    if (!definition.code) return refused([...checks, waits('subscription', 'definition')]);
    const subscription = await checkSubscription(setup, app, definition.code);
    checks.push(subscription);
    if (!subscription.ok) return refused(checks);
    await lock.renew();
    await storeCredentials(work.secret, appId, request);
    saved = await lock.save({
      enabled: true,
      appId,
      domain,
      bot: { openId: bot.openId, name: bot.name },
      definitionCode: definition.code,
      enabledAt: work.now().toISOString(),
      reminderHours,
      expiryHours,
      checks: [...checks, ...unprovenChecks()],
    });
  } finally {
    await lock.release();
  }
  return { kind: 'ENABLED', view: viewOf(saved, await resume(saved, work)) };
}

/** `GET /settings/feishu`. */
export async function readSettingsView(place: SettingsPlace): Promise<SettingsView> {
  const settings = await readFeishuSettings(place.documents, place.tableName);
  if (!settings) return { enabled: false, checks: [], withdrawing: 0 };
  return viewOf(settings, countOthers(await readDueRounds(place), settings.appId));
}

const refused = (checks: Check[]): EnableOutcome => ({
  kind: 'REFUSED',
  checks: [...checks, ...unprovenChecks()],
});

/** The settings are saved: what cannot be hinted now, the sweep finds. */
async function resume(saved: FeishuSettings, work: SettingsWork): Promise<number> {
  try {
    const rounds = await readDueRounds(work.place);
    await resumeApprovals(rounds, saved.revision, { ...work.place, queue: work.queue });
    return countOthers(rounds, saved.appId);
  } catch (error) {
    work.logger.error('settings are saved, but not every issue could be hinted', {
      error: describeError(error),
    });
    return 0;
  }
}

const viewOf = (settings: FeishuSettings, withdrawing: number): SettingsView => ({
  enabled: settings.enabled,
  appId: settings.appId,
  domain: settings.domain,
  approvalCode: settings.definitionCode,
  bot: settings.bot,
  ...(settings.reminderHours !== undefined && { reminderHours: settings.reminderHours }),
  ...(settings.expiryHours !== undefined && { expiryHours: settings.expiryHours }),
  checks: settings.checks ?? [],
  withdrawing,
});
