import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../infra/local/simulators/kit/clock.ts';
import { SortedMap } from '../simulation/sorted-map.ts';

/**
 * The clock of a discrete-event simulation. Asynchronous workers run until all of them wait. Then the clock jumps to
 * the first moment that one of them waits for. So hours of waiting take no real time.
 */
export interface VirtualTime extends Clock {
  date(): Date;
  sleep(milliseconds: number): Promise<void>;
  /** Lets time pass until `done` returns true. It is called at each moment at which something happens. */
  run(done: () => boolean): Promise<void>;
  /** Adds a source of work that is asked at each moment too. */
  add(source: Source): void;
}

interface Source {
  /** Starts what can start now. Returns whether it started anything. */
  wake(): boolean;
  /** Returns when `wake` is called again at the latest. */
  nextAt(): number | undefined;
}

interface Moment {
  at: number;
  number: number;
}

export function createVirtualTime(start = Date.parse('2026-03-01T08:00:00.000Z')): VirtualTime {
  let now = start;
  let count = 0;
  const timers = new SortedMap<Moment, () => void>(undefined, (a, b) => a.at - b.at || a.number - b.number);
  const sources: Source[] = [];

  function after(milliseconds: number, run: () => void): () => void {
    const moment = { at: now + milliseconds, number: count++ };
    timers.set(moment, run);
    return () => void timers.delete(moment);
  }

  function jump(): void {
    const times = [timers.minKey()?.at, ...sources.map((source) => source.nextAt())];
    const next = Math.min(...times.filter((time) => time !== undefined));
    if (next === Number.POSITIVE_INFINITY) throw new Error('nothing is left to happen');
    now = Math.max(now, next);
    for (let first = timers.minKey(); first && first.at <= now; first = timers.minKey()) {
      const run = timers.get(first);
      timers.delete(first);
      run?.();
    }
  }

  return {
    now: () => now,
    date: () => new Date(now),
    after,
    sleep: (milliseconds) => new Promise((resolve) => void after(milliseconds, resolve)),
    add: (source) => void sources.push(source),
    async run(done) {
      for (;;) {
        // Lets everything that was woken run until it waits again. Nothing waits for real input or output.
        await turn();
        if (sources.map((source) => source.wake()).includes(true)) continue;
        if (done()) return;
        jump();
      }
    },
  };
}
