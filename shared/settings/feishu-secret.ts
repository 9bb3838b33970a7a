import { PutSecretValueCommand, UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import {
  createSecretReader,
  PREVIOUS_MS,
  type SecretReader,
  type SecretReaderOptions,
} from '../runtime/secret-reader.ts';
import {
  emptyVersion,
  readPrevious,
  readVersion,
  type SecretKind,
  type SecretPlace,
  type SecretVersion,
  secretError,
} from '../runtime/secret-versions.ts';
import { type FeishuCredentials, type FeishuSecret, feishuSecretSchema } from './settings.ts';

export const FEISHU_SECRET: SecretKind<FeishuSecret> = {
  variable: 'FEISHU_SECRET_ARN',
  name: 'Feishu secret',
  schema: feishuSecretSchema,
  form: '{"apps": {…}}',
  none: { apps: {} },
};

export type FeishuSecretReader = SecretReader<FeishuSecret>;

export const createFeishuSecretReader = (options: SecretReaderOptions): FeishuSecretReader =>
  createSecretReader(FEISHU_SECRET, options);

/**
 * Stores one app's keys in the secret. Writes nothing if nothing changes, so that AWSPREVIOUS stays the same. Callers
 * must hold the lock of the settings.
 */
export async function storeCredentials(
  place: SecretPlace,
  appId: string,
  credentials: FeishuCredentials,
): Promise<void> {
  const current = await readCurrent(place);
  const { secret } = current;
  const { appSecret, encryptKey, verificationToken } = credentials;
  const before = secret.apps[appId];
  if (
    before?.appSecret === appSecret &&
    before.encryptKey === encryptKey &&
    before.verificationToken === verificationToken
  )
    return;
  const keys = { ...before, appSecret, encryptKey, verificationToken };
  await putApps(place, current, { ...secret.apps, [appId]: keys });
}

/** Reads an app's keys, without a cache. Returns undefined if there are none. */
export async function readCredentials(
  place: SecretPlace,
  appId: string,
): Promise<FeishuCredentials | undefined> {
  const version = await readVersion(FEISHU_SECRET, place, 'AWSCURRENT');
  return version?.secret.apps[appId];
}

/** Returns which apps have keys in the secret, and when it last changed. Undefined if it has no value. */
export async function readKeptApps(
  place: SecretPlace,
): Promise<{ appIds: string[]; since: Date | undefined } | undefined> {
  const version = await readVersion(FEISHU_SECRET, place, 'AWSCURRENT');
  return version && { appIds: Object.keys(version.secret.apps), since: version.createdAt };
}

/** Removes these apps' keys from the secret. Callers must hold the lock of the settings. */
export async function dropCredentials(place: SecretPlace, appIds: readonly string[]): Promise<void> {
  const current = await readCurrent(place);
  const all = Object.entries(current.secret.apps);
  const kept = all.filter(([appId]) => !appIds.includes(appId));
  if (kept.length < all.length) await putApps(place, current, Object.fromEntries(kept));
}

const readCurrent = async (place: SecretPlace): Promise<SecretVersion<FeishuSecret>> =>
  (await readVersion(FEISHU_SECRET, place, 'AWSCURRENT')) ?? emptyVersion(FEISHU_SECRET);

async function putApps(
  place: SecretPlace,
  current: SecretVersion<FeishuSecret>,
  apps: FeishuSecret['apps'],
): Promise<void> {
  const previous = await readPrevious(FEISHU_SECRET, place);
  try {
    const written = await place.secretsManager.send(
      new PutSecretValueCommand({
        SecretId: place.secretId,
        SecretString: JSON.stringify({ ...current.secret, apps }),
      }),
    );
    if (!previous?.versionId || !current.versionId) return;
    const age = current.createdAt ? Date.now() - current.createdAt.getTime() : Number.POSITIVE_INFINITY;
    const stillNeeded = age < PREVIOUS_MS && opensMore(previous, apps) && !opensMore(current, apps);
    if (!stillNeeded || written.VersionId === current.versionId) return;
    await place.secretsManager.send(
      new UpdateSecretVersionStageCommand({
        SecretId: place.secretId,
        VersionStage: 'AWSPREVIOUS',
        MoveToVersionId: previous.versionId,
        RemoveFromVersionId: current.versionId,
      }),
    );
  } catch (error) {
    throw secretError(error);
  }
}

/**
 * Whether a version opens requests from Feishu that these keys do not open. There is only one AWSPREVIOUS: after a
 * rotation of the Encrypt Key, a save that changes only the app secret must not replace the previous keys in it.
 */
const opensMore = ({ secret }: SecretVersion<FeishuSecret>, apps: FeishuSecret['apps']): boolean =>
  Object.entries(secret.apps).some(
    ([appId, { encryptKey, verificationToken }]) =>
      apps[appId]?.encryptKey !== encryptKey || apps[appId]?.verificationToken !== verificationToken,
  );
