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

/** A GET may not know yet an instance that was made this short a time ago. */
const MAY_LAG_MS = 5 * 60_000;

/** Reads what has become of a round, the only source of truth, and takes what it says (docs/design.md 4.2). */
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
      // A time limit may reject as a rule does: it is none that an administrator should remove.
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
      // Its event may be lost: that nobody has it any more is all that GET tells of a time limit.
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
  // Something has happened to it, whatever it was: it is looked at as often again as a new one.
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
