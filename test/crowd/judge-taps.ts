import { type Judge, percentile, secondsText } from './judge.ts';
import type { Tap } from './meanwhile.ts';
import { leastMs, type ScenarioOptions } from './scenario.ts';
import type { CrowdWorld, Rush } from './world.ts';

const TAP_WITHIN_MS = 10_000;
/**
 * The first rush takes at most so much of what the limit alone takes, or of a small crowd so long. It takes about 12 of
 * the 100 minutes of 10,000 issues, and 67 s of 1,000.
 */
const RUSH_SHARE = 0.15;
const SHORT_RUSH_MS = 90_000;

const mostRushMs = (options: ScenarioOptions): number =>
  Math.max(RUSH_SHARE * leastMs(options), SHORT_RUSH_MS);

/**
 * Judges how long taps took from the tap to `doneAt` of them. After the first rush they take at most 10 s, at the 95th
 * percentile. Taps of the first rush wait in the queue behind issues that are read for the first time: they are not
 * judged by 10 s but by a limit of their own, each is done no later than 10 s after the rush. The length of the rush is
 * limited too, and taps after that limit are judged by 10 s even if the rush goes on.
 */
export function judgeTaps(
  judge: Judge,
  { tally: { rush } }: CrowdWorld,
  taps: readonly Tap[],
  doneAt: (tap: Tap) => number | undefined,
  what: string,
  options: ScenarioOptions,
): void {
  const { from, until } = judgeRush(judge, rush, mostRushMs(options));
  const isOfRush = ({ at }: Tap) => at >= from && at < until;
  const ofRush = taps.filter(isOfRush);
  const calm = taps.filter((tap) => !isOfRush(tap));
  const waitOf = (tap: Tap) => (doneAt(tap) ?? Infinity) - tap.at;
  judge.note(`taps → ${what}`, waitsText(calm.map(waitOf)));
  judge.note('those of the first rush', waitsText(ofRush.map(waitOf)));
  const p95 = percentile(calm.map(waitOf), 0.95);
  judge.require(
    calm.length === 0 || p95 <= TAP_WITHIN_MS,
    `Of the taps after the first rush one in twenty took ${secondsText(p95)} or more; 10 s are allowed.`,
  );
  const late = ofRush.filter((tap) => (doneAt(tap) ?? Infinity) > until + TAP_WITHIN_MS).length;
  judge.require(
    late === 0,
    `${late} of ${ofRush.length} taps of the first rush were not done 10 s after it.`,
  );
  judge.require(calm.length > 0, 'Nobody tapped after the first rush: that proves nothing.');
}

/** Returns when the rush began and ended; one that is too long ends at its limit. */
function judgeRush(judge: Judge, rush: Rush | undefined, mostMs: number): { from: number; until: number } {
  const { from, until = Infinity } = rush ?? { from: 0, until: 0 };
  const tookMs = until - from;
  judge.note('first rush', tookMs === Infinity ? 'not over' : secondsText(tookMs));
  judge.require(
    tookMs <= mostMs,
    `The first rush ${tookMs === Infinity ? 'was never over' : `took ${secondsText(tookMs)}`}; ${secondsText(mostMs)} are allowed.`,
  );
  return { from, until: Math.min(until, from + mostMs) };
}

const waitsText = (waits: readonly number[]): string =>
  waits.length === 0
    ? 'none'
    : `n ${waits.length}, p50 ${secondsText(percentile(waits, 0.5))}, p95 ${secondsText(percentile(waits, 0.95))}, longest ${secondsText(Math.max(...waits))}`;
