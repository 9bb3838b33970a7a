/** How long before its end a token is renewed. Feishu keeps the old one valid until then (docs/feishu.md 1). */
const RENEW_BEFORE_SECONDS = 300;

export interface TokenSource {
  /** Returns the tenant token of an app at an origin. Parallel callers share one request. */
  get(appId: string, origin: string): Promise<string>;
  /** Forgets a token that Feishu refused, unless there is a newer one. */
  drop(appId: string, origin: string, token: string): void;
}

export function createTokenSource(options: {
  /** Epoch milliseconds. */
  now: () => number;
  request: (appId: string, origin: string) => Promise<{ token: string; expireSeconds: number }>;
}): TokenSource {
  const held = new Map<string, { token: string; usableUntil: number }>();
  const underway = new Map<string, Promise<string>>();
  const keyOf = (appId: string, origin: string) => `${origin} ${appId}`;

  return {
    async get(appId, origin) {
      const key = keyOf(appId, origin);
      const known = held.get(key);
      if (known && options.now() < known.usableUntil) return known.token;
      const joined = underway.get(key);
      if (joined) return joined;
      const askedAt = options.now();
      const asking = options
        .request(appId, origin)
        .then(({ token, expireSeconds }) => {
          const usable = Math.max(expireSeconds - RENEW_BEFORE_SECONDS, expireSeconds / 2);
          held.set(key, { token, usableUntil: askedAt + usable * 1000 });
          return token;
        })
        .finally(() => underway.delete(key));
      underway.set(key, asking);
      return asking;
    },
    drop(appId, origin, token) {
      const key = keyOf(appId, origin);
      if (held.get(key)?.token === token) held.delete(key);
    },
  };
}
