import { type ChannelError, errorFields, isChannelError, type Problem } from '../channels/channel.ts';
import { type Channels, channelOf } from '../channels/create-channels.ts';
import { policyOf } from '../channels/policies.ts';
import { hasWaited, type Line, neededSince, ownerOf, placeInLine } from '../plan/line.ts';
import { HORIZON_MS, SPOT_MS } from '../plan/pace-policy.ts';
import type { Round } from '../plan/round.ts';
import { schedule } from '../plan/schedule.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import type { PacedApi, Pacer } from '../store/pacing.ts';
import type { ApprovalStore } from '../store/store.ts';

/** Everything the steps need of the world: time, randomness and the network come in as arguments. */
export interface Reconciling {
  store: ApprovalStore;
  pacer: Pacer;
  channels: Channels;
  now: () => Date;
  newId: () => string;
  sleep: (milliseconds: number) => Promise<void>;
  /** One line of what happened; ids and codes only. */
  log: (happening: string, about: Record<string, string | number | undefined>) => void;
}

/**
 * How a step ended: AGAIN — read and plan again; LATER — nothing more to do now, the round's checkAfter brings
 * it back; WAIT — hide the message for so many seconds, then do it.
 */
export type ActionResult =
  | { kind: 'AGAIN' }
  | { kind: 'LATER' }
  /** `forSlot`: until a time slot that it has. */
  | { kind: 'WAIT'; seconds: number; forSlot?: true };

export const AGAIN: ActionResult = { kind: 'AGAIN' };
export const LATER: ActionResult = { kind: 'LATER' };
export const waitFor = (seconds: number): Extract<ActionResult, { kind: 'WAIT' }> => ({
  kind: 'WAIT',
  seconds: Math.max(1, Math.ceil(seconds)),
});

/** The same round at another time, in another state: all that a step changes, with its next checkAfter. */
export const change = (round: Round, changes: Partial<Round>, now: Date): Round =>
  schedule(withoutPastOutage({ ...round, ...changes }), now);

/** The error of an OA that is out of reach ends when it answers. */
function withoutPastOutage(round: Round): Round {
  const { outageError } = policyOf(round);
  if (round.failingSince !== undefined || !outageError || round.error?.code !== outageError) return round;
  const { error: _, ...rest } = round;
  return rest;
}

/** What an answer ends. */
export const ANSWERED = { setbacks: 0, failingSince: undefined } satisfies Partial<Round>;

/** What a look that was answered ends. */
export const LOOKED = { ...ANSWERED, rechecks: 0, missed: [] } satisfies Partial<Round>;

/** A message that has not come back this long after its slot is lost: the sweep hints the round. */
const MISSED_MS = 60_000;

/** How far ahead a slot of this issue may be, and for how long its message is hidden at most. */
export const horizonOf = ({ rounds }: Pick<Snapshot, 'rounds'>): number =>
  rounds.some((round) => round.state === 'PENDING' && policyOf(round).isTapped)
    ? HORIZON_MS.openCard
    : HORIZON_MS.usual;

/** `stored`: the round as the table has it. `kept`: what is stored along when the message leaves the queue. */
interface Turn {
  stored?: Round;
  kept?: Partial<Round>;
}

/**
 * Waits for the round's time slot, or says for how long to hide the message: the slot is kept on the round. If no slot
 * is near, the round stands in line, and the message is done (ADR 17). `create` and `cancel` are limits of Feishu,
 * `call` is one of an OA.
 */
export async function takeSlot(
  round: Round,
  api: PacedApi,
  snapshot: Snapshot,
  work: Reconciling,
  { stored = round, kept = {} }: Turn = {},
): Promise<{ round: Round } | { wait: ActionResult }> {
  const owner = ownerOf(round);
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

/** To the nearest second: what comes back half a second too soon waits for its slot on the spot. */
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

/** Waits in a row for Feishu's rate limit; after that the round goes the way of any setback. */
const MAX_LIMIT_WAITS = 5;

/** Whoever is called counts differently than we do: its word on the rate limit is the truth. */
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
  const owner = api && ownerOf(round);
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

/** The next slot at once: the message need not come back only to be told to wait for it. */
async function takeNextSlot(
  line: Line,
  round: Round,
  stored: Round,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const { api } = line;
  // The slot is used up; whether it has waited still counts.
  const { waiting } = stored;
  const slot = await reserve(line, { ...withoutSlot(round, api), waiting }, snapshot, work);
  if (!slot) return putInLine(line, round, stored, work);
  await work.store.save(stored, keepSlot(round, api, slot));
  return waitForSlot(slot.getTime() - work.now().getTime());
}

/**
 * A call failed for a reason that is not the issue's: the round stays as it is and comes back by its checkAfter;
 * one that was not sent yet says why on the record. `kept` is stored along. Anything but a ChannelError is thrown on.
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

/** Slots of calls that this version does not make stay. */
function withoutSlots({ slots }: Round): Round['slots'] {
  const { create: _, cancel: __, call: ___, ...others } = slots;
  return others;
}

export const roundOf = (snapshot: Snapshot, approvalId: string): Round => {
  const round = snapshot.rounds.find((one) => one.approvalId === approvalId);
  if (!round) throw new Error('a step names a round that was not read');
  return round;
};

/** A request that may have come into being unseen is looked for once its round is closed. */
export const leftoverIf = (mayExist: boolean): Partial<Round> =>
  mayExist ? { settle: { what: 'UNKNOWN', tries: 0 } } : {};

/** Closes a round that could not be sent, for a reason that is the issue's. */
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
