import type { Sighting } from '../channels/channel.ts';
import type { Heard } from '../plan/event-hints.ts';
import type { Round } from '../plan/round.ts';
import { recheckSeconds } from '../plan/schedule.ts';
import { change, LATER, LOOKED, type Outcome, type Reconciling } from './action-result.ts';
import { addRemark, keepLate, STANDS_OPEN } from './decide.ts';
import { recheck } from './look-again.ts';

/**
 * A closed round: a late decision is recorded on it and on nothing else (LESSONS row 3), a revoked approval
 * becomes REVERTED, and an instance that stands open again is closed.
 */
export async function lookAtClosed(
  round: Round,
  seen: Sighting | undefined,
  heard: Heard,
  work: Reconciling,
): Promise<Outcome> {
  const looked: Round = { ...round, ...LOOKED, ...(seen?.ours && seen.ref) };
  const keep = async (changed: Round): Promise<Outcome> => {
    if (changed !== looked || round.missed.length > 0)
      await work.store.save(round, change(changed, {}, work.now()));
    return LATER;
  };
  // Somebody else's under our id: what becomes of it is not about this round (LESSONS row 35).
  if (!seen?.ours) return keep(looked);
  const { verdict, reverted } = seen;
  if (round.state === 'APPROVED') {
    const reopened = verdict.kind === 'UNDECIDED';
    if (!reverted && !reopened && verdict.kind !== 'CANCELED') {
      return heard.statuses.includes('REVERTED') ? recheck(round, heard, work) : keep(looked);
    }
    // A GET that lags shows it as it was before it was approved: it is believed when it goes on saying so.
    const lags = reopened && !reverted && recheckSeconds(round.rechecks) !== undefined;
    if (lags) return recheck(round, heard, work);
    const open = reopened ? STANDS_OPEN : {};
    work.note('approval reverted', { approvalId: round.approvalId });
    return keep({ ...looked, ...open, state: 'REVERTED' });
  }
  switch (verdict.kind) {
    case 'APPROVED':
    case 'REJECTED':
      return round.decisions.length > 0
        ? keep(looked)
        : keep(addRemark(keepLate(looked, verdict.decision), 'LATE_DECISION'));
    case 'UNDECIDED': {
      if (round.takenBack) return keep(looked);
      const told = verdict.now === 'RETURNED' ? keepLate(looked, verdict.decision) : looked;
      return keep({ ...told, ...STANDS_OPEN });
    }
    case 'CANCELED':
    case 'DELETED':
    case 'EXPIRED':
      return keep(looked);
    default:
      return verdict satisfies never;
  }
}
