import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type FeishuSecret, feishuSecretSchema } from '../settings/settings.ts';
import { AppError } from './errors.ts';

const CACHE_MS = 5 * 60_000;
const FORCED_EVERY_MS = 60_000;
/** AWSPREVIOUS is tried for so long after the current version was made (DESIGN, "The webhook"). */
export const PREVIOUS_MS = 24 * 60 * 60_000;

export interface SecretCandidate {
  secret: FeishuSecret;
  stage: 'AWSCURRENT' | 'AWSPREVIOUS';
}

/**
 * Reads the secret of CONTRACT section 3, cached for five minutes and parsed once a version.
 * A secret that has no value yet is `{apps: {}}`. Every method rejects with an `AppError`:
 * `SECRET_MISSING` (no such secret), `SECRET_INVALID` (not JSON, or a key is missing; names the path, never a
 * value), `SECRET_UNAVAILABLE` (Secrets Manager out of reach; retryable).
 */
export interface FeishuSecretReader {
  current(): Promise<FeishuSecret>;
  /** The current version and, within 24 hours of its creation, the one before it. */
  candidates(): Promise<SecretCandidate[]>;
  /**
   * Reads afresh: at most once a minute, and at once if `revision` of the settings is another one than at the last
   * time, or `now` says so. True if another version was found: only then is a second try worth it.
   */
  refresh(because?: { revision?: number | undefined; now?: boolean }): Promise<boolean>;
}

export interface FeishuSecretPlace {
  secretsManager: SecretsManagerClient;
  /** ARN or name. */
  secretId: string;
}

export interface SecretVersion {
  versionId: string | undefined;
  createdAt: Date | undefined;
  secret: FeishuSecret;
}

export const NO_APP: SecretVersion = { versionId: undefined, createdAt: undefined, secret: { apps: {} } };

export function createFeishuSecretReader(
  options: FeishuSecretPlace & { /** Epoch milliseconds. */ now: () => number },
): FeishuSecretReader {
  const { now } = options;
  let snapshot: { readAt: number; current: SecretVersion; previous?: SecretVersion | null } | undefined;
  let reading: Promise<SecretVersion> | undefined;
  let forcedAt = Number.NEGATIVE_INFINITY;
  let revisionRead: number | undefined;

  const read = (): Promise<SecretVersion> => {
    reading ??= readVersion(options, 'AWSCURRENT')
      .then((version) => {
        const found = version ?? NO_APP;
        const same = snapshot?.current.versionId === found.versionId ? snapshot?.current : undefined;
        // Which version is the one before may change a moment after the current one (`putApps`).
        snapshot = { readAt: now(), current: same ?? found };
        return snapshot.current;
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  const current = async (): Promise<SecretVersion> =>
    snapshot && now() - snapshot.readAt < CACHE_MS ? snapshot.current : read();

  return {
    async current() {
      return (await current()).secret;
    },
    async candidates() {
      const version = await current();
      const found: SecretCandidate[] = [{ secret: version.secret, stage: 'AWSCURRENT' }];
      if (!version.createdAt || now() - version.createdAt.getTime() >= PREVIOUS_MS) return found;
      const previous = snapshot?.previous === undefined ? await readPrevious(options) : snapshot.previous;
      if (snapshot?.current === version) snapshot.previous = previous;
      if (previous) found.push({ secret: previous.secret, stage: 'AWSPREVIOUS' });
      return found;
    },
    async refresh(because = {}) {
      const { revision } = because;
      const saved = because.now === true || (revision !== undefined && revision !== revisionRead);
      if (!saved && !reading && now() - forcedAt < FORCED_EVERY_MS) return false;
      const before = snapshot?.current.versionId;
      const { versionId } = await read();
      // Only now: a read that failed must not use up the next one.
      forcedAt = now();
      revisionRead = revision ?? revisionRead;
      return versionId !== before;
    },
  };
}

/** A broken or missing version before this one must not stop the current one from being used. */
export async function readPrevious(place: FeishuSecretPlace): Promise<SecretVersion | null> {
  try {
    return (await readVersion(place, 'AWSPREVIOUS')) ?? null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'SECRET_INVALID') return null;
    throw error;
  }
}

/** undefined: the secret exists but has no value at this stage. */
export async function readVersion(
  { secretsManager, secretId }: FeishuSecretPlace,
  stage: 'AWSCURRENT' | 'AWSPREVIOUS',
): Promise<SecretVersion | undefined> {
  try {
    const answer = await secretsManager.send(
      new GetSecretValueCommand({ SecretId: secretId, VersionStage: stage }),
    );
    return {
      versionId: answer.VersionId,
      createdAt: answer.CreatedDate,
      secret: parseSecret(answer.SecretString),
    };
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (!(error instanceof ResourceNotFoundException)) throw unavailable(error);
    // The same exception for a missing secret and a missing value; only its message tells them apart.
    if (stage === 'AWSPREVIOUS' || /secret value/i.test(error.message)) return undefined;
    throw new AppError('SECRET_MISSING', 'The secret named by FEISHU_SECRET_ARN does not exist.');
  }
}

function parseSecret(text: string | undefined): FeishuSecret {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    throw new AppError('SECRET_INVALID', 'The Feishu secret is not JSON; it must hold {"apps": {…}}.');
  }
  const parsed = feishuSecretSchema.safeParse(value, { reportInput: false });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'it'}: ${issue.message}`);
  throw new AppError('SECRET_INVALID', `The Feishu secret is wrong. ${problems.join('; ')}`);
}

export const unavailable = (cause: unknown): AppError =>
  new AppError('SECRET_UNAVAILABLE', 'Secrets Manager could not be reached or refused the call.', {
    retryable: true,
    cause,
  });
