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
  unavailable,
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
 * Puts one app's keys into the secret and keeps every other app's; writes nothing if they stand there already,
 * so that AWSPREVIOUS stays what it was. Callers serialise this (the lock on the settings item).
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

/** An app's keys as they stand now, uncached; undefined if the secret holds none of it. */
export async function readCredentials(
  place: SecretPlace,
  appId: string,
): Promise<FeishuCredentials | undefined> {
  const version = await readVersion(FEISHU_SECRET, place, 'AWSCURRENT');
  return version?.secret.apps[appId];
}

/** Ids of the apps whose keys the secret holds, and since when it stands so; undefined without a value. */
export async function readKeptApps(
  place: SecretPlace,
): Promise<{ appIds: string[]; since: Date | undefined } | undefined> {
  const version = await readVersion(FEISHU_SECRET, place, 'AWSCURRENT');
  return version && { appIds: Object.keys(version.secret.apps), since: version.createdAt };
}

/** Takes these apps' keys out of the secret. Callers serialise this, as they do `storeCredentials`. */
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
    throw unavailable(error);
  }
}

/**
 * Whether a version opens requests of Feishu's that these keys do not. There is one AWSPREVIOUS: after a rotation of
 * the Encrypt Key, a save that changes only the app secret must not push out the keys before it.
 */
const opensMore = ({ secret }: SecretVersion<FeishuSecret>, apps: FeishuSecret['apps']): boolean =>
  Object.entries(secret.apps).some(
    ([appId, { encryptKey, verificationToken }]) =>
      apps[appId]?.encryptKey !== encryptKey || apps[appId]?.verificationToken !== verificationToken,
  );
