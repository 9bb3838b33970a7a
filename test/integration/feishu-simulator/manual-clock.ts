import type { Clock } from '../../../infra/local/simulators/kit/clock.ts';

/** A clock that stands still until it is moved. Timers run at their own time while it moves. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
  /** When each timer is due, in milliseconds from now, soonest first. */
  dueIn(): number[];
}

export function createManualClock(start = Date.UTC(2026, 0, 5, 9)): ManualClock {
  let now = start;
  const timers = new Set<{ at: number; run: () => void }>();
  const soonest = () => [...timers].sort((a, b) => a.at - b.at);
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    dueIn: () => soonest().map(({ at }) => at - now),
    advance(ms) {
      const end = now + ms;
      for (let next = soonest()[0]; next !== undefined && next.at <= end; next = soonest()[0]) {
        timers.delete(next);
        now = next.at;
        next.run();
      }
      now = end;
    },
  };
}
