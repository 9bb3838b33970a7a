import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * What a piece of work is about. Every log line and every message that is sent to the work queue carries it, so that
 * one search finds the whole way of a change: from the stream or the webhook through the queue to the call and the
 * transaction. It holds ids only.
 */
export interface About {
  issueId?: string | undefined;
  approvalId?: string | undefined;
  instanceCode?: string | undefined;
  /** Feishu's, the OA's or the stream's id of an event. */
  eventId?: string | undefined;
  /** The id of what set off the work: the stream record, the event, or the run of the sweep. */
  correlationId?: string | undefined;
  messageId?: string | undefined;
  testId?: string | undefined;
  nodeId?: string | undefined;
}

/** When the present work was set off. Times are epoch milliseconds. */
export interface Origin {
  /** CHANGE: a change of an issue record. EVENT: an event of Feishu or of an OA. OTHER: the sweep, a save, a resync. */
  kind: 'CHANGE' | 'EVENT' | 'OTHER';
  /** When it happened: the record was changed, or the event was received. */
  at?: number | undefined;
  /** When the message of the work queue was sent. */
  queuedAt?: number | undefined;
}

interface Invocation {
  requestId?: string;
  functionArn?: string;
  about: About;
  origin?: Origin;
  /** Epoch milliseconds at which Lambda ends the function. */
  endsAt?: number;
}

const NOTHING: Invocation = { about: {} };
const storage = new AsyncLocalStorage<Invocation>();
const current = (): Invocation => storage.getStore() ?? NOTHING;

/** Runs an invocation of a function. */
export const runInvocation = <T>(invocation: Omit<Invocation, 'about'>, work: () => T): T =>
  storage.run({ ...invocation, about: {} }, work);

/**
 * Runs a part of the present work that is about this. A member that is undefined is not known in this part; a member
 * that is absent stays as it is.
 */
export function runAbout<T>(about: About, work: () => T, origin?: Origin): T {
  const outer = current();
  return storage.run(
    { ...outer, about: given({ ...outer.about, ...about }), ...(origin && { origin }) },
    work,
  );
}

/** Adds to what the present work is about, as soon as it is known. Does nothing outside an invocation. */
export function note(about: About): void {
  const invocation = storage.getStore();
  if (invocation) Object.assign(invocation.about, given(about));
}

const given = (about: About): About =>
  Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined));

/** Returns what the present work is about. */
export const currentAbout = (): Readonly<About> => current().about;
/** Returns the id of the present invocation, or undefined outside of one. */
export const currentRequestId = (): string | undefined => current().requestId;
/** Returns the ARN of the present function, or undefined outside of an invocation. */
export const currentFunctionArn = (): string | undefined => current().functionArn;
/** Returns what set off the present work, or undefined if that is not known. */
export const currentOrigin = (): Origin | undefined => current().origin;

/** Returns the milliseconds until Lambda ends the function; infinite outside an invocation. */
export const timeLeft = (now: number = Date.now()): number =>
  (current().endsAt ?? Number.POSITIVE_INFINITY) - now;

/** Kept at the end of an invocation, to store what happened to a call and to print the metrics. */
const KEPT_MS = 3_000;
/** A call that has less time than this is not made. */
const SHORTEST_CALL_MS = 1_000;

/**
 * Returns how long a call may take, in whole milliseconds: at most `most`, and never so long that Lambda ends the
 * function during it. Undefined if too little time is left: the call must not be made.
 */
export function timeForCall(most: number, now: number = Date.now()): number | undefined {
  const left = Math.floor(Math.min(most, timeLeft(now) - KEPT_MS));
  return left >= Math.min(most, SHORTEST_CALL_MS) ? left : undefined;
}
