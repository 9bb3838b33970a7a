import { readDueRounds } from '../approval/store/due-rounds.ts';
import type { Check, CutForms, FeishuSettings } from '../settings/settings.ts';
import { readFeishuSettings, type SettingsPlace } from '../settings/settings-store.ts';
import { checkWebhook } from './check-webhook.ts';
import { countWithdrawing } from './rounds-in-use.ts';

/** What the routes of the settings answer (docs/contract.md 4). It contains no secret. */
export interface SettingsView {
  enabled: boolean;
  appId?: string;
  domain?: FeishuSettings['domain'];
  approvalCode?: string;
  bot?: FeishuSettings['bot'];
  reminderHours?: number;
  expiryHours?: number;
  /** Absent before the first save, like `withdrawalComments`. */
  cutForms?: CutForms;
  withdrawalComments?: boolean;
  checks: Check[];
  /** How many live approvals are being withdrawn: those of other apps or, if disabled, all. */
  withdrawing: number;
}

/** `GET /settings/feishu`. */
export async function showSettings(place: SettingsPlace): Promise<SettingsView> {
  const settings = await readFeishuSettings(place.documents, place.tableName);
  if (!settings) return { enabled: false, checks: [], withdrawing: 0 };
  const rounds = await readDueRounds(place);
  return viewOfSettings(
    settings,
    place,
    countWithdrawing(rounds, settings.enabled ? settings.appId : undefined),
  );
}

/** Adds the stored results of the checks, and what requests from Feishu have proved since. */
export async function viewOfSettings(
  settings: FeishuSettings,
  place: SettingsPlace,
  withdrawing: number,
): Promise<SettingsView> {
  return {
    enabled: settings.enabled,
    appId: settings.appId,
    domain: settings.domain,
    approvalCode: settings.definitionCode,
    bot: { openId: settings.bot.openId, name: settings.bot.name },
    ...(settings.reminderHours !== undefined && { reminderHours: settings.reminderHours }),
    ...(settings.expiryHours !== undefined && { expiryHours: settings.expiryHours }),
    cutForms: settings.cutForms ?? 'allow',
    withdrawalComments: settings.withdrawalComments ?? true,
    checks: [
      ...(settings.checks ?? [])
        .filter(({ name }) => name !== 'encryption' && name !== 'events')
        .map(({ name, ok, detail, fix }) => ({ name, ok, detail, ...(fix !== undefined && { fix }) })),
      ...(await checkWebhook(place, settings.appId, settings.webhookKeys)),
    ],
    withdrawing,
  };
}
