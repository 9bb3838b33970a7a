import type { Check } from '../settings/settings.ts';
import type { SettingsPlace } from '../settings/settings-store.ts';
import { readWebhookEntry } from '../settings/webhook-log.ts';
import { passed } from './checks.ts';
import { ADD_EVENTS, ENTER_REQUEST_URL } from './fixes.ts';

/** What only a request of Feishu's can prove: whether one came that these keys verify, and when the last event did. */
export async function checkWebhook(
  place: SettingsPlace,
  appId: string | undefined,
  fingerprint: string | undefined,
): Promise<Check[]> {
  const note =
    appId === undefined || fingerprint === undefined
      ? undefined
      : await readWebhookEntry(place, appId, fingerprint);
  return [
    note
      ? passed(
          'encryption',
          `Feishu's requests are verified with these keys; the last one at ${note.verifiedAt}.`,
        )
      : {
          name: 'encryption',
          ok: false,
          detail: 'No challenge or event has been verified with these keys yet.',
          fix: ENTER_REQUEST_URL,
        },
    note?.eventAt
      ? passed('events', `The last approval event came at ${note.eventAt}.`)
      : {
          name: 'events',
          ok: false,
          detail:
            'No approval event has come with these keys yet; the first one comes with the first approval.',
          fix: ADD_EVENTS,
        },
  ];
}
