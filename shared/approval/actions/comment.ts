import {
  type CloseReason,
  COMMENT_KINDS,
  type CommentKind,
  type Ending,
} from '../../issue/approval-words.ts';
import { isKnown } from '../../runtime/stored-items.ts';
import { type CommentDetails, errorFields, isChannelError } from '../channels/channel.ts';
import { channelOf } from '../channels/create-channels.ts';
import { latestRound } from '../plan/latest-round.ts';
import { isLive, pendingComments, type Round } from '../plan/round.ts';
import { commentPause, MAX_COMMENT_TRIES, schedule } from '../plan/schedule.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import { type ActionResult, change, LATER, type Reconciling, roundOf } from './action-result.ts';
import { successorOf } from './decide.ts';

/**
 * Posts the pending comments that the instance does not show yet. It never delays anything else. Feishu has no key
 * that keeps a repeated comment from appearing twice (docs/feishu.md 3.8), so each try is stored before it is made:
 * of two workers only one posts. Before the first try, none of our comments can be there, so the instance is not
 * read.
 */
export async function comment(
  approvalId: string,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const round = withPresentSuccessor(roundOf(snapshot, approvalId), snapshot);
  const kinds = pendingComments(round);
  const { comments } = channelOf(round, work);
  if (!comments?.canWrite(round, snapshot)) return markPosted(round, kinds, work);
  let begun = round;
  try {
    const texts = kinds.map((one) => comments.textOf(one, detailsOf(round)));
    const missing = round.remarkTries === 0 ? texts : await comments.findMissing(round, texts);
    if (missing.length > 0) begun = await work.store.save(round, triedOnceMore(round, work.now()));
    for (const text of missing) await comments.write(round, text, snapshot);
    return markPosted(begun, kinds, work);
  } catch (error) {
    if (!isChannelError(error)) throw error;
    work.log('comment failed', { approvalId, ...errorFields(error) });
    // Gives up only if Feishu could be reached and refused. If not even the instance can be read, the app may come
    // back.
    const refused = error.code === 'REFUSED' || (error.code === 'SETUP' && begun !== round);
    if (refused && round.remarkTries >= MAX_COMMENT_TRIES) return markPosted(begun, kinds, work);
    await work.store.save(begun, triedOnceMore(round, work.now(), error.retryAfterSeconds, begun));
    return LATER;
  }
}

/**
 * Updates the successor that the comment names: the request that followed may have failed, or another one may have
 * replaced it. After the first try the text must not change, or it would not be found on the card.
 */
function withPresentSuccessor(round: Round, { rounds }: Snapshot): Round {
  if (!round.successor || round.remarkTries > 0) return round;
  const { successor: _, ...rest } = round;
  const present = latestRound(rounds, round.subject);
  return present && isLive(present) ? { ...rest, ...successorOf(present) } : rest;
}

const detailsOf = (round: Round): CommentDetails => ({
  reason: withdrawalReason(round),
  successor: round.successor?.email,
});

/** Returns why the card of a closed round was withdrawn. */
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

/**
 * Returns the round with one more try counted. `tried`: the round whose tries are counted. `stored`: the round as it
 * is in the table now.
 */
function triedOnceMore(tried: Round, now: Date, leastSeconds = 0, stored: Round = tried): Round {
  const remarkTries = tried.remarkTries + 1;
  const pause = Math.max(commentPause(remarkTries), leastSeconds * 1_000);
  const remarkAfter = new Date(now.getTime() + pause).toISOString();
  return schedule({ ...stored, remarkTries, remarkAfter }, now);
}

async function markPosted(
  round: Round,
  kinds: readonly CommentKind[],
  work: Reconciling,
): Promise<ActionResult> {
  const { remarkAfter: _, ...rest } = round;
  const newerKinds = round.remarks.filter((one) => !isKnown(COMMENT_KINDS, one));
  const after: Partial<Round> = {
    remarks: newerKinds,
    remarked: [...round.remarked, ...kinds],
    remarkTries: 0,
  };
  await work.store.save(round, change(rest, after, work.now()));
  return LATER;
}
