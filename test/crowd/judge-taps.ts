import { type Judge, percentile, secondsText } from './judge.ts';
import { minimumMs, type ScenarioOptions } from './scenario.ts';
import type { Rush } from './tally.ts';
import type { Tap } from './taps-and-newcomers.ts';
import type { CrowdWorld } from './world.ts';

const MAX_TAP_MS = 10_000;
/**
 * How long the first rush may take, as a share of the minimum time of the crowd; for a small crowd 90 seconds. It takes
 * about 12 of 100 minutes with 10,000 issues, and 67 s with 1,000.
 */
const MAX_RUSH_SHARE = 0.15;
const MIN_RUSH_LIMIT_MS = 90_000;

const maxRushMs = (options: ScenarioOptions): number =>
  Math.max(MAX_RUSH_SHARE * minimumMs(options), MIN_RUSH_LIMIT_MS);

/**
 * Judges how long it took from each tap to its `doneAt`. After the first rush the 95th percentile must be at most 10
 * s. During the rush a tap waits in the queue behind issues that are read for the first time, so it must be done within
 * 10 s after the end of the rush. The length of the rush is limited too: later taps are judged by 10 s even if it goes
 * on.
 */
export function judgeTaps(
  judge: Judge,
  { tally: { rush } }: CrowdWorld,
  taps: readonly Tap[],
  doneAt: (tap: Tap) => number | undefined,
  what: string,
  options: ScenarioOptions,
): void {
  const { from, until } = judgeRush(judge, rush, maxRushMs(options));
  const isOfRush = ({ at }: Tap) => at >= from && at < until;
  const ofRush = taps.filter(isOfRush);
  const calm = taps.filter((tap) => !isOfRush(tap));
  const waitOf = (tap: Tap) => (doneAt(tap) ?? Infinity) - tap.at;
  judge.addFigure(`taps until ${what}`, waitsText(calm.map(waitOf)));
  judge.addFigure('taps in the first rush', waitsText(ofRush.map(waitOf)));
  const p95 = percentile(calm.map(waitOf), 0.95);
  judge.require(
    calm.length === 0 || p95 <= MAX_TAP_MS,
    `After the first rush, 5 % of the taps took ${secondsText(p95)} or more; the limit is 10 s.`,
  );
  const late = ofRush.filter((tap) => (doneAt(tap) ?? Infinity) > until + MAX_TAP_MS).length;
  judge.require(
    late === 0,
    `${late} of ${ofRush.length} taps in the first rush were not done within 10 s after it.`,
  );
  judge.require(
    calm.length > 0,
    'No tap was made after the first rush, so the test proves nothing about taps.',
  );
}

/** Returns when the rush began and ended. If it was too long, it ends at its limit. */
function judgeRush(judge: Judge, rush: Rush | undefined, maxMs: number): { from: number; until: number } {
  const { from, until = Infinity } = rush ?? { from: 0, until: 0 };
  const tookMs = until - from;
  judge.addFigure('first rush', tookMs === Infinity ? 'not ended' : secondsText(tookMs));
  judge.require(
    tookMs <= maxMs,
    `The first rush ${tookMs === Infinity ? 'did not end' : `took ${secondsText(tookMs)}`}; the limit is ${secondsText(maxMs)}.`,
  );
  return { from, until: Math.min(until, from + maxMs) };
}

const waitsText = (waits: readonly number[]): string =>
  waits.length === 0
    ? 'none'
    : `n ${waits.length}, p50 ${secondsText(percentile(waits, 0.5))}, p95 ${secondsText(percentile(waits, 0.95))}, maximum ${secondsText(Math.max(...waits))}`;
