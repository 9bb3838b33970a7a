import { readDueRounds } from '../approval/store/due-rounds.ts';
import type { Check, CutForms, FeishuSettings } from '../settings/settings.ts';
import { readFeishuSettings, type SettingsPlace } from '../settings/settings-store.ts';
import { checkWebhook } from './check-webhook.ts';
import { countWithdrawing } from './live-rounds.ts';

/** What the routes answer (docs/contract.md 4); no secret value is in it. */
export interface SettingsView {
  enabled: boolean;
  appId?: string;
  domain?: FeishuSettings['domain'];
  approvalCode?: string;
  bot?: FeishuSettings['bot'];
  reminderHours?: number;
  expiryHours?: number;
  /** These two are absent before anything was set up. */
  cutForms?: CutForms;
  withdrawalComments?: boolean;
  checks: Check[];
  /** Live approvals that are being taken back through the queue: of another app, or, when disabled, of every one. */
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

/** What was found when the settings were saved or checked, and what Feishu's requests have proven since. */
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
