import { isKnown } from '../../runtime/stored.ts';
import { policyOf } from '../channels/policies.ts';
import { HOUR, MINUTE, SECOND } from '../channels/policy.ts';
import { isCalledUp, isInLine, stillWaits } from './line.ts';
import { isLive, LEFTOVER_KINDS, pendingComments, type Round } from './round.ts';

/** Searches for an instance that may exist unseen. */
const SEARCH_PAUSES = [MINUTE, 10 * MINUTE, 60 * MINUTE];
/** Tries to leave a remark. */
const COMMENT_PAUSES = [MINUTE, 10 * MINUTE, 60 * MINUTE, 6 * HOUR, 12 * HOUR];
/** Tries to close an instance that stands open; the last pause is repeated for as long as it does. */
const OPEN_PAUSES = [...SEARCH_PAUSES, 12 * HOUR, 24 * HOUR];
/** Looks at an instance that an event calls decided while GET still says it is pending. */
const LOOK_AGAIN_SECONDS = [2, 10, 60];
/** With the sweep's minute this stays below two minutes, as docs/contract.md 1 promises for the first hour. */
const SETBACK_PAUSE = 45 * SECOND;

const at = (pauses: readonly number[], index: number): number =>
  pauses[Math.min(index, pauses.length - 1)] ?? HOUR;

/** How often a remark is tried that Feishu refuses. */
export const MAX_COMMENT_TRIES = 3;

/** Milliseconds until remarks that were tried so often are tried again. */
export const commentPause = (tries: number): number => at(COMMENT_PAUSES, tries - 1);

/**
 * Whether an instance that nobody finds is given up with this try: after as many as there are pauses, and not before
 * their time has passed, for hints may bring several tries at once.
 */
export function isSearchedEnough({ settle, closedAt }: Round, now: Date): boolean {
  const pauses = leftoverPauses(settle?.what ?? 'UNKNOWN');
  const searchedMs = closedAt === undefined ? Number.POSITIVE_INFINITY : now.getTime() - Date.parse(closedAt);
  const leastMs = SEARCH_PAUSES.reduce((sum, pause) => sum + pause, 0);
  return (settle?.tries ?? 0) + 1 >= pauses.length && searchedMs >= leastMs;
}

/** Milliseconds until a pending round that was looked at so often is looked at again, when no event says anything. */
export const lookPause = ({ looks, channel }: Pick<Round, 'looks' | 'channel'>): number =>
  at(policyOf({ channel }).lookPauses, looks);

/** Seconds until the next lookAgainSoon, or undefined when there have been enough. */
export const lookAgainSeconds = (rechecks: number): number | undefined => LOOK_AGAIN_SECONDS[rechecks];

/**
 * The round with the time from which the sweep hints it; absent when nothing is to be expected of it. One that waits for
 * a call keeps its place for as long as it needs that call.
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
  // A Feishu that is out of reach is no try: it is asked again as rarely as a quiet round.
  const failing = round.setbacks > 0 ? at(lookPauses, round.setbacks - 1) : undefined;
  const pauses = [
    ...(round.settle ? [failing ?? leftoverPause(round.settle)] : []),
    ...commentPauses(round, now),
    ...(round.missed.length > 0 ? [at(lookPauses, round.setbacks)] : []),
    ...(round.error?.code === 'ASSIGNEE_NOT_IN_FEISHU' ? [24 * HOUR] : []),
    // A save of the settings hints what is due: cut cards may be allowed by then.
    ...(round.closeReason === 'TOO_LARGE_TO_SHOW' ? [24 * HOUR] : []),
  ];
  return pauses.length > 0 ? Math.min(...pauses) : undefined;
}

/** What a newer version wants settled waits for it. */
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

/** One that has passed waits for something else, a record to be mended or Feishu to come back: no hurry helps. */
function deadlinePauses({ remindAt, expireAt, setbacks, channel }: Round, now: Date): number[] {
  const passed = setbacks === 0 ? at(policyOf({ channel }).lookPauses, 0) : Number.POSITIVE_INFINITY;
  return [remindAt, expireAt]
    .filter((deadline) => deadline !== undefined)
    .map((deadline) => Date.parse(deadline) - now.getTime())
    .map((ahead) => (ahead > 0 ? ahead : passed));
}

/** Remarks have a time of their own, so that looks neither hurry them nor put them off. */
function commentPauses(round: Round, now: Date): number[] {
  if (pendingComments(round).length === 0) return [];
  const { remarkAfter } = round;
  const ahead = remarkAfter === undefined ? 0 : Date.parse(remarkAfter) - now.getTime();
  return [ahead > 0 ? ahead : at(policyOf(round).lookPauses, 0)];
}

const setbackPause = (waiting: number): number =>
  waiting < HOUR ? SETBACK_PAUSE : Math.min(waiting / 4, 6 * HOUR);
