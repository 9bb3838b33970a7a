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
/** AWSPREVIOUS is tried for so long after the current version was made (docs/design.md 5). */
export const PREVIOUS_MS = 24 * 60 * 60_000;

export interface SecretCandidate<S> {
  secret: S;
  stage: 'AWSCURRENT' | 'AWSPREVIOUS';
}

export interface RefreshReason {
  /** Which save of the settings stands … */
  revision?: number | undefined;
  /** … of what, where several things are saved apart; absent: of the only one. */
  of?: string | undefined;
  /** Whatever was read when. */
  now?: boolean | undefined;
}

/**
 * Reads a secret of docs/contract.md 3, cached for five minutes and parsed once a version.
 * A secret that has no value yet is its kind's `none`. Every method rejects with an `AppError`:
 * `SECRET_MISSING` (no such secret), `SECRET_INVALID` (not JSON, or a key is missing; names the path, never a
 * value), `SECRET_UNAVAILABLE` (Secrets Manager out of reach; retryable).
 */
export interface SecretReader<S> {
  current(): Promise<S>;
  /** The current version and, within 24 hours of its creation, the one before it. */
  candidates(): Promise<SecretCandidate<S>[]>;
  /**
   * Reads afresh: at most once a minute, and at once if `revision` of the settings is another one than at the last
   * time, or `now` says so. True if another version was found: only then is a second try worth it.
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
        // Which version is the one before may change a moment after the current one (`putApps`).
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
      // Only now: a read that failed must not use up the next one.
      forcedAt = now();
      if (revision !== undefined) revisionsRead.set(of, revision);
      return versionId !== before;
    },
  };
}
