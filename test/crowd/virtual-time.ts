import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../infra/local/simulators/kit/clock.ts';
import { SortedMap } from '../simulation/sorted-map.ts';

/**
 * Time of a discrete-event simulation: any number of asynchronous workers run until each of them waits; then the clock
 * jumps to the moment that the first of them waits for. So the work of hours takes as long as its computing.
 */
export interface VirtualTime extends Clock {
  date(): Date;
  sleep(milliseconds: number): Promise<void>;
  /** Lets time pass until `done`, which is asked at each moment at which something happens. */
  run(done: () => boolean): Promise<void>;
  /** Asked at each moment too; `wake` resolves what can go on now, `nextAt` says when it is to be asked again. */
  add(source: Source): void;
}

export interface Source {
  /** Whether it started anything. */
  wake(): boolean;
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
    if (next === Number.POSITIVE_INFINITY) throw new Error('nothing is left that could happen');
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
        // All that was woken runs until it waits again: nothing in this process waits for anything else.
        await turn();
        if (sources.map((source) => source.wake()).includes(true)) continue;
        if (done()) return;
        jump();
      }
    },
  };
}
