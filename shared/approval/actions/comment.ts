import {
  type CloseReason,
  COMMENT_KINDS,
  type CommentKind,
  type Ending,
} from '../../issue/approval-words.ts';
import { isKnown } from '../../runtime/stored.ts';
import { type CommentDetails, errorFields, isChannelError } from '../channels/channel.ts';
import { channelOf } from '../channels/create-channels.ts';
import { latestRound } from '../plan/latest-round.ts';
import { isLive, pendingComments, type Round } from '../plan/round.ts';
import { commentPause, MAX_COMMENT_TRIES, schedule } from '../plan/schedule.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import { type ActionResult, change, LATER, type Reconciling, roundOf } from './action-result.ts';
import { successorOf } from './decide.ts';

/**
 * Posts the remarks in the outbox that the instance does not show yet; never in the way of anything. There is no key
 * that would keep a repeated comment from appearing twice (docs/feishu.md 3.8), so the try is stored before it is made:
 * of two workers only one speaks, and before the first try nothing of ours can be there, so the instance is not read.
 */
export async function comment(
  approvalId: string,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const round = withPresentSuccessor(roundOf(snapshot, approvalId), snapshot);
  const remarks = pendingComments(round);
  const { comments } = channelOf(round, work);
  if (!comments?.canWrite(round, snapshot)) return posted(round, remarks, work);
  let begun = round;
  try {
    const texts = remarks.map((one) => comments.textOf(one, detailsOf(round)));
    const missing = round.remarkTries === 0 ? texts : await comments.findMissing(round, texts);
    if (missing.length > 0) begun = await work.store.save(round, triedOnceMore(round, work.now()));
    for (const text of missing) await comments.write(round, text, snapshot);
    return posted(begun, remarks, work);
  } catch (error) {
    if (!isChannelError(error)) throw error;
    work.log('comment failed', { approvalId, ...errorFields(error) });
    // Give up only if Feishu was reachable and refused: if not even the instance can be read, the app may come back.
    const refused = error.code === 'REFUSED' || (error.code === 'SETUP' && begun !== round);
    if (refused && round.remarkTries >= MAX_COMMENT_TRIES) return posted(begun, remarks, work);
    await work.store.save(begun, triedOnceMore(round, work.now(), error.retryAfterSeconds, begun));
    return LATER;
  }
}

/**
 * Names who is asked by now: the request that followed may have failed, or another one may have followed it. After the
 * first try the text stays, or it would not be found on the card.
 */
function withPresentSuccessor(round: Round, { rounds }: Snapshot): Round {
  if (!round.successor || round.remarkTries > 0) return round;
  const { successor: _, ...rest } = round;
  const standing = latestRound(rounds, round.subject);
  return standing && isLive(standing) ? { ...rest, ...successorOf(standing) } : rest;
}

const detailsOf = (round: Round): CommentDetails => ({
  reason: withdrawalReason(round),
  successor: round.successor?.email,
});

/** Why the card of a closed round was withdrawn. */
function withdrawalReason({ state, closeReason }: Round): CloseReason | Ending | undefined {
  switch (state) {
    case 'WITHDRAWN':
    case 'REQUESTED':
    case 'PENDING':
    case 'APPROVED':
      return closeReason;
    case 'REJECTED':
    case 'CANCELED':
    case 'EXPIRED':
    case 'DELETED':
    case 'REVERTED':
    case 'FAILED':
      return state;
    default:
      return state satisfies never;
  }
}

/** `tried`: counted from here; `stored`: what else the round has come to since. */
function triedOnceMore(tried: Round, now: Date, leastSeconds = 0, stored: Round = tried): Round {
  const remarkTries = tried.remarkTries + 1;
  const pause = Math.max(commentPause(remarkTries), leastSeconds * 1_000);
  const remarkAfter = new Date(now.getTime() + pause).toISOString();
  return schedule({ ...stored, remarkTries, remarkAfter }, now);
}

async function posted(
  round: Round,
  remarks: readonly CommentKind[],
  work: Reconciling,
): Promise<ActionResult> {
  const { remarkAfter: _, ...rest } = round;
  const left = round.remarks.filter((one) => !isKnown(COMMENT_KINDS, one));
  const after: Partial<Round> = { remarks: left, remarked: [...round.remarked, ...remarks], remarkTries: 0 };
  await work.store.save(round, change(rest, after, work.now()));
  return LATER;
}
