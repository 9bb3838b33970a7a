import { AppError } from '../runtime/errors.ts';
import {
  AGAIN,
  change,
  horizonOf,
  LATER,
  type Outcome,
  type Reconciling,
  roundOf,
} from './actions/action-result.ts';
import { settle } from './actions/close-leftover.ts';
import { remark } from './actions/comment.ts';
import { look } from './actions/look.ts';
import { keeping } from './actions/look-again.ts';
import { open } from './actions/open.ts';
import { remind, retime } from './actions/remind.ts';
import { send } from './actions/send.ts';
import { withdraw } from './actions/withdraw.ts';
import { atItsTurn } from './channels/oa/turn.ts';
import type { Step } from './plan/action.ts';
import { namedBy } from './plan/event-hints.ts';
import { plan } from './plan/plan.ts';
import { isLive, type Round } from './plan/round.ts';
import type { Hints, Snapshot } from './plan/snapshot.ts';
import { unknownOf } from './plan/unknown-rounds.ts';

export type { Reconciling } from './actions/action-result.ts';

/** More steps than any issue needs at once: beyond this something does not settle, and a person must know. */
const MAX_TURNS = 60;

/**
 * A call that hangs three times takes 25 seconds and a function has 60: after this long no further step is begun
 * in the same run; the message comes back for the rest.
 */
const MAX_RUN_MS = 25_000;

const CALLS_OUT: ReadonlySet<Step['do']> = new Set([
  'SEND',
  'LOOK',
  'WITHDRAW',
  'REMIND',
  'SETTLE',
  'REMARK',
]);

/**
 * Closes the difference between the record and the rounds of an issue: plan, do the first step, read again, plan
 * again, until there is nothing to do (DESIGN, "The idea in five lines"). Safe to repeat, and to be killed anywhere.
 *
 * Returns the seconds after which the same hints are to come again, if a step has to wait that long.
 * Rejects with a retryable AppError when the database is out of reach.
 */
export async function reconcile(
  issueId: string,
  hints: Hints,
  work: Reconciling,
): Promise<{ waitSeconds?: number }> {
  const done = new Set<string>();
  const named = namedBy(hints);
  const waits: Extract<Outcome, { kind: 'WAIT' }>[] = [];
  const startedAt = work.now().getTime();
  let before: Snapshot | undefined;
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const snapshot = await work.store.read(issueId, named, before);
    if (turn === 0) noteUnknown(snapshot, work);
    const steps = plan(snapshot, work.now(), hints).filter((one) => !done.has(nameOf(one)));
    const late = work.now().getTime() - startedAt > MAX_RUN_MS;
    const step = late ? steps.find((one) => !CALLS_OUT.has(one.do)) : steps[0];
    if (!step) {
      if (waits.length === 0) return steps.length === 0 ? {} : { waitSeconds: 1 };
      // A card may have been sent since the slot was taken: a tap on it must not wait for that.
      const most = horizonOf(snapshot) / 1_000;
      const all = waits.map(({ seconds, forSlot }) => (forSlot ? Math.min(seconds, most) : seconds));
      return { waitSeconds: Math.min(...all) };
    }
    before = step.do === 'REMEMBER' ? { ...snapshot, memory: step.memory } : snapshot;
    const outcome = await unlessStale(() => doStep(step, snapshot, work));
    if (outcome.kind !== 'AGAIN') done.add(nameOf(step));
    if (outcome.kind === 'WAIT') waits.push(outcome);
  }
  throw new AppError('NOT_SETTLING', 'The plan of this issue still has steps after many turns.', {
    retryable: true,
  });
}

function noteUnknown({ issueId, unknown = [] }: Snapshot, { note }: Reconciling): void {
  for (const round of unknown) {
    const why = unknownOf(round);
    if (why)
      note('round of a newer version left alone', { issueId, approvalId: round.approvalId, unknown: why });
  }
}

/** A failed condition means that somebody else wrote: what they wrote is read and planned anew. */
async function unlessStale(step: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof AppError && error.code === 'STALE') return AGAIN;
    throw error;
  }
}

/** What is not to be done twice in one run: it waits for time or for another hint. */
const nameOf = (step: Step): string => ('approvalId' in step ? `${step.do} ${step.approvalId}` : step.do);

async function doStep(step: Step, snapshot: Snapshot, work: Reconciling): Promise<Outcome> {
  const { store } = work;
  const { issueId, issue } = snapshot;
  switch (step.do) {
    case 'REMEMBER':
      await store.remember(step.memory, snapshot.memory);
      return AGAIN;
    case 'JOIN': {
      // Its times stay as they are: nothing has happened to the card.
      const round = roundOf(snapshot, step.approvalId);
      await store.save(round, { ...round, arrival: step.arrival });
      return AGAIN;
    }
    case 'DEMAND_APPROVAL':
      if (issue.kind === 'ABSENT') return AGAIN;
      await store.demandApproval(issueId, issue.raw, step.stageId, step.taskIds);
      work.note('approval demanded again', { issueId, tasks: step.taskIds.length });
      return AGAIN;
    case 'WRITE_BACK':
      if (issue.kind === 'ABSENT') return AGAIN;
      await store.writeBack(issueId, issue.raw, step.writeBack);
      return AGAIN;
    case 'OPEN':
      return open(step.opening, snapshot, work);
    case 'SEND':
      return atItsTurn(step.approvalId, snapshot, work, (now) => send(step.approvalId, now, work));
    case 'LOOK':
      return atItsTurn(
        step.approvalId,
        snapshot,
        work,
        (now) => look(step.approvalId, step.heard, now, work),
        keeping(step.heard),
      );
    case 'WITHDRAW': {
      // What was never sent is nothing to any OA.
      if (!roundOf(snapshot, step.approvalId).attempted)
        return withdraw(step.approvalId, step, snapshot, work);
      return atItsTurn(step.approvalId, snapshot, work, (now) => withdraw(step.approvalId, step, now, work));
    }
    case 'RETIME':
      return retime(step.approvalId, step.deadlines, snapshot, work);
    case 'REMIND':
      return remind(step.approvalId, snapshot, work);
    case 'SETTLE':
      return atItsTurn(step.approvalId, snapshot, work, (now) => settle(step.approvalId, now, work));
    case 'REMARK':
      return remark(step.approvalId, snapshot, work);
    case 'FIRST_SIGHT':
      // Their times stay as they are, for the same reason. All at once: an issue may have a hundred stages.
      for (const { approvalId, ...seen } of step.sights) {
        const round = roundOf(snapshot, approvalId);
        await store.save(round, { ...round, ...seen });
      }
      return AGAIN;
    case 'NOTICE':
      return note(step.approvalId, { asked: step.asked }, snapshot, work);
    case 'REST':
      return note(step.approvalId, { rested: true }, snapshot, work);
    case 'KEEP':
      return note(step.approvalId, { missed: step.missed }, snapshot, work);
    case 'POSTPONE': {
      const round = roundOf(snapshot, step.approvalId);
      const pause = isLive(round) ? { looks: round.looks + 1 } : { setbacks: round.setbacks + 1 };
      // What was called up and has nothing to call leaves the line.
      await note(step.approvalId, { ...pause, waiting: undefined }, snapshot, work);
      return LATER;
    }
    default:
      return step satisfies never;
  }
}

/** Writes down on a round what the plan has noticed. */
async function note(
  approvalId: string,
  noticed: Partial<Round>,
  snapshot: Snapshot,
  { store, now }: Reconciling,
): Promise<Outcome> {
  const round = roundOf(snapshot, approvalId);
  await store.save(round, change(round, noticed, now()));
  return AGAIN;
}
