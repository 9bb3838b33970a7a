/** Time as a simulator knows it: retries, time limits and everything else that waits run on it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `run` once after `ms`. The returned function cancels that. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    // A retry that is due in six hours must not keep a process alive.
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Timers that can all be canceled at once. */
export function createTimers(clock: Clock): { start(ms: number, run: () => void): void; cancelAll(): void } {
  const running = new Set<() => void>();
  return {
    start(ms, run) {
      const cancel = clock.after(ms, () => {
        running.delete(cancel);
        run();
      });
      running.add(cancel);
    },
    cancelAll() {
      for (const cancel of running) cancel();
      running.clear();
    },
  };
}
