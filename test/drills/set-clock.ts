import { syncBuiltinESMExports } from 'node:module';
import timers, { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../infra/local/simulators/kit/clock.ts';

/**
 * A clock that the drills set. While it is installed, `Date` and the pauses of the functions (`setTimeout` of
 * node:timers/promises) follow it: a pause moves it ahead, as if the function had waited. The timers of sockets and of
 * the AWS SDK (global `setTimeout`) and `performance.now` stay real.
 */
export interface SetClock {
  now(): number;
  /**
   * Moves the clock ahead, and runs what is due until then, for the simulators. Waits for `settled` after each, because
   * a request that is running must not meet its time limit.
   */
  advanceTo(at: number, settled: () => Promise<void>): Promise<void>;
  /** For the simulators. */
  clock: Clock;
  uninstall(): void;
}

export function installSetClock(start: string): SetClock {
  const RealDate = Date;
  let at = RealDate.parse(start);
  let waiting: { at: number; run: () => void }[] = [];

  class SetDate extends RealDate {
    constructor(...given: []) {
      if (given.length === 0) super(at);
      else super(...given);
    }
    static override now(): number {
      return at;
    }
  }
  globalThis.Date = SetDate as DateConstructor;

  const realPause = timers.setTimeout;
  async function pause<T>(milliseconds = 0, value?: T): Promise<T> {
    at += milliseconds;
    await turn();
    return value as T;
  }
  timers.setTimeout = pause as typeof realPause;
  syncBuiltinESMExports();

  return {
    now: () => at,
    async advanceTo(end, settled) {
      for (;;) {
        const [due] = waiting.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at);
        if (!due) break;
        waiting = waiting.filter((timer) => timer !== due);
        at = Math.max(at, due.at);
        due.run();
        await settled();
      }
      at = Math.max(at, end);
    },
    clock: {
      now: () => at,
      after(milliseconds, run) {
        const timer = { at: at + milliseconds, run };
        waiting.push(timer);
        return () => {
          waiting = waiting.filter((one) => one !== timer);
        };
      },
    },
    uninstall() {
      globalThis.Date = RealDate;
      timers.setTimeout = realPause;
      syncBuiltinESMExports();
    },
  };
}
