import { setImmediate as turn } from 'node:timers/promises';

/** A clock that a test moves. A timer runs when the clock reaches it. */
export interface ManualClock {
  now(): number;
  date(): Date;
  after(ms: number, run: () => void): () => void;
  advance(ms: number): Promise<void>;
  /** Returns when the next timer is due; undefined if there is none. */
  nextAt(): number | undefined;
}

export function aClock(start = '2026-03-01T08:00:00.000Z'): ManualClock {
  let at = Date.parse(start);
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => at,
    date: () => new Date(at),
    after(ms, run) {
      const timer = { at: at + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    nextAt: () => (timers.length > 0 ? Math.min(...timers.map((timer) => timer.at)) : undefined),
    async advance(ms) {
      const end = at + ms;
      for (;;) {
        const due = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        timers = timers.filter((timer) => timer !== due);
        at = Math.max(at, due.at);
        due.run();
        await turn();
      }
      at = end;
    },
  };
}
