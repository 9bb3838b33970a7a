import { sha256 } from '../../runtime/sha256.ts';
import { CHANNEL_OF } from '../channels/registration.ts';
import type { Opening } from '../plan/action.ts';
import { coverOf } from '../plan/cover.ts';
import { recordAt } from '../plan/record-and-subject.ts';
import { type Round, sameSubject } from '../plan/round.ts';
import { schedule } from '../plan/schedule.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import { tasksOf } from '../plan/subject.ts';
import { type ActionResult, AGAIN, type Reconciling } from './action-result.ts';

/** Stores a new round: the first of its subject, or one after a closed round. Nothing is sent yet. */
export async function open(opening: Opening, snapshot: Snapshot, work: Reconciling): Promise<ActionResult> {
  const round = newRound(opening, snapshot, work);
  const before = snapshot.rounds.find(
    (one) => sameSubject(one.subject, opening.subject) && one.generation === opening.generation - 1,
  );
  // The daily retry of a failed round ends when the next round is opened.
  const wasOnlyRetried = before?.checkAfter && !before.settle && before.remarks.length === 0;
  if (before && wasOnlyRetried) {
    const { checkAfter: _, waiting: __, ...after } = before;
    await work.store.open(round, { before, after });
  } else {
    await work.store.open(round);
  }
  return AGAIN;
}

/**
 * Returns a new round before anything is sent. Its id is chosen and stored first, so that the send can be repeated.
 */
export function newRound(
  { subject, generation, triggers }: Opening,
  snapshot: Snapshot,
  { now, newId, channels }: Pick<Reconciling, 'now' | 'newId' | 'channels'>,
): Round {
  const { record, view } = recordAt(snapshot, subject);
  const { content } = view;
  const channel = CHANNEL_OF[view.kind];
  const round: Round = {
    issueId: snapshot.issueId,
    subject,
    generation,
    approvalId: newId(),
    revision: 0,
    state: 'REQUESTED',
    content,
    contentSha256: sha256(content),
    tasks: tasksOf(record, view),
    underWay: [],
    ...(view.kind === 'STAGE' && coverOf(view.stage)),
    triggers,
    arrival: snapshot.memory?.arrival ?? 0,
    life: snapshot.memory?.life ?? 0,
    bellSeq: record.bell?.seq ?? 0,
    channel,
    ...channels[channel].addressOf(record, view, snapshot),
    requester: { email: record.creator.email, bot: false },
    requestedAt: now().toISOString(),
    decisions: [],
    attempted: false,
    forms: [],
    remarks: [],
    remarked: [],
    remarkTries: 0,
    looks: 0,
    setbacks: 0,
    missed: [],
    asked: {},
    rechecks: 0,
    reminders: { sent: 0 },
    slots: {},
  };
  return schedule(round, now());
}
