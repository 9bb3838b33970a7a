import type { FeishuInstance } from '../../feishu/gateway.ts';
import { type Heard, isNews } from '../heard.ts';
import { isLive, type Round } from '../round.ts';
import { recheckSeconds } from '../schedule.ts';
import type { Snapshot } from '../snapshot.ts';
import { addRemark, judgeRound, takeDecision } from './decide.ts';
import {
  AGAIN,
  appOf,
  change,
  LATER,
  LOOKED,
  type Outcome,
  type Reconciling,
  roundOf,
  setBack,
  waitFor,
} from './outcome.ts';

/** A GET may not know yet an instance that was made this short a time ago. */
const MAY_LAG_MS = 5 * 60_000;

/** Reads the instance of a round, the only source of truth, and takes what it says (DESIGN, "Look"). */
export async function look(
  approvalId: string,
  heard: Heard,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<Outcome> {
  const round = roundOf(snapshot, approvalId);
  let instance: FeishuInstance | undefined;
  try {
    instance = await work.feishu.getInstance(appOf(round), round.instanceCode ?? round.approvalId);
  } catch (error) {
    return setBack(round, error, undefined, work, keeping(heard));
  }
  return isLive(round)
    ? lookAtLive(round, instance, heard, snapshot, work)
    : lookAtClosed(round, instance, work);
}

async function lookAtLive(
  round: Round,
  instance: FeishuInstance | undefined,
  heard: Heard,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<Outcome> {
  const now = work.now();
  if (!instance) {
    const young = now.getTime() - Date.parse(round.sentAt ?? round.requestedAt) < MAY_LAG_MS;
    return young ? recheck(round, heard, work) : end(round, 'DELETED', {}, work);
  }
  const verdict = judgeRound(instance, round, work);
  switch (verdict.kind) {
    case 'APPROVED':
    case 'REJECTED':
      return takeDecision(round, verdict, snapshot, work);
    case 'CANCELED':
      return end(round, heard.overtime ? 'EXPIRED' : 'CANCELED', {}, work);
    case 'DELETED':
      return end(round, heard.overtime ? 'EXPIRED' : 'DELETED', {}, work);
    case 'UNDECIDED': {
      if (heard.overtime) return end(round, 'EXPIRED', { settle: { what: 'OPEN', tries: 0 } }, work);
      const told = verdict.transferred ? addRemark(round, 'TRANSFERRED') : round;
      if (heard.decided) return recheck(round, heard, work, told);
      await work.store.save(round, change(told, { ...LOOKED, looks: round.looks + 1 }, now));
      return LATER;
    }
    default:
      return verdict satisfies never;
  }
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

/** What was heard is not forgotten with its message: GET does not tell all of it. */
const keeping = (heard: Heard): Partial<Round> => ({ missed: heard.statuses.filter(isNews) });

/** The message comes back after 2, 10 and 60 seconds; after that only the round's checkAfter. */
async function recheck(
  round: Round,
  heard: Heard,
  work: Reconciling,
  changed: Round = round,
): Promise<Outcome> {
  const seconds = recheckSeconds(round.rechecks);
  const changes =
    seconds === undefined ? { ...keeping(heard), rechecks: 0 } : { rechecks: round.rechecks + 1 };
  await work.store.save(round, change(changed, changes, work.now()));
  return seconds === undefined ? LATER : waitFor(seconds);
}

/**
 * A closed round: a late decision is recorded on it and on nothing else (LESSONS row 3), a revoked approval
 * becomes REVERTED, and an instance that stands open again is closed.
 */
async function lookAtClosed(
  round: Round,
  instance: FeishuInstance | undefined,
  work: Reconciling,
): Promise<Outcome> {
  const verdict = instance && judgeRound(instance, round, work);
  const looked: Round = { ...round, ...LOOKED, ...(instance && { instanceCode: instance.instanceCode }) };
  const keep = async (changed: Round): Promise<Outcome> => {
    if (changed !== looked || round.missed.length > 0)
      await work.store.save(round, change(changed, {}, work.now()));
    return LATER;
  };
  if (!instance || !verdict) return keep(looked);
  if (round.state === 'APPROVED') {
    const reopened = verdict.kind === 'UNDECIDED';
    if (!instance.reverted && !reopened && verdict.kind !== 'CANCELED') return keep(looked);
    const open = reopened ? { settle: { what: 'OPEN' as const, tries: 0 } } : {};
    work.note('approval reverted', { approvalId: round.approvalId });
    return keep({ ...looked, ...open, state: 'REVERTED' });
  }
  switch (verdict.kind) {
    case 'APPROVED':
    case 'REJECTED': {
      if (round.decisions.length > 0) return keep(looked);
      const decisions = [{ ...verdict.decision, applied: false }];
      return keep(addRemark({ ...looked, decisions }, 'LATE_DECISION'));
    }
    case 'UNDECIDED':
      return keep({ ...looked, settle: { what: 'OPEN', tries: 0 } });
    case 'CANCELED':
    case 'DELETED':
      return keep(looked);
    default:
      return verdict satisfies never;
  }
}
