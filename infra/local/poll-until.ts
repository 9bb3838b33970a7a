import { setTimeout as pause } from 'node:timers/promises';

/** Calls `look` until it returns something. Rejects with a sentence when the time is over. */
export async function pollUntil<T>(
  what: string,
  look: () => Promise<T | undefined>,
  { pollMs, limitMs }: { pollMs: number; limitMs: number },
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what} took more than ${limitMs / 1000} s.`);
    await pause(pollMs);
  }
}
