const FOUND_FOR_MS = 60 * 60_000;
/** More than an organisation needs in an hour. It limits the memory of a container. */
const REMEMBERED = 20_000;

/**
 * Keeps found people for an hour, but no unknown ones: an administrator may add them at any time (docs/design.md 4.1).
 */
export interface PeopleCache {
  find(app: string, email: string): string | undefined;
  keep(app: string, email: string, openId: string): void;
  forget(app: string, email: string): void;
}

export function createPeopleCache(now: () => number): PeopleCache {
  const found = new Map<string, { openId: string; until: number }>();
  const keyOf = (app: string, email: string) => `${app} ${email}`;
  return {
    find(app, email) {
      const entry = found.get(keyOf(app, email));
      return entry && now() < entry.until ? entry.openId : undefined;
    },
    keep(app, email, openId) {
      if (found.size >= REMEMBERED) found.clear();
      found.set(keyOf(app, email), { openId, until: now() + FOUND_FOR_MS });
    },
    forget: (app, email) => void found.delete(keyOf(app, email)),
  };
}
