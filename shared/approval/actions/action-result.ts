import { type ChannelError, errorFields, isChannelError, type Problem } from '../channels/channel.ts';
import { type Channels, channelOf } from '../channels/create-channels.ts';
import { policyOf } from '../channels/policies.ts';
import type { RetentionDays } from '../plan/issue-memory.ts';
import { HORIZON_MS, SPOT_MS } from '../plan/pace-policy.ts';
import type { Round } from '../plan/round.ts';
import { schedule } from '../plan/schedule.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import { hasWaited, type Line, neededSince, ownerOf, placeInLine } from '../plan/waiting-line.ts';
import type { PacedApi, Pacer } from '../store/pacing.ts';
import type { ApprovalStore } from '../store/store.ts';

/** What actions need from outside: time, randomness and the network come in as arguments. */
export interface Reconciling {
  store: ApprovalStore;
  pacer: Pacer;
  channels: Channels;
  now: () => Date;
  newId: () => string;
  sleep: (milliseconds: number) => Promise<void>;
  /** For how long the items of an issue that is over are kept. Absent: not configured here, so none is marked. */
  retention?: RetentionDays;
  /** Writes one log line. It may hold only ids and codes. */
  log: (happening: string, about: Record<string, string | number | undefined>) => void;
}

/**
 * How an action ended. AGAIN: read and plan again. LATER: nothing more to do now; the `checkAfter` of the round
 * brings it back. WAIT: hide the message for this many seconds, then continue.
 */
export type ActionResult =
  | { kind: 'AGAIN' }
  | { kind: 'LATER' }
  /** `forSlot`: the wait is for a slot that the round has. */
  | { kind: 'WAIT'; seconds: number; forSlot?: true };

/** Read and plan again. */
export const AGAIN: ActionResult = { kind: 'AGAIN' };
/** Nothing more to do now. */
export const LATER: ActionResult = { kind: 'LATER' };
/** Returns a wait of at least one second, in whole seconds. */
export const waitFor = (seconds: number): Extract<ActionResult, { kind: 'WAIT' }> => ({
  kind: 'WAIT',
  seconds: Math.max(1, Math.ceil(seconds)),
});

/** Returns the round with these changes and its next `checkAfter`. */
export const change = (round: Round, changes: Partial<Round>, now: Date): Round =>
  schedule(withoutPastOutage({ ...round, ...changes }), now);

/** Removes the error of an OA outage once the OA has answered. */
function withoutPastOutage(round: Round): Round {
  const { outageError } = policyOf(round);
  if (round.failingSince !== undefined || !outageError || round.error?.code !== outageError) return round;
  const { error: _, ...rest } = round;
  return rest;
}

/** The changes of a round whose call was answered. */
export const ANSWERED = { setbacks: 0, failingSince: undefined } satisfies Partial<Round>;

/** The changes of a round whose look was answered. */
export const LOOKED = { ...ANSWERED, rechecks: 0, missed: [] } satisfies Partial<Round>;

/** A message that has not come back this long after its slot counts as lost. Then the sweep hints the round. */
const MISSED_MS = 60_000;

/**
 * Returns how far ahead a slot of this issue may be, in milliseconds. Its message is hidden for at most this long.
 */
export const horizonOf = ({ rounds }: Pick<Snapshot, 'rounds'>): number =>
  rounds.some((round) => round.state === 'PENDING' && policyOf(round).isTapped)
    ? HORIZON_MS.openCard
    : HORIZON_MS.usual;

/**
 * `stored`: the round as it is in the table. `kept`: changes to store if the round is put in a line, because its
 * message then leaves the queue.
 */
interface SlotOptions {
  stored?: Round;
  kept?: Partial<Round>;
}

/**
 * Takes a slot for a call. Returns the round without the slot, after waiting for one that is near. Otherwise returns
 * how to wait: the message is hidden until the slot, which is stored on the round; or, if no slot is near, the round
 * is put in a line and the message is done (ADR 17). `create` and `cancel` are limits of Feishu, `call` is the limit
 * of an OA.
 */
export async function takeSlot(
  round: Round,
  api: PacedApi,
  snapshot: Snapshot,
  work: Reconciling,
  { stored = round, kept = {} }: SlotOptions = {},
): Promise<{ round: Round } | { wait: ActionResult }> {
  const owner = ownerOf(round, api);
  if (owner === undefined) return { round };
  const { store, now, sleep } = work;
  const before = round.slots[api];
  const slot = await reserve({ api, owner }, round, snapshot, work);
  if (!slot) return { wait: await putInLine({ api, owner }, { ...round, ...kept }, stored, work) };
  const ahead = slot.getTime() - now().getTime();
  if (ahead > SPOT_MS) {
    if (slot.toISOString() !== before) await store.save(stored, keepSlot(round, api, slot));
    return { wait: waitForSlot(ahead) };
  }
  if (ahead > 0) await sleep(ahead);
  return { round: withoutSlot(round, api) };
}

/** Rounds to the nearest second: a message that comes back half a second early waits for its slot in the worker. */
const waitForSlot = (ahead: number): ActionResult => ({
  ...waitFor(Math.round(ahead / 1_000)),
  forSlot: true,
});

const reserve = ({ api, owner }: Line, round: Round, snapshot: Snapshot, { pacer, now }: Reconciling) => {
  const kept = round.slots[api];
  return pacer.reserve(owner, api, {
    now: now(),
    lane: hasWaited(round, api) ? 'WAITING' : 'NEW',
    horizonMs: horizonOf(snapshot),
    kept: kept === undefined ? undefined : new Date(kept),
  });
};

