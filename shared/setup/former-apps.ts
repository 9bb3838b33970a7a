import { readDueRounds } from '../approval/store/due-rounds.ts';
import { dropCredentials, readKeptApps } from '../settings/feishu-secret.ts';
import { readFeishuSettings } from '../settings/settings-store.ts';
import { appsNeeded } from './rounds-in-use.ts';
import { type SetupContext, withSettingsLock } from './setup-context.ts';
import { withdrawTests } from './test-approval-state.ts';

/**
 * How long keys stay after the last change of keys or settings. In this time the previous version of the secret must
 * stay readable for events that are signed with previous keys, and rounds that a worker began earlier appear in the
 * index.
 */
const SETTLED_MS = 24 * 60 * 60_000;
/** After this time an unanswered test is withdrawn. */
const TEST_OPEN_MS = 60 * 60_000;

/**
 * Removes the keys of former apps that no round needs, and withdraws test approvals that nobody answered. Returns the
 * ids of the apps whose keys were removed. Runs every hour.
 */
export async function removeFormerApps(context: SetupContext): Promise<string[]> {
  const now = context.now().getTime();
  await withdrawTests(context, ({ sentAt }) => now - Date.parse(sentAt) > TEST_OPEN_MS);
  if ((await findUnneededApps(context)).length === 0) return [];
  return withSettingsLock(context, async (lock) => {
    // The settings may have changed while this waited for the lock.
    const forgotten = await findUnneededApps(context);
    await lock.renew();
    await dropCredentials(context.secret, forgotten);
    return forgotten;
  });
}

async function findUnneededApps({ place, secret, now }: SetupContext): Promise<string[]> {
  const settings = await readFeishuSettings(place.documents, place.tableName);
  const kept = await readKeptApps(secret);
  if (!settings || !kept) return [];
  const settled = [new Date(settings.enabledAt), kept.since ?? now()].every(
    (at) => now().getTime() - at.getTime() >= SETTLED_MS,
  );
  const former = kept.appIds.filter((appId) => appId !== settings.appId);
  if (!settled || former.length === 0) return [];
  const needed = appsNeeded(await readDueRounds(place));
  return former.filter((appId) => !needed.has(appId));
}
