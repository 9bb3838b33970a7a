import type { Clock } from '../kit/clock.ts';
import { Refusal } from './refusal.ts';

/** How often one app may call an API; undefined: no documented limit. */
export interface Limit {
  perMinute?: number;
  perSecond?: number;
}

/** docs/feishu.md 3.0: the two classes of the approval API. */
export const NARROW: Limit = { perMinute: 100 };
export const WIDE: Limit = { perMinute: 1000, perSecond: 50 };
/** The limit of messages to one person (docs/feishu.md 6.1). */
export const PER_PERSON: Limit = { perSecond: 5 };

/** Replaces the limit of 100 creates and 100 cancels a minute, to run the same load in less time. */
export const scaledLimits = (perMinute: number) =>
  ({ createInstance: { perMinute }, cancelInstance: { perMinute } }) satisfies Record<string, Limit>;

interface RateLimiter {
  /** Counts a call under `key`, or refuses it with 99991400. Refused calls are not counted. */
  pass(key: string, limit: Limit): void;
}

/** Uses sliding windows, the stricter reading: a burst around the turn of a minute cannot exceed the limit. */
export function createRateLimiter(clock: Clock): RateLimiter {
  const passed = new Map<string, number[]>();
  return {
    pass(key, { perMinute, perSecond }) {
      const now = clock.now();
      const recent = (passed.get(key) ?? []).filter((at) => at > now - 60_000);
      const windows = [
        { ms: 60_000, allowed: perMinute },
        { ms: 1000, allowed: perSecond },
      ];
      for (const { ms, allowed } of windows) {
        const within = recent.filter((at) => at > now - ms);
        if (allowed === undefined || within.length < allowed) continue;
        // The call is allowed again when enough calls have left the window.
        const frees = within[within.length - allowed] ?? now;
        throw rateLimited(allowed, Math.max(1, Math.ceil((frees + ms - now) / 1000)));
      }
      passed.set(key, [...recent, now]);
    },
  };
}

export const rateLimited = (limit: number, resetSeconds: number) =>
  new Refusal(429, 99991400, 'request trigger frequency limit', {
    headers: { 'x-ogw-ratelimit-limit': String(limit), 'x-ogw-ratelimit-reset': String(resetSeconds) },
  });

export const quotaUsedUp = () =>
  new Refusal(429, 99991403, "This month's API call quota has been exceeded. 本月 API 调用量已用完");
