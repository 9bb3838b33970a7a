import {
  emptyVersion,
  readPrevious,
  readVersion,
  type SecretKind,
  type SecretPlace,
  type SecretVersion,
} from './secret-versions.ts';

const CACHE_MS = 5 * 60_000;
const FORCED_EVERY_MS = 60_000;
/** How long AWSPREVIOUS is tried after the current version was created (docs/design.md 5). */
export const PREVIOUS_MS = 24 * 60 * 60_000;

export interface SecretCandidate<S> {
  secret: S;
  stage: 'AWSCURRENT' | 'AWSPREVIOUS';
}

export interface RefreshReason {
  /** The present revision of the settings. */
  revision?: number | undefined;
  /** What the revision is of, if several things have revisions, for example the id of a node. */
  of?: string | undefined;
  /** Read even if the last forced read was less than a minute ago. */
  now?: boolean | undefined;
}

/**
 * Reads a secret of docs/contract.md 3, cached for five minutes. A secret without a value is the `none` of its kind.
 * Every method rejects with an `AppError`:
 * - `SECRET_MISSING`: there is no such secret.
 * - `SECRET_INVALID`: it is not JSON, or a key is missing. The message names the path, never a value.
 * - `SECRET_UNAVAILABLE`, `SECRET_REFUSED` or `RIGHT_MISSING`, retryable: the call of Secrets Manager failed.
 */
export interface SecretReader<S> {
  current(): Promise<S>;
  /** Returns the current version and, within 24 hours of its creation, the previous one. */
  candidates(): Promise<SecretCandidate<S>[]>;
  /**
   * Reads the secret again: at most once a minute, but at once if `revision` has changed since the last time, or with
   * `now`. Returns true if it found another version. Only then is it useful to try again.
   */
  refresh(because?: RefreshReason): Promise<boolean>;
}

export interface SecretReaderOptions extends SecretPlace {
  /** Epoch milliseconds. */
  now: () => number;
}

export function createSecretReader<S>(kind: SecretKind<S>, options: SecretReaderOptions): SecretReader<S> {
  const { now } = options;
  let snapshot: { readAt: number; current: SecretVersion<S>; previous?: SecretVersion<S> | null } | undefined;
  let reading: Promise<SecretVersion<S>> | undefined;
  let forcedAt = Number.NEGATIVE_INFINITY;
  const revisionsRead = new Map<string, number>();

  const read = (): Promise<SecretVersion<S>> => {
    reading ??= readVersion(kind, options, 'AWSCURRENT')
      .then((version) => {
        const found = version ?? emptyVersion(kind);
        const same = snapshot?.current.versionId === found.versionId ? snapshot?.current : undefined;
        // AWSPREVIOUS may move a moment after AWSCURRENT (`putApps`), so it is read again each time.
        snapshot = { readAt: now(), current: same ?? found };
        return snapshot.current;
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  const current = async (): Promise<SecretVersion<S>> =>
    snapshot && now() - snapshot.readAt < CACHE_MS ? snapshot.current : read();

  return {
    async current() {
      return (await current()).secret;
    },
    async candidates() {
      const version = await current();
      const found: SecretCandidate<S>[] = [{ secret: version.secret, stage: 'AWSCURRENT' }];
      if (!version.createdAt || now() - version.createdAt.getTime() >= PREVIOUS_MS) return found;
      const previous =
        snapshot?.previous === undefined ? await readPrevious(kind, options) : snapshot.previous;
      if (snapshot?.current === version) snapshot.previous = previous;
      if (previous) found.push({ secret: previous.secret, stage: 'AWSPREVIOUS' });
      return found;
    },
    async refresh({ revision, of = '', now: atOnce = false } = {}) {
      const saved = atOnce || (revision !== undefined && revision !== revisionsRead.get(of));
      if (!saved && !reading && now() - forcedAt < FORCED_EVERY_MS) return false;
      const before = snapshot?.current.versionId;
      const { versionId } = await read();
      // Set after the read, so that a failed read does not delay the next one.
      forcedAt = now();
      if (revision !== undefined) revisionsRead.set(of, revision);
      return versionId !== before;
    },
  };
}
