import { AppError } from '../runtime/errors.ts';
import { currentAbout, currentOrigin, runAbout } from '../runtime/invocation.ts';
import {
  type ActionResult,
  AGAIN,
  change,
  horizonOf,
  LATER,
  type Reconciling,
  roundOf,
} from './actions/action-result.ts';
import { atItsTurn } from './actions/at-its-turn.ts';
import { closeLeftover } from './actions/close-leftover.ts';
import { comment } from './actions/comment.ts';
import { look } from './actions/look.ts';
import { keepEvents } from './actions/look-again.ts';
import { open } from './actions/open.ts';
import { remind, retime } from './actions/remind.ts';
import { retain } from './actions/retain.ts';
import { send } from './actions/send.ts';
import { withdraw } from './actions/withdraw.ts';
import type { Action } from './plan/action.ts';
import { roundsNamedIn } from './plan/event-hints.ts';
import { plan } from './plan/plan.ts';
import { isLive, type Round } from './plan/round.ts';
import { unknownOf } from './plan/rounds-of-newer-versions.ts';
import type { Hints, Snapshot } from './plan/snapshot.ts';

export type { Reconciling } from './actions/action-result.ts';

/** More actions than any issue needs at once. If an issue needs more, its plan never ends, and a person must know. */
const MAX_TURNS = 60;

/**
 * After this time no further long action is started in this run. The function has 30 seconds, and the last 3
 * are kept for storing what happened. So an action has 15 seconds at least: enough for a create that gets no answer
 * and a look for what it made. The message comes back for the rest.
 */
const MAX_RUN_MS = 12_000;

/** Actions that make calls, and the one that writes to every item of an issue. */
const LONG_ACTIONS: ReadonlySet<Action['do']> = new Set([
  'RETAIN',
  'SEND',
  'LOOK',
  'WITHDRAW',
  'REMIND',
  'CLOSE_LEFTOVER',
  'COMMENT',
]);

/**
 * Closes the difference between the record and the rounds of an issue: plan, do the first action, read again and plan
 * again, until nothing is left to do (docs/design.md 1). It can be repeated, and stopped at any point, without harm.
 *
 * Returns the seconds after which the same hints must come again, if an action has to wait that long. Rejects with a
 * retryable AppError when the database cannot be reached, and with `NOT_SETTLING` when the plan still has actions
 * after many turns.
 */
export async function reconcile(
  issueId: string,
  hints: Hints,
  work: Reconciling,
): Promise<{ waitSeconds?: number }> {
  const done = new Set<string>();
  const named = roundsNamedIn(hints);
  const waits: Extract<ActionResult, { kind: 'WAIT' }>[] = [];
  const startedAt = work.now().getTime();
  let before: Snapshot | undefined;
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const snapshot = await work.store.read(issueId, named, before);
    if (turn === 0) logUnknown(snapshot, work);
    const actions = plan({ ...snapshot, retention: work.retention }, work.now(), hints).filter(
      (one) => !done.has(nameOf(one)),
    );
    const late = work.now().getTime() - startedAt > MAX_RUN_MS;
    const action = late ? actions.find((one) => !LONG_ACTIONS.has(one.do)) : actions[0];
    if (!action) {
      if (waits.length === 0) return actions.length === 0 ? {} : { waitSeconds: 1 };
      // A card may have been sent since the slot was taken. A decision on it must not wait for that slot.
      const most = horizonOf(snapshot) / 1_000;
      const all = waits.map(({ seconds, forSlot }) => (forSlot ? Math.min(seconds, most) : seconds));
      return { waitSeconds: Math.min(...all) };
    }
    before = action.do === 'REMEMBER' ? { ...snapshot, memory: action.memory } : snapshot;
    const outcome = await runAboutAction(action, snapshot, () =>
      planAgainIfStale(() => act(action, snapshot, work)),
    );
    if (outcome.kind !== 'AGAIN') done.add(nameOf(action));
    if (outcome.kind === 'WAIT') waits.push(outcome);
  }
  throw new AppError('NOT_SETTLING', 'The plan of this issue still has actions after many turns.', {
    retryable: true,
  });
}

function logUnknown({ issueId, unknown = [] }: Snapshot, { log }: Reconciling): void {
  for (const round of unknown) {
    const why = unknownOf(round);
    if (why)
      log('skipped a round of a newer version', { issueId, approvalId: round.approvalId, unknown: why });
  }
}

/** Does an action. A failed condition means that somebody else wrote: then the issue is read and planned again. */
async function planAgainIfStale(action: () => Promise<ActionResult>): Promise<ActionResult> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof AppError && error.code === 'STALE') return AGAIN;
    throw error;
  }
}

