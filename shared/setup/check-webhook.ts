import type { Check } from '../settings/settings.ts';
import type { SettingsPlace } from '../settings/settings-store.ts';
import { readWebhookEntry } from '../settings/webhook-log.ts';
import { passed } from './check-app.ts';
import { ADD_EVENTS, ENTER_REQUEST_URL } from './fixes.ts';

/** Runs the checks that only requests from Feishu can prove: that these keys verify them, and that events arrive. */
export async function checkWebhook(
  place: SettingsPlace,
  appId: string | undefined,
  fingerprint: string | undefined,
): Promise<Check[]> {
  const entry =
    appId === undefined || fingerprint === undefined
      ? undefined
      : await readWebhookEntry(place, appId, fingerprint);
  return [
    entry
      ? passed('encryption', `These keys verify Feishu's requests. The last one came at ${entry.verifiedAt}.`)
      : {
          name: 'encryption',
          ok: false,
          detail: 'No request from Feishu has been verified with these keys yet.',
          fix: ENTER_REQUEST_URL,
        },
    entry?.eventAt
      ? passed('events', `The last approval event came at ${entry.eventAt}.`)
      : {
          name: 'events',
          ok: false,
          detail:
            'No approval event has come with these keys yet. The first one comes with the first approval.',
          fix: ADD_EVENTS,
        },
  ];
}
