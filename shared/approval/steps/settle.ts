import { isFeishuError } from '../../feishu/errors.ts';
import { remarkText } from '../../feishu/messages.ts';
import { isChannelError, refOf } from '../channels/channel.ts';
import { channelOf } from '../channels/channel-of.ts';
import { appOf } from '../channels/feishu-app.ts';
import type { Remark, Round } from '../round.ts';
import { isSearchedEnough, MAX_REMARK_TRIES, remarkPause, schedule } from '../schedule.ts';
import type { Snapshot } from '../snapshot.ts';
import { addRemark, keepLate } from './decide.ts';
import {
  ANSWERED,
  change,
  LATER,
  LOOKED,
  type Outcome,
  type Reconciling,
  roundOf,
  setBack,
  takeSlot,
} from './outcome.ts';

/**
 * Closes what a closed round may have left open: finds it by our id, takes it back, leaves a word
 * (DESIGN, "The plan"; LESSONS row 34). One that is seen to stand open is never given up while its app is there; one
 * that is not found is, after as many tries as there are pauses.
 */
export async function settle(approvalId: string, snapshot: Snapshot, work: Reconciling): Promise<Outcome> {
  const round = roundOf(snapshot, approvalId);
  try {
    const found = await channelOf(round, work).look(round, snapshot);
    if (!found?.ours) return tryOrGiveUp(round, work);
    const known: Round = { ...round, ...found.ref };
    const { verdict } = found;
    switch (verdict.kind) {
      case 'APPROVED':
      case 'REJECTED':
        return settled(round, tellLate(keepLate(known, verdict.decision)), work);
      case 'CANCELED':
      case 'DELETED':
      case 'EXPIRED':
        return settled(round, known, work);
      case 'UNDECIDED': {
        const told = verdict.now === 'RETURNED' ? keepLate(known, verdict.decision) : known;
        return await cancelLeftOver(round, told, snapshot, work);
      }
      default:
        return verdict satisfies never;
    }
  } catch (error) {
    return settleLater(round, error, snapshot, work);
  }
}

/** Out of reach is no try, unless it is for good: the app is no longer the team's, and its keys are refused. */
function settleLater(round: Round, error: unknown, snapshot: Snapshot, work: Reconciling): Promise<Outcome> {
  if (!isChannelError(error)) throw error;
  if (channelOf(round, work).isLostForGood(round, error, snapshot)) return tryOrGiveUp(round, work);
  return error.code === 'REFUSED' ? again(round, work) : setBack(round, error, 'cancel', work);
}

async function cancelLeftOver(
  round: Round,
  known: Round,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<Outcome> {
  const channel = channelOf(round, work);
  if (!channel.canWithdraw(known)) return tryOrGiveUp(round, work);
  const slot = await takeSlot(round, 'cancel', work);
  if ('wait' in slot) return slot.wait;
  await channel.withdraw(known, snapshot);
  const told = addRemark(known, 'WITHDRAWN');
  if (channel.trustsWithdrawal) return settled(round, { ...told, takenBack: true }, work);
  // Who approves in this moment has it opened again by our cancel.
  const after = await channel.look(known, snapshot);
  return after?.verdict.kind === 'UNDECIDED' ? tryLater(round, work, told) : settled(round, told, work);
}

/** That a decision came too late, unless it was this very one that counted. */
const tellLate = (round: Round): Round =>
  round.decisions.some(({ applied }) => applied) ? round : addRemark(round, 'LATE_DECISION');

async function settled(round: Round, known: Round, work: Reconciling): Promise<Outcome> {
  const { settle: _, ...rest } = known;
  await work.store.save(round, change(rest, LOOKED, work.now()));
  work.note('settled', { approvalId: round.approvalId, ref: refOf(known) });
  return LATER;
}

const again = (round: Round, work: Reconciling): Promise<Outcome> =>
  round.settle?.what === 'OPEN' ? tryLater(round, work) : tryOrGiveUp(round, work);

const tryOrGiveUp = (round: Round, work: Reconciling): Promise<Outcome> =>
  isSearchedEnough(round, work.now()) ? settled(round, round, work) : tryLater(round, work);

async function tryLater(round: Round, work: Reconciling, known: Round = round): Promise<Outcome> {
  const { what = 'UNKNOWN', tries = 0 } = round.settle ?? {};
  const changes: Partial<Round> = { ...ANSWERED, settle: { what, tries: tries + 1 } };
  await work.store.save(round, change(known, changes, work.now()));
  return LATER;
}

/**
 * Posts the remarks in the outbox that the instance does not show yet; never in the way of anything. There is no key
 * that would keep a repeated comment from appearing twice (FEISHU 3.8), so the try is stored before it is made: of
 * two workers only one speaks.
 */
export async function remark(approvalId: string, snapshot: Snapshot, work: Reconciling): Promise<Outcome> {
  const round = roundOf(snapshot, approvalId);
  const author = authorOf(round, snapshot);
  const { instanceCode } = round;
  if (!instanceCode || !author) return posted(round, round.remarks, work);
  const app = appOf(round);
  let begun = round;
  try {
    const instance = await work.feishu.getInstance(app, instanceCode);
    const texts = round.remarks.map((one) => remarkText(one, { reason: round.closeReason }));
    const missing = texts.filter((text) => !instance?.comments.includes(text));
    if (missing.length > 0) begun = await work.store.save(round, triedOnceMore(round, work.now()));
    for (const text of missing) await work.feishu.addComment(app, { instanceCode, author, text });
    return posted(begun, round.remarks, work);
  } catch (error) {
    if (!isFeishuError(error)) throw error;
    work.note('remark failed', { approvalId, code: error.code, feishuCode: error.feishuCode });
    // Refused is a comment that Feishu was there for; where not even the instance can be read, the app may come back.
    const refused = error.code === 'REFUSED' || (error.code === 'SETUP' && begun !== round);
    if (refused && round.remarkTries >= MAX_REMARK_TRIES) return posted(begun, round.remarks, work);
    await work.store.save(begun, triedOnceMore(round, work.now(), error.retryAfterSeconds, begun));
    return LATER;
  }
}

/** `tried`: counted from here; `stored`: what else the round has come to since. */
function triedOnceMore(tried: Round, now: Date, leastSeconds = 0, stored: Round = tried): Round {
  const remarkTries = tried.remarkTries + 1;
  const pause = Math.max(remarkPause(remarkTries), leastSeconds * 1_000);
  const remarkAfter = new Date(now.getTime() + pause).toISOString();
  return schedule({ ...stored, remarkTries, remarkAfter }, now);
}

/** The bot speaks; for a round of an app before, whoever asked. */
const authorOf = (round: Round, { settings }: Snapshot): string | undefined =>
  settings && settings.appId === round.appId ? settings.bot.openId : round.requester.userId;

async function posted(round: Round, remarks: readonly Remark[], work: Reconciling): Promise<Outcome> {
  const { remarkAfter: _, ...rest } = round;
  const after: Partial<Round> = { remarks: [], remarked: [...round.remarked, ...remarks], remarkTries: 0 };
  await work.store.save(round, change(rest, after, work.now()));
  return LATER;
}
