import { policyOf } from '../channels/policies.ts';
import type { PacedApi } from '../channels/policy.ts';
import { NEAR_MS } from './pace-policy.ts';
import { isLive, type Round } from './round.ts';

/**
 * Rounds that wait in a line for a call (ADR 17). Their `checkAfter` holds a place in the line instead of a time.
 * Places sort after all times, so they never make a round due. They are in the same index as everything that is due.
 * Pure.
 */

/** A line. There is one for each API of an app, and one for each OA. */
export interface Line {
  api: PacedApi;
  /** The id of the app or of the external node. */
  owner: string;
}

const WAITS = 'WAIT#';
const CALLED = 'CALLED#';
/** The prefixes of the places in all lines: of rounds that wait, and of rounds that were called up. */
export const PLACES = { waiting: WAITS, called: CALLED } as const;

const prefixOf = (kind: string, { api, owner }: Line): string => `${kind}${api}#${owner}#`;
/** Returns what the places of a line begin with while rounds wait. */
export const waitingPrefix = (line: Line): string => prefixOf(WAITS, line);
/** Returns what the places of a line begin with after rounds are called up. */
export const calledPrefix = (line: Line): string => prefixOf(CALLED, line);

/** Returns the place of a round that has waited since `since`, ISO 8601. The oldest comes first. */
export const placeInLine = (line: Line, since: string): string => waitingPrefix(line) + since;
/** Returns the place of a round that the sweep called up at `at`, until the round is handled. */
export const calledPlace = (line: Line, at: Date): string => calledPrefix(line) + at.toISOString();

/**
 * Returns the line of a place and the time in it, ISO 8601. Undefined for a time, and for a place of a newer version.
 */
export function readPlace(place: string): { line: Line; at: string } | undefined {
  const [, api, owner, at] = /^(?:WAIT|CALLED)#(create|cancel|call)#(.*)#([^#]+)$/su.exec(place) ?? [];
  if (owner === undefined || at === undefined) return undefined;
  return { line: { api: api as PacedApi, owner }, at };
}

/** Whether a round waits in a line. */
export const isInLine = ({ checkAfter }: Pick<Round, 'checkAfter'>): boolean =>
  checkAfter?.startsWith(WAITS) ?? false;
/** Whether a round was called up and has not been handled since. */
export const isCalledUp = ({ checkAfter }: Pick<Round, 'checkAfter'>): boolean =>
  checkAfter?.startsWith(CALLED) ?? false;

/** Returns whose calls of this API are counted: an app's, or those to a node. Undefined: they are not paced. */
export function ownerOf(round: Round, api: PacedApi): string | undefined {
  const { pacing, ownerOf: owner } = policyOf(round);
  return (api === 'call') === (pacing === 'ALL_CALLS') ? owner(round) : undefined;
}

/** Returns the time since which a round needs a call, ISO 8601. For calls to an OA: since it waits for one. */
export function neededSince(round: Round, api: PacedApi, now: Date): string {
  switch (api) {
    case 'create':
      return round.waitedSince ?? round.requestedAt;
    case 'cancel':
      return round.withdraw?.at ?? round.closedAt ?? round.requestedAt;
    case 'call':
      return round.waiting?.since ?? now.toISOString();
    default:
      return api satisfies never;
  }
}

/**
 * Returns the time since which a successor counts as waiting, ISO 8601: since the round before waits for its cancel
 * or, if that round was never sent, for its create. Undefined if the round before did not have to wait: its successor
 * is a newcomer.
 */
export function waitedSince(before: Round, now: Date): string | undefined {
  const { attempted, withdraw, waiting } = before;
  const since = attempted ? withdraw?.at : (before.waitedSince ?? waiting?.since);
  return since !== undefined && now.getTime() - Date.parse(since) > NEAR_MS ? since : undefined;
}

/** Whether a round, or the one before it, had to wait for such a call. */
export const hasWaited = ({ waiting, waitedSince: since }: Round, api: PacedApi): boolean =>
  waiting?.api === api || (api === 'create' && since !== undefined);

/** Whether a round still needs the call that it waits for. */
export function stillWaits(round: Round): boolean {
  const { waiting, state, withdraw, settle, channel, missed } = round;
  if (!waiting) return false;
  if (!isLive(round)) {
    const isNeeded = settle !== undefined || (waiting.api === 'call' && missed.length > 0);
    return isNeeded && waiting.api !== 'create';
  }
  switch (waiting.api) {
    case 'create':
      return state === 'REQUESTED' && !withdraw;
    case 'cancel':
      return withdraw !== undefined;
    case 'call':
      return policyOf({ channel }).pacing === 'ALL_CALLS';
    default:
      waiting.api satisfies never;
      return false;
  }
}
