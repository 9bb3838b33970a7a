/** What a run of the crowd has measured so far. */
export interface Tally {
  /** The first rush; undefined before all workers are busy at once. */
  rush: Rush | undefined;
  reconciles: number;
  /** Errors of worker and sweep runs. A failed message is delivered again. */
  failures: unknown[];
  /** The longest run of a worker and of the sweep, in milliseconds. */
  longestMs: { worker: number; sweep: number };
  /** The longest time that a message was hidden, in milliseconds: without an open card of its issue, and with one. */
  hiddenMs: { usual: number; openCard: number };
  /** Minutes in which the sweep of the minute before still ran. */
  skippedSweeps: number;
}

/**
 * The time from the moment at which all workers are busy until one of them is idle. Each issue was read once by then.
 */
export interface Rush {
  from: number;
  /** Undefined while the rush lasts. */
  until: number | undefined;
}

export const createTally = (): Tally => ({
  rush: undefined,
  reconciles: 0,
  failures: [],
  longestMs: { worker: 0, sweep: 0 },
  hiddenMs: { usual: 0, openCard: 0 },
  skippedSweeps: 0,
});
