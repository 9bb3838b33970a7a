import { isKnown } from '../../runtime/stored-items.ts';
import { policyOf } from '../channels/policies.ts';
import { HOUR, MINUTE, SECOND } from '../channels/policy.ts';
import { isLive, LEFTOVER_KINDS, pendingComments, type Round } from './round.ts';
import { isCalledUp, isInLine, stillWaits } from './waiting-line.ts';

/** Pauses between looks at a closed round for an event that could not be handled. */
const MISSED_PAUSES = [10 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR];
/** Pauses between searches for an instance that may exist unseen. */
const SEARCH_PAUSES = [MINUTE, 10 * MINUTE, 60 * MINUTE];
/** Pauses between attempts to post comments. */
const COMMENT_PAUSES = [MINUTE, 10 * MINUTE, 60 * MINUTE, 6 * HOUR, 12 * HOUR];
/** Pauses between attempts to close an instance that is still open. The last one repeats until it is closed. */
const OPEN_PAUSES = [...SEARCH_PAUSES, 12 * HOUR, 24 * HOUR];
/** Seconds between looks at an instance that an event calls decided while GET still says pending. */
const LOOK_AGAIN_SECONDS = [2, 10, 60];
/**
 * Together with the minute of the sweep, this stays below two minutes, as docs/contract.md 1 promises for the first
 * hour.
 */
const SETBACK_PAUSE = 45 * SECOND;

const at = (pauses: readonly number[], index: number): number =>
  pauses[Math.min(index, pauses.length - 1)] ?? HOUR;

/** How often posting comments is tried if Feishu refuses them. */
export const MAX_COMMENT_TRIES = 3;

/** Returns the milliseconds until comments that were tried this many times are tried again. */
export const commentPause = (tries: number): number => at(COMMENT_PAUSES, tries - 1);

/**
 * Whether the search for an instance ends with this try. It ends after as many tries as there are pauses, and not
 * before the sum of the pauses has passed, because hints may cause several tries at once.
 */
export function isSearchedEnough({ settle, closedAt }: Round, now: Date): boolean {
  const pauses = leftoverPauses(settle?.what ?? 'UNKNOWN');
  const searchedMs = closedAt === undefined ? Number.POSITIVE_INFINITY : now.getTime() - Date.parse(closedAt);
  const leastMs = SEARCH_PAUSES.reduce((sum, pause) => sum + pause, 0);
  return (settle?.tries ?? 0) + 1 >= pauses.length && searchedMs >= leastMs;
}

/** Returns the milliseconds until a pending round is looked at again if no event comes. They grow with `looks`. */
export const lookPause = ({ looks, channel }: Pick<Round, 'looks' | 'channel'>): number =>
  at(policyOf({ channel }).lookPauses, looks);

/** Returns the seconds until the next of the quick looks (`look-again.ts`); undefined after the last one. */
export const lookAgainSeconds = (rechecks: number): number | undefined => LOOK_AGAIN_SECONDS[rechecks];

/**
 * Returns the round with its next `checkAfter`: the time from which the sweep hints it. Absent if nothing is left to
 * do. A round that waits in a line keeps its place while it needs the call.
 */
export function schedule(round: Round, now: Date): Round {
  if (stillWaits(round) && (isInLine(round) || isCalledUp(round))) return round;
  const pause = pauseOf(round, now);
  const { checkAfter: _, waiting: __, ...rest } = round;
  return pause === undefined ? rest : { ...rest, checkAfter: new Date(now.getTime() + pause).toISOString() };
}

function pauseOf(round: Round, now: Date): number | undefined {
  if (isLive(round)) return livePause(round, now);
  const { lookPauses } = policyOf(round);
  // If Feishu cannot be reached, that does not count as a try. The next one waits as long as a look at a quiet round.
  const failing = round.setbacks > 0 ? at(lookPauses, round.setbacks - 1) : undefined;
  const pauses = [
    ...(round.settle ? [failing ?? leftoverPause(round.settle)] : []),
    ...commentPauses(round, now),
    ...(round.missed.length > 0 ? [at(MISSED_PAUSES, round.setbacks)] : []),
    ...(round.error?.code === 'ASSIGNEE_NOT_IN_FEISHU' ? [24 * HOUR] : []),
    // Cut cards may be allowed by then. A save of the settings also hints such a round.
    ...(round.closeReason === 'TOO_LARGE_TO_SHOW' ? [24 * HOUR] : []),
  ];
  return pauses.length > 0 ? Math.min(...pauses) : undefined;
}

/**
 * Returns the pause before the next try to close a leftover. Kinds that only a newer version knows wait for that
 * version.
 */
const leftoverPause = ({ what, tries }: NonNullable<Round['settle']>): number =>
  isKnown(LEFTOVER_KINDS, what) ? at(leftoverPauses(what), tries) : 24 * HOUR;

const leftoverPauses = (what: NonNullable<Round['settle']>['what']): readonly number[] =>
  what === 'OPEN' ? OPEN_PAUSES : SEARCH_PAUSES;

function livePause(round: Round, now: Date): number {
  if (round.failingSince !== undefined) {
    return Math.min(HOUR, setbackPause(now.getTime() - Date.parse(round.failingSince)));
  }
  if (round.state === 'PENDING' && !round.withdraw) {
    const look = round.setbacks === 0 ? lookPause(round) : setbackPause(round.setbacks * SETBACK_PAUSE);
    return Math.min(look, ...deadlinePauses(round, now), ...commentPauses(round, now));
  }
  return setbackPause(now.getTime() - Date.parse(round.withdraw?.at ?? round.requestedAt));
}

/**
 * Returns the milliseconds until each deadline. A deadline that has passed waits for something else, such as a
 * corrected record or for Feishu to be back, so it is not tried at once.
 */
function deadlinePauses({ remindAt, expireAt, setbacks, channel }: Round, now: Date): number[] {
  const passed = setbacks === 0 ? at(policyOf({ channel }).lookPauses, 0) : Number.POSITIVE_INFINITY;
  return [remindAt, expireAt]
    .filter((deadline) => deadline !== undefined)
    .map((deadline) => Date.parse(deadline) - now.getTime())
    .map((ahead) => (ahead > 0 ? ahead : passed));
}

/**
 * Returns the milliseconds until comments are tried. They have their own time, so looks neither hurry nor delay them.
 */
function commentPauses(round: Round, now: Date): number[] {
  if (pendingComments(round).length === 0) return [];
  const { remarkAfter } = round;
  const ahead = remarkAfter === undefined ? 0 : Date.parse(remarkAfter) - now.getTime();
  return [ahead > 0 ? ahead : at(policyOf(round).lookPauses, 0)];
}

const setbackPause = (waiting: number): number =>
  waiting < HOUR ? SETBACK_PAUSE : Math.min(waiting / 4, 6 * HOUR);
