import type { CrowdOptions, CrowdWorld } from './world.ts';

export interface ScenarioOptions extends CrowdOptions {
  issues: number;
  /** Called with the number of finished issues when it changes. */
  onProgress?: (done: number) => void;
}

export interface ScenarioResult {
  /** What was measured, for a table. */
  figures: [name: string, figure: string][];
  /** A sentence for each requirement that does not hold. */
  broken: string[];
}

const MINUTE = 60_000;
/** How long a crowd may take, as a multiple of the minimum. */
export const MAX_TIME_RATIO = 1.1;
/** When a scenario gives up, as a multiple of the minimum. */
const GIVE_UP_RATIO = 1.3;

/** Returns the shortest time in which the rate limit allows one call for each issue, in milliseconds. */
export const minimumMs = ({ issues, perMinute }: ScenarioOptions): number => (issues / perMinute) * MINUTE;

/** How long a scenario goes on after the last issue, for its last tap and write-back. */
const EXTRA_MS = MINUTE;

/** Lets time pass until every waiting issue has reached the goal, or until the scenario gives up. */
export async function runUntilReached({ time, facts }: CrowdWorld, options: ScenarioOptions): Promise<void> {
  const end = time.now() + GIVE_UP_RATIO * minimumMs(options) + 5 * MINUTE;
  let reported = -1;
  await time.run(() => {
    const reached = facts.reached();
    if (reached !== reported) options.onProgress?.(reached);
    reported = reached;
    return time.now() >= end || !facts.isWaiting();
  });
  const last = time.now() + EXTRA_MS;
  await time.run(() => time.now() >= last);
}
