import { currentOrigin } from '../../runtime/invocation.ts';
import type { Counter } from '../../runtime/metrics.ts';
import { policyOf } from '../channels/policies.ts';
import { isLive, type Round } from '../plan/round.ts';
import type { ApprovalStore } from './store.ts';

type Counting = Pick<Counter, 'count' | 'countBy'>;

/**
 * Feishu reports a decision within seconds. If it is older than this when a hint is sent, the hint of its event would
 * have been handled before: hints of an issue are handled in order.
 */
const REPORTED_WITHIN_MS = 2 * 60_000;

/**
 * Wraps a store so that each change of a round that it has written is counted (docs/operate.md, "Metrics"). A write
 * that was refused counts nothing, so nothing is counted twice when a run is repeated.
 */
export function countChanges(store: ApprovalStore, counter: Counting, now: () => Date): ApprovalStore {
  const changed = (before: Round, after: Round) => countChange(before, after, counter, now());
  return {
    ...store,
    async open(round, previous) {
      await store.open(round, previous);
      counter.count('ApprovalRequested');
      if (previous) changed(previous.before, previous.after);
    },
    async save(before, after, request) {
      const stored = await store.save(before, after, request);
      changed(before, stored);
      return stored;
    },
    async approve(change) {
      await store.approve(change);
      changed(change.before, change.after);
    },
  };
}

function countChange(before: Round, after: Round, counter: Counting, now: Date): void {
  if (before.state !== after.state) countState(after, counter, now);
  if (after.decisions.length > before.decisions.length) measureDecision(before, after, counter, now);
  if (after.requester.bot && !before.requester.bot) counter.countBy('PersonUnknown', 'CREATOR');
  if (waitsForLimit(after) && !waitsForLimit(before)) counter.count('LimitWait');
}

const waitsForLimit = ({ waiting, slots }: Round): boolean =>
  waiting !== undefined || [slots.create, slots.cancel, slots.call].some((slot) => slot !== undefined);

function countState(after: Round, counter: Counting, now: Date): void {
  const { state, error, closeReason } = after;
  switch (state) {
    case 'PENDING':
      counter.count('ApprovalSent');
      counter.count('TimeToCard', now.getTime() - neededAt(after));
      break;
    case 'FAILED':
      counter.countBy('ApprovalFailed', error?.code ?? 'UNKNOWN');
      if (error?.code === 'ASSIGNEE_NOT_IN_FEISHU') counter.countBy('PersonUnknown', 'ASSIGNEE');
      break;
    case 'WITHDRAWN':
      counter.countBy('ApprovalWithdrawn', closeReason ?? 'UNKNOWN');
      break;
    case 'APPROVED':
    case 'REJECTED':
    case 'CANCELED':
    case 'DELETED':
    case 'EXPIRED':
    case 'REVERTED':
      counter.countBy('ApprovalDecided', state);
      break;
    case 'REQUESTED':
      break;
    default:
      // A state of a newer version is never written by this one.
      state satisfies never;
  }
}

/** When the request became necessary: at the change that this run handles, or when the round was opened. */
function neededAt({ requestedAt }: Round): number {
  const origin = currentOrigin();
  const opened = Date.parse(requestedAt);
  return origin?.kind === 'CHANGE' && origin.at !== undefined ? Math.min(origin.at, opened) : opened;
}

function measureDecision(before: Round, after: Round, counter: Counting, now: Date): void {
  const origin = currentOrigin();
  if (origin?.kind === 'EVENT') {
    if (origin.at !== undefined) counter.count('TimeToTransaction', now.getTime() - origin.at);
    return;
  }
  const decidedAt = Date.parse(after.decisions.at(-1)?.at ?? '');
  if (!isLive(before) || !policyOf(before).reportsDecisions || Number.isNaN(decidedAt)) return;
  if (before.missed.length > 0) {
    // Its event came, but Feishu could not be read then. The event's receipt is not stored; it was within seconds.
    counter.count('TimeToTransaction', Math.max(0, now.getTime() - decidedAt));
    return;
  }
  if (origin?.queuedAt === undefined) return;
  if (decidedAt + REPORTED_WITHIN_MS < origin.queuedAt) counter.count('DecisionFoundByLook');
}
