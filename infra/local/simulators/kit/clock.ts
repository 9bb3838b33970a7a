/** Time as the simulator knows it: token lives, rate windows, retries and time-outs all run on it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `run` once after `ms`; the returned function calls it off. */
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
