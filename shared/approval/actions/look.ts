import type { Sighting } from '../channels/channel.ts';
import { channelOf } from '../channels/create-channels.ts';
import type { ReportedEvents } from '../plan/event-hints.ts';
import type { Undecided } from '../plan/judge.ts';
import { isLive, type Round } from '../plan/round.ts';
import { lookAgainSeconds } from '../plan/schedule.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import {
  type ActionResult,
  AGAIN,
  change,
  LATER,
  LOOKED,
  type Reconciling,
  recordSetback,
  roundOf,
} from './action-result.ts';
import { INSTANCE_LEFT_OPEN, queueComment, rejectionOf, takeDecision } from './decide.ts';
import { keepEvents, lookAgainSoon } from './look-again.ts';
import { lookAtClosed } from './look-closed.ts';

/** A GET may not find an instance that was created less than this time ago. */
const MAY_LAG_MS = 5 * 60_000;

/** Reads the state of a round from its channel, the only source of truth, and applies it (docs/design.md 4.2). */
export async function look(
  approvalId: string,
  reported: ReportedEvents,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const round = roundOf(snapshot, approvalId);
  let seen: Sighting | undefined;
  try {
    seen = await channelOf(round, work).look(round, snapshot);
  } catch (error) {
    return recordSetback(round, error, undefined, snapshot, work, keepEvents(reported));
  }
  return isLive(round)
    ? lookAtLive(round, seen, reported, snapshot, work)
    : lookAtClosed(round, seen, reported, work);
}

async function lookAtLive(
  read: Round,
  seen: Sighting | undefined,
  reported: ReportedEvents,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const round = { ...read, ...seen?.ref };
  if (!seen) {
    const young = work.now().getTime() - Date.parse(round.sentAt ?? round.requestedAt) < MAY_LAG_MS;
    if (!young) return end(round, 'DELETED', {}, work);
    return lookAgainSoon(round, reported, work, { ...keepEvents(reported), rechecks: 0 });
  }
  const { verdict } = seen;
  switch (verdict.kind) {
    case 'APPROVED':
      return takeDecision(round, verdict, snapshot, work);
    case 'REJECTED':
      // A time limit looks like a rejection by a rule, but no administrator can remove a rule for it.
      return reported.overtime && verdict.by === 'NOBODY'
        ? end(round, 'EXPIRED', {}, work)
        : takeDecision(round, verdict, snapshot, work);
    case 'CANCELED':
      return end(round, reported.overtime ? 'EXPIRED' : 'CANCELED', {}, work);
    case 'DELETED':
      return end(round, reported.overtime ? 'EXPIRED' : 'DELETED', {}, work);
    case 'EXPIRED':
      return end(round, 'EXPIRED', {}, work);
    case 'UNDECIDED':
      return reported.overtime
        ? end(round, 'EXPIRED', INSTANCE_LEFT_OPEN, work)
        : lookAtOpen(round, verdict, reported, snapshot, work);
    default:
      return verdict satisfies never;
  }
}

async function lookAtOpen(
  round: Round,
  verdict: Undecided,
  reported: ReportedEvents,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  switch (verdict.now) {
    case 'RETURNED':
      return takeDecision(round, rejectionOf(verdict), snapshot, work);
    case 'REVOKED':
      return end(round, 'CANCELED', INSTANCE_LEFT_OPEN, work);
    case 'STRANDED':
      if (reported.decided) break;
      // The event may be lost. GET reports a time limit only in this way: nobody has the task any more.
      if (lookAgainSeconds(round.rechecks) === undefined)
        return end(round, 'EXPIRED', INSTANCE_LEFT_OPEN, work);
      return lookAgainSoon(round, reported, work);
    case 'ASKING':
    case 'TRANSFERRED':
      break;
    default:
      return verdict satisfies never;
  }
  const commented = verdict.now === 'TRANSFERRED' ? queueComment(round, 'TRANSFERRED') : round;
  // The round has changed in some way, so the pauses between looks start again.
  if (reported.decided) return lookAgainSoon(commented, reported, work, { ...LOOKED, looks: 0 }, round);
  await work.store.save(round, change(commented, { ...LOOKED, looks: round.looks + 1 }, work.now()));
  return LATER;
}

async function end(
  round: Round,
  state: 'CANCELED' | 'DELETED' | 'EXPIRED',
  changes: Partial<Round>,
  work: Reconciling,
): Promise<ActionResult> {
  const now = work.now();
  await work.store.save(
    round,
    change(round, { ...LOOKED, state, closedAt: now.toISOString(), ...changes }, now),
  );
  work.log('round closed', { approvalId: round.approvalId, state });
  return AGAIN;
}