/**
 * Does an action with the round that it is about. A hint about an event of another round has nothing to do with it.
 */
function runAboutAction<T>(action: Action, { rounds }: Snapshot, work: () => T): T {
  if (!('approvalId' in action)) return work();
  const { approvalId } = action;
  const origin = currentOrigin();
  const hinted = currentAbout();
  const isOther = hinted.approvalId !== approvalId;
  const round = rounds.find((one) => one.approvalId === approvalId);
  const instanceCode = round?.instanceCode ?? (isOther ? undefined : hinted.instanceCode);
  const isOfOther = isOther && origin?.kind === 'EVENT';
  return runAbout({ approvalId, instanceCode }, work, isOfOther ? { ...origin, kind: 'OTHER' } : origin);
}

/** Returns the name of an action that is not done twice in one run: it waits for time or for another hint. */
const nameOf = (action: Action): string =>
  'approvalId' in action ? `${action.do} ${action.approvalId}` : action.do;

async function act(action: Action, snapshot: Snapshot, work: Reconciling): Promise<ActionResult> {
  const { store } = work;
  const { issueId, issue } = snapshot;
  switch (action.do) {
    case 'REMEMBER':
      await store.remember(action.memory, snapshot.memory);
      return AGAIN;
    case 'RETAIN':
      return retain(action.retention, snapshot, work);
    case 'JOIN': {
      // The times stay as they are: nothing has happened to the card.
      const round = roundOf(snapshot, action.approvalId);
      await store.save(round, { ...round, arrival: action.arrival });
      return AGAIN;
    }
    case 'REQUIRE_APPROVAL':
      if (issue.kind === 'ABSENT') return AGAIN;
      await store.requireApproval(issueId, issue.raw, action.stageId, action.taskIds);
      work.log('tasks set back to pending approval', { issueId, tasks: action.taskIds.length });
      return AGAIN;
    case 'WRITE_BACK':
      if (issue.kind === 'ABSENT') return AGAIN;
      await store.writeBack(issueId, issue.raw, action.writeBack);
      return AGAIN;
    case 'OPEN':
      return open(action.opening, snapshot, work);
    case 'SEND':
      return atItsTurn(action.approvalId, snapshot, work, (now) => send(action.approvalId, now, work));
    case 'LOOK':
      return atItsTurn(
        action.approvalId,
        snapshot,
        work,
        (now) => look(action.approvalId, action.reported, now, work),
        keepEvents(action.reported),
      );
    case 'WITHDRAW': {
      // A request that was never sent needs no call.
      if (!roundOf(snapshot, action.approvalId).attempted)
        return withdraw(action.approvalId, action, snapshot, work);
      return atItsTurn(action.approvalId, snapshot, work, (now) =>
        withdraw(action.approvalId, action, now, work),
      );
    }
    case 'RETIME':
      return retime(action.approvalId, action.deadlines, snapshot, work);
    case 'REMIND':
      return remind(action.approvalId, snapshot, work);
    case 'CLOSE_LEFTOVER':
      return atItsTurn(action.approvalId, snapshot, work, (now) =>
        closeLeftover(action.approvalId, now, work),
      );
    case 'COMMENT':
      return comment(action.approvalId, snapshot, work);
    case 'FIRST_SIGHT':
      // The times stay as they are: nothing has happened to the cards. All are stored in one turn, because an issue
      // may have a hundred stages.
      for (const { approvalId, ...seen } of action.sights) {
        const round = roundOf(snapshot, approvalId);
        await store.save(round, { ...round, ...seen });
      }
      return AGAIN;
    case 'RECORD_ASKING':
      return record(action.approvalId, { asked: action.asked }, snapshot, work);
    case 'REST':
      return record(action.approvalId, { rested: true }, snapshot, work);
    case 'KEEP_EVENTS':
      return record(action.approvalId, { missed: action.missed }, snapshot, work);
    case 'POSTPONE': {
      const round = roundOf(snapshot, action.approvalId);
      const pause = isLive(round) ? { looks: round.looks + 1 } : { setbacks: round.setbacks + 1 };
      // A round that was called up and needs no call leaves the line.
      await record(action.approvalId, { ...pause, waiting: undefined }, snapshot, work);
      return LATER;
    }
    default:
      return action satisfies never;
  }
}

/** Stores on a round what the plan has noticed. */
async function record(
  approvalId: string,
  noticed: Partial<Round>,
  snapshot: Snapshot,
  { store, now }: Reconciling,
): Promise<ActionResult> {
  const round = roundOf(snapshot, approvalId);
  await store.save(round, change(round, noticed, now()));
  return AGAIN;
}
