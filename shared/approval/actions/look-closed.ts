import type { Sighting } from '../channels/channel.ts';
import type { ReportedEvents } from '../plan/event-hints.ts';
import type { Round } from '../plan/round.ts';
import { lookAgainSeconds } from '../plan/schedule.ts';
import { type ActionResult, change, LATER, LOOKED, type Reconciling } from './action-result.ts';
import { INSTANCE_LEFT_OPEN, queueComment, recordLateDecision } from './decide.ts';
import { lookAgainSoon } from './look-again.ts';

/**
 * Handles a look at a closed round. A late decision is stored on the round and changes nothing else (docs/lessons.md
 * 3), a revoked approval becomes REVERTED, and an instance that is open again is closed.
 */
export async function lookAtClosed(
  round: Round,
  seen: Sighting | undefined,
  reported: ReportedEvents,
  work: Reconciling,
): Promise<ActionResult> {
  const looked: Round = { ...round, ...LOOKED, ...(seen?.ours && seen.ref) };
  const keep = async (changed: Round): Promise<ActionResult> => {
    if (changed !== looked || round.missed.length > 0)
      await work.store.save(round, change(changed, {}, work.now()));
    return LATER;
  };
  // The instance under our id is not ours, so its state says nothing about this round (docs/lessons.md 35).
  if (!seen?.ours) return keep(looked);
  const { verdict, reverted } = seen;
  if (round.state === 'APPROVED') {
    const reopened = verdict.kind === 'UNDECIDED';
    if (!reverted && !reopened && verdict.kind !== 'CANCELED') {
      return reported.statuses.includes('REVERTED') ? lookAgainSoon(round, reported, work) : keep(looked);
    }
    // A GET that lags shows the instance as it was before the approval. It is believed only if it still says so after
    // several looks.
    const lags = reopened && !reverted && lookAgainSeconds(round.rechecks) !== undefined;
    if (lags) return lookAgainSoon(round, reported, work);
    const open = reopened ? INSTANCE_LEFT_OPEN : {};
    work.log('approval reverted', { approvalId: round.approvalId });
    return keep({ ...looked, ...open, state: 'REVERTED' });
  }
  switch (verdict.kind) {
    case 'APPROVED':
    case 'REJECTED':
      return round.decisions.length > 0
        ? keep(looked)
        : keep(queueComment(recordLateDecision(looked, verdict.decision), 'LATE_DECISION'));
    case 'UNDECIDED': {
      if (round.takenBack) return keep(looked);
      const decided = verdict.now === 'RETURNED' ? recordLateDecision(looked, verdict.decision) : looked;
      return keep({ ...decided, ...INSTANCE_LEFT_OPEN });
    }
    case 'CANCELED':
    case 'DELETED':
    case 'EXPIRED':
      return keep(looked);
    default:
      return verdict satisfies never;
  }
}
