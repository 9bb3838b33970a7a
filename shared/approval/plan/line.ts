import { policyOf } from '../channels/policies.ts';
import type { PacedApi } from '../channels/policy.ts';
import { NEAR_MS } from './pace-policy.ts';
import { isLive, type Round } from './round.ts';

/**
 * Rounds that wait for a call (ADR 17). In place of a time their `checkAfter` holds a place in a line; places sort
 * behind all times, so that nothing is due by them, and lie in the same index as everything that is due. Pure.
 */

/** One line for each API of an app, and one for each OA. */
export interface Line {
  api: PacedApi;
  /** The app's id, or the node's. */
  owner: string;
}

const WAITS = 'WAIT#';
const CALLED = 'CALLED#';
/** What the places of all lines begin with, waiting and called up. */
export const PLACES = { waiting: WAITS, called: CALLED } as const;

const prefixOf = (kind: string, { api, owner }: Line): string => `${kind}${api}#${owner}#`;
export const waitingPrefix = (line: Line): string => prefixOf(WAITS, line);
export const calledPrefix = (line: Line): string => prefixOf(CALLED, line);

/** The place of a round that waits since then: the oldest comes first. */
export const placeInLine = (line: Line, since: string): string => waitingPrefix(line) + since;
/** The place of a round that the sweep has called up, until it comes. */
export const calledPlace = (line: Line, at: Date): string => calledPrefix(line) + at.toISOString();

/** The line of a place and the time in it, ISO 8601; undefined for a time, or a place of a newer version. */
export function readPlace(place: string): { line: Line; at: string } | undefined {
  const [, api, owner, at] = /^(?:WAIT|CALLED)#(create|cancel|call)#(.*)#([^#]+)$/su.exec(place) ?? [];
  if (owner === undefined || at === undefined) return undefined;
  return { line: { api: api as PacedApi, owner }, at };
}

export const isInLine = ({ checkAfter }: Pick<Round, 'checkAfter'>): boolean =>
  checkAfter?.startsWith(WAITS) ?? false;
export const isCalledUp = ({ checkAfter }: Pick<Round, 'checkAfter'>): boolean =>
  checkAfter?.startsWith(CALLED) ?? false;

/** Returns whose calls of this API are counted: an app's, or those to a node. Undefined: they are not paced. */
export function ownerOf(round: Round, api: PacedApi): string | undefined {
  const { pacing, ownerOf: owner } = policyOf(round);
  return (api === 'call') === (pacing === 'ALL_CALLS') ? owner(round) : undefined;
}

/** Since when a round needs a call; of calls to an OA, since when it waits for one. */
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
 * Since when a request waits that takes the place of this one: for its cancel, or, where it was never sent, for its own
 * call. undefined: it did not have to wait, and its successor is a newcomer like any other.
 */
export function waitedSince(before: Round, now: Date): string | undefined {
  const { attempted, withdraw, waiting } = before;
  const since = attempted ? withdraw?.at : (before.waitedSince ?? waiting?.since);
  return since !== undefined && now.getTime() - Date.parse(since) > NEAR_MS ? since : undefined;
}

/** Whether a round has had to wait for such a call, or the one that it follows. */
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