async function putInLine(
  line: Line,
  round: Round,
  stored: Round,
  { store, now }: Reconciling,
): Promise<ActionResult> {
  const { api } = line;
  const since = neededSince(round, api, now());
  const slots = { ...round.slots, [api]: undefined };
  await store.save(stored, {
    ...round,
    slots,
    waiting: { api, since },
    checkAfter: placeInLine(line, since),
  });
  return LATER;
}

function withoutSlot(round: Round, api: PacedApi): Round {
  const { waiting: _, ...rest } = round;
  const { [api]: __, ...slots } = round.slots;
  return { ...rest, slots };
}

const keepSlot = (round: Round, api: PacedApi, slot: Date): Round => ({
  ...round,
  slots: { ...round.slots, [api]: slot.toISOString() },
  checkAfter: new Date(slot.getTime() + MISSED_MS).toISOString(),
});

/**
 * How many times in a row a call waits for the rate limit. After that, the round is retried like after any other
 * failure.
 */
const MAX_LIMIT_WAITS = 5;

/**
 * Handles a rate limit: stores until when calls are refused, and waits for the next slot. The channel counts calls
 * differently than the pacer, and its answer is the truth.
 */
export async function handleRateLimit(
  round: Round,
  wanted: PacedApi | undefined,
  error: ChannelError,
  snapshot: Snapshot,
  work: Reconciling,
  kept: Partial<Round> = {},
): Promise<ActionResult> {
  const now = work.now();
  const api = policyOf(round).pacing === 'ALL_CALLS' ? 'call' : wanted;
  const owner = api && ownerOf(round, api);
  const until = new Date(now.getTime() + (error.retryAfterSeconds ?? 30) * 1_000);
  if (api && owner) await work.pacer.holdUntil(owner, api, until);
  if (round.setbacks >= MAX_LIMIT_WAITS) return retryLater(round, error, work, kept);
  const again: Round = { ...round, ...kept, setbacks: round.setbacks + 1 };
  if (api && owner) return takeNextSlot({ api, owner }, again, round, snapshot, work);
  const checkAfter = new Date(until.getTime() + MISSED_MS).toISOString();
  await work.store.save(round, { ...again, checkAfter });
  const ahead = Math.min(until.getTime() - now.getTime(), horizonOf(snapshot));
  return waitFor(ahead / 1_000);
}

/** Takes the next slot at once. Otherwise the message would come back only to wait again. */
async function takeNextSlot(
  line: Line,
  round: Round,
  stored: Round,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const { api } = line;
  // The old slot is used up. That the round has waited still counts.
  const { waiting } = stored;
  const slot = await reserve(line, { ...withoutSlot(round, api), waiting }, snapshot, work);
  if (!slot) return putInLine(line, round, stored, work);
  await work.store.save(stored, keepSlot(round, api, slot));
  return waitForSlot(slot.getTime() - work.now().getTime());
}

/**
 * Handles a call that failed for a reason that is not about the issue: the round stays as it is, and its `checkAfter`
 * brings it back. A round that was not sent yet shows the reason on the record. Throws anything that is not a
 * ChannelError.
 * @param kept changes to store as well
 */
export async function recordSetback(
  round: Round,
  error: unknown,
  api: PacedApi | undefined,
  snapshot: Snapshot,
  work: Reconciling,
  kept: Partial<Round> = {},
): Promise<ActionResult> {
  if (!isChannelError(error)) throw error;
  if (error.code === 'RATE_LIMITED') return handleRateLimit(round, api, error, snapshot, work, kept);
  return retryLater(round, error, work, kept);
}

async function retryLater(
  round: Round,
  error: ChannelError,
  work: Reconciling,
  kept: Partial<Round>,
): Promise<ActionResult> {
  const now = work.now();
  const why = channelOf(round, work).afterFailure(round, error);
  const slots = withoutSlots(round);
  const changes = { ...kept, ...why, setbacks: round.setbacks + 1, slots, waiting: undefined };
  await work.store.save(round, change(round, changes, now));
  work.log('call failed', {
    approvalId: round.approvalId,
    channel: round.channel,
    ...errorFields(error),
  });
  return LATER;
}

/** Removes the slots. Slots for calls that only a newer version makes stay. */
function withoutSlots({ slots }: Round): Round['slots'] {
  const { create: _, cancel: __, call: ___, ...others } = slots;
  return others;
}

/** Returns the round that an action is about. Throws if the snapshot does not have it. */
export const roundOf = (snapshot: Snapshot, approvalId: string): Round => {
  const round = snapshot.rounds.find((one) => one.approvalId === approvalId);
  if (!round) throw new Error('an action names a round that was not read');
  return round;
};

/**
 * Returns the change that makes a closed round search for an instance that may exist unseen; no change if none can
 * exist.
 */
export const leftoverIf = (mayExist: boolean): Partial<Round> =>
  mayExist ? { settle: { what: 'UNKNOWN', tries: 0 } } : {};

/** Closes a round as FAILED: it could not be sent for a reason that is about the issue. */
export async function fail(
  round: Round,
  stored: Round,
  problem: Problem,
  work: Reconciling,
  changes: Partial<Round> = {},
): Promise<ActionResult> {
  const now = work.now();
  const error = channelOf(round, work).explain(problem);
  const failed: Partial<Round> = { state: 'FAILED', closedAt: now.toISOString(), error, setbacks: 0 };
  await work.store.save(stored, change(round, { ...changes, ...failed }, now));
  work.log('approval failed', { approvalId: round.approvalId, code: error.code });
  return AGAIN;
}
