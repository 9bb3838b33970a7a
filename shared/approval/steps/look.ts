import { isFeishuError } from '../../feishu/errors.ts';
import type { FeishuInstance } from '../../feishu/gateway.ts';
import type { Heard } from '../plan.ts';
import { isLive, type Round } from '../round.ts';
import { recheckSeconds } from '../schedule.ts';
import type { Snapshot } from '../snapshot.ts';
import { addRemark, judgeRound, takeDecision } from './decide.ts';
import {
  AGAIN,
  appOf,
  change,
  LATER,
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
    if (isLive(round) || !isFeishuError(error)) return setBack(round, error, undefined, work);
    // A closed round has no checkAfter that would bring it back for this: the message itself comes again.
    return rechecked(round, work, error);
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
    return young ? rechecked(round, work) : end(round, 'DELETED', {}, work);
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
      if (heard.decided) return rechecked(told, work, undefined, round);
      await work.store.save(round, change(told, { looks: round.looks + 1, rechecks: 0, setbacks: 0 }, now));
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
  await work.store.save(round, change(round, { state, closedAt: now.toISOString(), ...changes }, now));
  work.note('round closed', { approvalId: round.approvalId, state });
  return AGAIN;
}

/** The message comes back after 2, 10 and 60 seconds; after that only the round's checkAfter. */
async function rechecked(
  round: Round,
  work: Reconciling,
  error?: unknown,
  stored: Round = round,
): Promise<Outcome> {
  const seconds = recheckSeconds(round.rechecks);
  if (seconds === undefined && error !== undefined) throw error;
  await work.store.save(
    stored,
    change(round, { rechecks: seconds === undefined ? 0 : round.rechecks + 1 }, work.now()),
  );
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
  if (!instance) return LATER;
  const verdict = judgeRound(instance, round, work);
  const now = work.now();
  const known: Partial<Round> = { instanceCode: instance.instanceCode };
  if (round.state === 'APPROVED') {
    const revoked = instance.reverted || verdict.kind === 'CANCELED' || verdict.kind === 'UNDECIDED';
    if (!revoked) return LATER;
    const open = verdict.kind === 'UNDECIDED' ? { settle: { what: 'OPEN' as const, tries: 0 } } : {};
    await work.store.save(round, change(round, { ...known, ...open, state: 'REVERTED' }, now));
    work.note('approval reverted', { approvalId: round.approvalId });
    return AGAIN;
  }
  switch (verdict.kind) {
    case 'APPROVED':
    case 'REJECTED': {
      if (round.decisions.length > 0) return LATER;
      const told = addRemark(round, 'LATE_DECISION');
      const decisions = [{ ...verdict.decision, applied: false }];
      await work.store.save(round, change(told, { ...known, decisions }, now));
      return AGAIN;
    }
    case 'UNDECIDED':
      await work.store.save(round, change(round, { ...known, settle: { what: 'OPEN', tries: 0 } }, now));
      return LATER;
    case 'CANCELED':
    case 'DELETED':
      return LATER;
    default:
      return verdict satisfies never;
  }
}
