import { type ChannelError, errorFields, isChannelError, type Sighting } from '../channels/channel.ts';
import { channelOf } from '../channels/create-channels.ts';
import { type Deadlines, deadlinesOf, withDeadlines } from '../plan/deadlines.ts';
import { reportedEvents } from '../plan/event-hints.ts';
import { recordAt } from '../plan/record-at.ts';
import type { Reminders, Round } from '../plan/round.ts';
import { lookPause, schedule } from '../plan/schedule.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import {
  type ActionResult,
  AGAIN,
  change,
  LOOKED,
  type Reconciling,
  recordSetback,
  roundOf,
} from './action-result.ts';
import { queueComment } from './decide.ts';
import { look } from './look.ts';

/**
 * Feishu drops a message whose uuid it has seen within an hour (docs/feishu.md 6.1), and not one that comes later: what
 * was begun so long ago is not tried again.
 */
const UUID_HELPS_MS = 50 * 60_000;
/** Messages count against the tenant's monthly quota (docs/feishu.md 8). */
const TRY_AGAIN_MS = 10 * 60_000;

/**
 * Reminds the approver of a pending round, after a look: a decision found there is taken in its place, and somebody
 * whose task it is no longer is left in peace. That it was begun is stored first, and each attempt bears the same
 * uuid: whatever fails, at most one message comes of it.
 */
export async function remind(
  approvalId: string,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const round = roundOf(snapshot, approvalId);
  if (wasBegunLongAgo(round, work.now())) return next(round, { counted: true }, snapshot, work);
  let seen: Sighting | undefined;
  try {
    seen = await channelOf(round, work).look(round, snapshot);
  } catch (error) {
    return recordSetback(round, error, undefined, snapshot, work);
  }
  const now = seen?.verdict.kind === 'UNDECIDED' ? seen.verdict.now : undefined;
  if (!seen || (now !== 'ASKING' && now !== 'TRANSFERRED')) {
    return look(approvalId, reportedEvents(round, []), snapshot, work);
  }
  const looked: Round = { ...round, ...LOOKED, looks: round.looks + 1 };
  const commented = now === 'TRANSFERRED' ? queueComment(looked, 'TRANSFERRED') : looked;
  return seen.waitsForApprover
    ? message(round, commented, snapshot, work)
    : next(round, { counted: round.reminders.begunAt !== undefined, changed: commented }, snapshot, work);
}

const wasBegunLongAgo = ({ reminders: { begunAt } }: Round, now: Date): boolean =>
  begunAt !== undefined && now.getTime() - Date.parse(begunAt) > UUID_HELPS_MS;

async function message(
  round: Round,
  looked: Round,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const { record, view } = recordAt(snapshot, round.subject);
  if (view.kind !== 'STAGE') return AGAIN;
  const { stage } = view;
  const { reminders, approvalId } = round;
  const begunAt = reminders.begunAt ?? work.now().toISOString();
  const begun = await work.store.save(
    round,
    change(looked, { reminders: { ...reminders, begunAt } }, work.now()),
  );
  const waitedMs = work.now().getTime() - Date.parse(round.sentAt ?? round.requestedAt);
  try {
    const uuid = `${approvalId}-${reminders.sent + 1}`;
    const about = { issue: record.title, stage: stage.title, url: record.url, waitedMs };
    await channelOf(round, work).remind?.(round, { ...about, uuid });
  } catch (error) {
    if (!isChannelError(error)) throw error;
    const mayBeSent = error.code === 'UNAVAILABLE' || reminders.begunAt !== undefined;
    return error.retryable
      ? tryLater(begun, mayBeSent, error, snapshot, work)
      : giveUp(begun, error, snapshot, work);
  }
  return next(begun, { counted: true }, snapshot, work);
}

/** The period begins anew. `counted`: one of the three was sent; otherwise there was nobody to remind. */
function next(
  round: Round,
  { counted, changed = round }: { counted: boolean; changed?: Round },
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const now = work.now();
  const from = now.toISOString();
  const { begunAt: _, notBefore: __, over: ___, ...kept } = round.reminders;
  const sent = kept.sent + (counted ? 1 : 0);
  if (counted) {
    work.log('approver reminded', { approvalId: round.approvalId, reminder: sent });
    return keep(round, { ...kept, sent, from }, snapshot, work, changed);
  }
  // It may not be the approver's turn for long: whether it is costs a look each time.
  const nextLook = new Date(now.getTime() + lookPause(changed)).toISOString();
  const { remindAt = nextLook } = deadlinesOf({ ...changed, reminders: { sent, from } }, snapshot.settings);
  const notBefore = remindAt > nextLook ? remindAt : nextLook;
  return keep(round, { ...kept, sent, from, notBefore }, snapshot, work, changed);
}

/** What was limited was not carried out; what was not answered may have been. */
function tryLater(
  round: Round,
  mayBeSent: boolean,
  error: ChannelError,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const pause = Math.max(TRY_AGAIN_MS, (error.retryAfterSeconds ?? 0) * 1_000);
  const notBefore = new Date(work.now().getTime() + pause).toISOString();
  const { begunAt, ...rest } = round.reminders;
  logFailure('reminder waits', round, error, work);
  return keep(round, { ...rest, ...(mayBeSent && { begunAt }), notBefore }, snapshot, work);
}

/** The scope, the bot or the person stands in the way. The approval goes on without reminders. */
function giveUp(
  round: Round,
  error: ChannelError,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const { begunAt: _, ...rest } = round.reminders;
  logFailure('reminders given up', round, error, work);
  return keep(round, { ...rest, over: true }, snapshot, work);
}

const logFailure = (happening: string, { approvalId }: Round, error: ChannelError, work: Reconciling): void =>
  work.log(happening, { approvalId, ...errorFields(error) });

/** Stored with the deadline that follows from it. */
async function keep(
  round: Round,
  reminders: Reminders,
  { settings }: Snapshot,
  work: Reconciling,
  changed: Round = round,
): Promise<ActionResult> {
  const after: Round = { ...changed, reminders };
  await work.store.save(round, schedule(withDeadlines(after, deadlinesOf(after, settings)), work.now()));
  return AGAIN;
}

/** Brings the deadlines of a round in line with the settings; a look that was to come earlier is not put off. */
export async function retime(
  approvalId: string,
  deadlines: Deadlines,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const round = roundOf(snapshot, approvalId);
  const timed = schedule(withDeadlines(round, deadlines), work.now());
  const checkAfter = [round.checkAfter, timed.checkAfter].filter((time) => time !== undefined).sort()[0];
  await work.store.save(round, { ...timed, ...(checkAfter && { checkAfter }) });
  return AGAIN;
}
