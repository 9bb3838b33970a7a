import type { CrowdOptions, CrowdWorld } from './world.ts';

export interface ScenarioOptions extends CrowdOptions {
  issues: number;
  /** Told how many issues are done, whenever that may have changed. */
  onProgress?: (done: number) => void;
}

export interface ScenarioResult {
  /** Names and what was measured, for a table. */
  figures: [name: string, figure: string][];
  /** A sentence for each thing that is not as it must be. */
  broken: string[];
}

const MINUTE = 60_000;
/** A crowd takes at most so many times what the limit alone takes. */
export const MOST_TIME = 1.1;
/** After so many times that nobody waits any longer for a product that fails. */
const GIVEN_UP_AFTER = 1.3;

/** What the limit alone takes for so many calls, in milliseconds. */
export const leastMs = ({ issues, perMinute }: ScenarioOptions): number => (issues / perMinute) * MINUTE;

/** What comes last, a tap or a write-back, is done so long after the crowd. */
const LAST_MS = MINUTE;

/** Lets time pass until whoever is wanted has reached the goal and the rest is done too, or until it is given up. */
export async function untilReached({ time, facts }: CrowdWorld, options: ScenarioOptions): Promise<void> {
  const end = time.now() + GIVEN_UP_AFTER * leastMs(options) + 5 * MINUTE;
  let told = -1;
  await time.run(() => {
    const reached = facts.reached();
    if (reached !== told) options.onProgress?.(reached);
    told = reached;
    return time.now() >= end || !facts.isWaiting();
  });
  const last = time.now() + LAST_MS;
  await time.run(() => time.now() >= last);
}
