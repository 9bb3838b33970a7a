import { type ChannelError, errorFields, isChannelError, type Sighting } from '../channels/channel.ts';
import { channelOf } from '../channels/create-channels.ts';
import { type Deadlines, deadlinesOf, withDeadlines } from '../plan/deadlines.ts';
import { reportedEvents } from '../plan/event-hints.ts';
import { recordAt } from '../plan/record-and-subject.ts';
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
 * Feishu drops a message with the same uuid only within an hour (docs/feishu.md 6.1). A reminder that was begun
 * longer ago is not tried again.
 */
const UUID_HELPS_MS = 50 * 60_000;
/**
 * Pause before a failed reminder is tried again. It is long because messages count against the monthly quota of the
 * tenant (docs/feishu.md 8).
 */
const TRY_AGAIN_MS = 10 * 60_000;

/**
 * Reminds the approver of a pending round, after a look. A decision found there is applied instead, and an approver
 * who no longer has the task gets no message. The start is stored before the message is sent, and each attempt has
 * the same uuid. So at most one message is sent, whatever fails.
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
      : stopReminders(begun, error, snapshot, work);
  }
  return next(begun, { counted: true }, snapshot, work);
}

/**
 * Starts the next period.
 * @param counted true if one of the three reminders was sent; false if there was nobody to remind
 */
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
  // The approver may not have the task for a long time, and each check costs a look.
  const nextLook = new Date(now.getTime() + lookPause(changed)).toISOString();
  const { remindAt = nextLook } = deadlinesOf({ ...changed, reminders: { sent, from } }, snapshot.settings);
  const notBefore = remindAt > nextLook ? remindAt : nextLook;
  return keep(round, { ...kept, sent, from, notBefore }, snapshot, work, changed);
}

/**
 * Tries the reminder again later. A call that met a rate limit was not carried out; one that was not answered may
 * have been.
 */
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
  logFailure('reminder postponed', round, error, work);
  return keep(round, { ...rest, ...(mayBeSent && { begunAt }), notBefore }, snapshot, work);
}

/**
 * Stops the reminders of this round: a missing scope, the bot or the person prevents them. The approval continues
 * without reminders.
 */
function stopReminders(
  round: Round,
  error: ChannelError,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const { begunAt: _, ...rest } = round.reminders;
  logFailure('reminders stopped', round, error, work);
  return keep(round, { ...rest, over: true }, snapshot, work);
}

const logFailure = (happening: string, { approvalId }: Round, error: ChannelError, work: Reconciling): void =>
  work.log(happening, { approvalId, ...errorFields(error) });

/** Stores the reminders, with the deadlines that follow from them. */
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

/** Changes the deadlines of a round to those of the settings. An earlier `checkAfter` stays. */
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
