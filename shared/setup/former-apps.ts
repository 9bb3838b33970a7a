import { readDueRounds } from '../approval/store/due-rounds.ts';
import { dropCredentials, readKeptApps } from '../settings/feishu-secret.ts';
import { readFeishuSettings } from '../settings/settings-store.ts';
import { appsNeeded } from './live-rounds.ts';
import { type SetupContext, withSettingsLock } from './setup-context.ts';
import { withdrawTests } from './test-approval-state.ts';

/**
 * So long after the keys last changed nothing is dropped: the version before stays readable for events signed with
 * the keys before a rotation, and what a worker began under settings of before the switch shows in the index.
 */
const SETTLED_MS = 24 * 60 * 60_000;
/** A test that nobody taps. */
const TEST_OPEN_MS = 60 * 60_000;

/**
 * Drops the keys of every former app that Feishu need not be called for any more, and takes tests back that nobody
 * tapped. Resolves to the ids of the apps whose keys are gone. For the schedule: an hour more or less matters to no one.
 */
export async function removeFormerApps(context: SetupContext): Promise<string[]> {
  const now = context.now().getTime();
  await withdrawTests(context, ({ sentAt }) => now - Date.parse(sentAt) > TEST_OPEN_MS);
  if ((await findUnneededApps(context)).length === 0) return [];
  return withSettingsLock(context, async (lock) => {
    // Somebody may have come back to an earlier app while the lock was taken.
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
