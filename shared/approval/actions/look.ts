import type { Sighting } from '../channels/channel.ts';
import { channelOf } from '../channels/registry.ts';
import type { Heard } from '../plan/event-hints.ts';
import type { Undecided } from '../plan/judge.ts';
import { isLive, type Round } from '../plan/round.ts';
import { recheckSeconds } from '../plan/schedule.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import {
  AGAIN,
  change,
  LATER,
  LOOKED,
  type Outcome,
  type Reconciling,
  roundOf,
  setBack,
} from './action-result.ts';
import { addRemark, refusalOf, STANDS_OPEN, takeDecision } from './decide.ts';
import { keeping, recheck } from './look-again.ts';
import { lookAtClosed } from './look-closed.ts';

/** A GET may not know yet an instance that was made this short a time ago. */
const MAY_LAG_MS = 5 * 60_000;

/** Reads what has become of a round, the only source of truth, and takes what it says (DESIGN, "Look"). */
export async function look(
  approvalId: string,
  heard: Heard,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<Outcome> {
  const round = roundOf(snapshot, approvalId);
  let seen: Sighting | undefined;
  try {
    seen = await channelOf(round, work).look(round, snapshot);
  } catch (error) {
    return setBack(round, error, undefined, snapshot, work, keeping(heard));
  }
  return isLive(round)
    ? lookAtLive(round, seen, heard, snapshot, work)
    : lookAtClosed(round, seen, heard, work);
}

async function lookAtLive(
  read: Round,
  seen: Sighting | undefined,
  heard: Heard,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<Outcome> {
  const round = { ...read, ...seen?.ref };
  if (!seen) {
    const young = work.now().getTime() - Date.parse(round.sentAt ?? round.requestedAt) < MAY_LAG_MS;
    if (!young) return end(round, 'DELETED', {}, work);
    return recheck(round, heard, work, { ...keeping(heard), rechecks: 0 });
  }
  const { verdict } = seen;
  switch (verdict.kind) {
    case 'APPROVED':
      return takeDecision(round, verdict, snapshot, work);
    case 'REJECTED':
      // A time limit may reject as a rule does: it is none that an administrator should remove.
      return heard.overtime && verdict.by === 'NOBODY'
        ? end(round, 'EXPIRED', {}, work)
        : takeDecision(round, verdict, snapshot, work);
    case 'CANCELED':
      return end(round, heard.overtime ? 'EXPIRED' : 'CANCELED', {}, work);
    case 'DELETED':
      return end(round, heard.overtime ? 'EXPIRED' : 'DELETED', {}, work);
    case 'EXPIRED':
      return end(round, 'EXPIRED', {}, work);
    case 'UNDECIDED':
      return heard.overtime
        ? end(round, 'EXPIRED', STANDS_OPEN, work)
        : lookAtOpen(round, verdict, heard, snapshot, work);
    default:
      return verdict satisfies never;
  }
}

async function lookAtOpen(
  round: Round,
  verdict: Undecided,
  heard: Heard,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<Outcome> {
  switch (verdict.now) {
    case 'RETURNED':
      return takeDecision(round, refusalOf(verdict), snapshot, work);
    case 'REVOKED':
      return end(round, 'CANCELED', STANDS_OPEN, work);
    case 'STRANDED':
      if (heard.decided) break;
      // Its event may be lost: that nobody has it any more is all that GET tells of a time limit.
      if (recheckSeconds(round.rechecks) === undefined) return end(round, 'EXPIRED', STANDS_OPEN, work);
      return recheck(round, heard, work);
    case 'ASKING':
    case 'TRANSFERRED':
      break;
    default:
      return verdict satisfies never;
  }
  const told = verdict.now === 'TRANSFERRED' ? addRemark(round, 'TRANSFERRED') : round;
  // Something has happened to it, whatever it was: it is looked at as often again as a new one.
  if (heard.decided) return recheck(told, heard, work, { ...LOOKED, looks: 0 }, round);
  await work.store.save(round, change(told, { ...LOOKED, looks: round.looks + 1 }, work.now()));
  return LATER;
}

async function end(
  round: Round,
  state: 'CANCELED' | 'DELETED' | 'EXPIRED',
  changes: Partial<Round>,
  work: Reconciling,
): Promise<Outcome> {
  const now = work.now();
  await work.store.save(
    round,
    change(round, { ...LOOKED, state, closedAt: now.toISOString(), ...changes }, now),
  );
  work.note('round closed', { approvalId: round.approvalId, state });
  return AGAIN;
}
