import { isLive, type Round } from './round.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Looks at a pending round, when no event says anything (DESIGN, "Numbers"). */
const LOOK_PAUSES = [10 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 12 * HOUR];
/** Searches for an instance that may exist unseen, and remarks. */
const SETTLE_PAUSES = [MINUTE, 10 * MINUTE, 60 * MINUTE];
/** Tries to close an instance that stands open; the last pause is repeated for as long as it does. */
const OPEN_PAUSES = [...SETTLE_PAUSES, 12 * HOUR, 24 * HOUR];
/** Looks at an instance that an event calls decided while GET still says it is pending. */
const RECHECK_SECONDS = [2, 10, 60];
/** With the sweep's minute this stays below two minutes, as CONTRACT section 1 promises for the first hour. */
const SETBACK_PAUSE = 45 * SECOND;

const at = (pauses: readonly number[], index: number): number =>
  pauses[Math.min(index, pauses.length - 1)] ?? HOUR;

/** How often an instance that may exist unseen, or a remark, is tried. */
export const MAX_TRIES = SETTLE_PAUSES.length;

/** Seconds until the next recheck, or undefined when there have been enough. */
export const recheckSeconds = (rechecks: number): number | undefined => RECHECK_SECONDS[rechecks];

/** The round with the time from which the sweep hints it; absent when nothing is to be expected of it. */
export function schedule(round: Round, now: Date): Round {
  const pause = pauseOf(round, now);
  const { checkAfter: _, ...rest } = round;
  return pause === undefined ? rest : { ...rest, checkAfter: new Date(now.getTime() + pause).toISOString() };
}

function pauseOf(round: Round, now: Date): number | undefined {
  if (isLive(round)) return livePause(round, now);
  // A Feishu that is out of reach is no try: it is asked again as rarely as a quiet round.
  const failing = round.setbacks > 0 ? at(LOOK_PAUSES, round.setbacks - 1) : undefined;
  const pauses = [
    ...(round.settle ? [failing ?? settlePause(round.settle)] : []),
    ...(round.remarks.length > 0 ? [failing ?? at(SETTLE_PAUSES, round.remarkTries)] : []),
    ...(round.missed.length > 0 ? [at(LOOK_PAUSES, round.setbacks)] : []),
    ...(round.error?.code === 'ASSIGNEE_NOT_IN_FEISHU' ? [24 * HOUR] : []),
  ];
  return pauses.length > 0 ? Math.min(...pauses) : undefined;
}

const settlePause = ({ what, tries }: NonNullable<Round['settle']>): number =>
  at(what === 'OPEN' ? OPEN_PAUSES : SETTLE_PAUSES, tries);

function livePause(round: Round, now: Date): number {
  if (round.state === 'PENDING' && !round.withdraw) {
    const look =
      round.setbacks === 0 ? at(LOOK_PAUSES, round.looks) : setbackPause(round.setbacks * SETBACK_PAUSE);
    return Math.min(look, ...deadlinePauses(round, now));
  }
  return setbackPause(now.getTime() - Date.parse(round.withdraw?.at ?? round.requestedAt));
}

/** One that has passed waits for something else, a record to be mended or Feishu to come back: no hurry helps. */
function deadlinePauses({ remindAt, expireAt, setbacks }: Round, now: Date): number[] {
  const passed = setbacks === 0 ? at(LOOK_PAUSES, 0) : Number.POSITIVE_INFINITY;
  return [remindAt, expireAt]
    .filter((deadline) => deadline !== undefined)
    .map((deadline) => Date.parse(deadline) - now.getTime())
    .map((ahead) => (ahead > 0 ? ahead : passed));
}

const setbackPause = (waiting: number): number =>
  waiting < HOUR ? SETBACK_PAUSE : Math.min(waiting / 4, 6 * HOUR);
