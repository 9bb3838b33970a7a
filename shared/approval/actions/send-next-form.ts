import { type ChannelError, type Composed, errorFields, type Participants } from '../channels/channel.ts';
import { channelOf } from '../channels/create-channels.ts';
import { type Round, refusedForms, repeatedTriggers, type SentForm } from '../plan/round.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import type { SentRequest } from '../store/store.ts';
import {
  type ActionResult,
  AGAIN,
  ANSWERED,
  change,
  fail,
  leftoverIf,
  type Reconciling,
  recordSetback,
} from './action-result.ts';
import { successorOf } from './decide.ts';
import { newRound } from './open.ts';

/**
 * What happens after a create that was refused or not answered: which form of the card is sent next, and when a round
 * gives up (ADR 13).
 */

/** How many creates must be answered with 1395001, and for how long, before it can count as more than an outage. */
const DOUBTFUL_TRIES = 5;
const DOUBTFUL_MS = 60 * 60_000;
/** How many rounds in a row may find their uuid taken. After that, Feishu itself is at fault. */
const MAX_CONFLICTS = 3;
/** How long a GET may lag behind a create that has taken the uuid. */
const MAY_LAG_MS = 45_000;

/** A create that is about to be made. */
export interface Attempt {
  /** The round as it will be if the create succeeds: without the slot that the create uses up. */
  round: Round;
  /** The round as it is in the table: the condition of the next write. */
  stored: Round;
  request: SentRequest;
  /** An earlier create with this uuid was not answered: the instance may exist unseen, or may still be created. */
  mayExist: boolean;
  /** The people were looked up in this very action. */
  peopleAreFresh: boolean;
}

/** What the send of a form starts from: the round as it will be, the round as it is in the table, and the people. */
export interface Beginning {
  stored: Round;
  round: Round;
  people: Participants;
}

/** Stores what will be sent, and by whom, before it is sent. `ended`: no form is left, and the round is closed. */
export async function beginForm(
  { stored, round, people }: Beginning,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<{ round: Round; stored: Round; request: SentRequest } | { ended: ActionResult }> {
  const { approvers, requester } = people;
  const composed = await channelOf(round, work).compose(round, people, snapshot);
  if ('none' in composed)
    return { ended: await closeWithoutForm(composed, { ...round, approvers, requester }, stored, work) };
  const { request, form, cover } = composed;
  const forms = form ? [...round.forms, form] : round.forms;
  const begun = change(round, { approvers, requester, attempted: true, forms, ...cover }, work.now());
  const saved = await work.store.save(stored, begun, request);
  return { round: saved, stored: saved, request };
}

/** Closes a round that has no form left to send. `changes` are stored as well. */
async function closeWithoutForm(
  { none }: Extract<Composed, { none: unknown }>,
  round: Round,
  stored: Round,
  work: Reconciling,
  changes: Partial<Round> = {},
): Promise<ActionResult> {
  if (none === 'REFUSED') {
    const detail = round.forms.at(-1)?.refusal;
    return fail(round, stored, { kind: 'REFUSED', detail }, work, changes);
  }
  const now = work.now();
  const closed = {
    state: 'WITHDRAWN',
    closeReason: 'TOO_LARGE_TO_SHOW',
    closedAt: now.toISOString(),
  } as const;
  // An earlier error does not explain this end.
  const { error: _, ...rest } = round;
  await work.store.save(stored, change(rest, { ...changes, ...closed, setbacks: 0 }, now));
  work.log('approval not sent', { approvalId: round.approvalId, reason: closed.closeReason });
  return AGAIN;
}

/**
 * Sends another form after a definite refusal of the parameters: under the same uuid if no instance can exist under
 * it, otherwise in a new round.
 */
export async function tryAnotherForm(
  attempt: Attempt,
  error: ChannelError,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const refused = withRefusal(attempt, error);
  if (attempt.mayExist) return sendInNewRound(refused, attempt.stored, snapshot, work);
  const { error: _, ...rest } = refused;
  await work.store.save(attempt.stored, change(rest, ANSWERED, work.now()));
  work.log('form refused', {
    approvalId: refused.approvalId,
    ...aboutForm(refused),
    ...errorFields(error),
  });
  return AGAIN;
}

/**
 * Handles creates that got no clear answer and whose instance was not found.
 * @param doubtful how many of them were answered with 1395001
 */
export async function afterNoAnswer(
  attempt: Attempt,
  error: ChannelError,
  doubtful: number,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const { round, stored } = attempt;
  if (error.code === 'UUID_CONFLICT') return afterConflict(attempt, error, snapshot, work);
  if (!channelOf(round, work).isDoubtful(error)) {
    return recordSetback(stored, error, 'create', snapshot, work, { doubts: undefined });
  }

  const since = round.doubts?.since ?? work.now().toISOString();
  const doubts = { ...round.doubts, since, tries: (round.doubts?.tries ?? 0) + doubtful };
  const doubted = await resolveDoubt({ ...attempt, round: { ...round, doubts } }, error, snapshot, work);
  return doubted ?? recordSetback(stored, error, 'create', snapshot, work, { doubts });
}

/** Handles a uuid that is taken although GET finds no instance. GET may lag at first. */
async function afterConflict(
  attempt: Attempt,
  error: ChannelError,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const { round, stored } = attempt;
  const conflicts = (round.resumed?.conflicts ?? 0) + 1;
  const conflictAt = round.conflictAt ?? work.now().toISOString();
  const mayLag = work.now().getTime() - Date.parse(conflictAt) < MAY_LAG_MS;
  if (mayLag || conflicts > MAX_CONFLICTS)
    return recordSetback(stored, error, 'create', snapshot, work, { conflictAt });
  return openNext(round, stored, { refused: refusedForms(round), conflicts }, snapshot, work);
}

/**
 * Decides what 1395001 means: an outage, or "check the parameters". It counts as a refusal in two cases: creates of
 * this round got it several times while another create of the app passed; or for an hour, and no create as large as
 * this one has ever passed. Returns undefined while it counts as an outage.
 */
async function resolveDoubt(
  attempt: Attempt,
  error: ChannelError,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult | undefined> {
  const { round, stored } = attempt;
  const { doubts } = round;
  if (!doubts || doubts.tries < DOUBTFUL_TRIES) return undefined;
  const now = work.now();
  const isLong = now.getTime() - Date.parse(doubts.since) >= DOUBTFUL_MS;
  const passed = await channelOf(round, work).passed(round, lastForm(attempt), doubts.since);
  const othersPass = passed.since;
  if (!othersPass && !(isLong && !passed.asLarge)) return undefined;

  // An hour of 1395001 proves nothing about the form. Otherwise an outage would shorten the cards of a whole week.
  const refused = withRefusal(attempt, error, othersPass ? {} : { doubtful: true });
  const next = await channelOf(refused, work).compose(refused, refused, snapshot);
  if ('request' in next) return openAfter(refused, stored, snapshot, work);
  return isLong && othersPass ? closeWithoutForm(next, refused, stored, work, leftoverIf(true)) : undefined;
}

async function sendInNewRound(
  refused: Round,
  stored: Round,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const next = await channelOf(refused, work).compose(refused, refused, snapshot);
  if ('none' in next) return closeWithoutForm(next, refused, stored, work, leftoverIf(true));
  return openAfter(refused, stored, snapshot, work);
}

const openAfter = (
  refused: Round,
  stored: Round,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> => {
  const conflicts = refused.resumed?.conflicts ?? 0;
  return openNext(refused, stored, { refused: refusedForms(refused), conflicts }, snapshot, work);
};

/**
 * Closes a round whose request may exist unseen, and opens one that continues with the next form under a new uuid.
 */
async function openNext(
  round: Round,
  stored: Round,
  resumed: NonNullable<Round['resumed']>,
  snapshot: Snapshot,
  work: Reconciling,
): Promise<ActionResult> {
  const { subject, generation, approvalId } = round;
  const triggers = repeatedTriggers(round);
  const opened = newRound({ subject, triggers, generation: generation + 1 }, snapshot, work);
  const next: Round = { ...opened, resumed };
  const now = work.now();
  const closed: Partial<Round> = {
    ...ANSWERED,
    ...successorOf(next),
    ...leftoverIf(true),
    state: 'WITHDRAWN',
    closeReason: 'RESENT',
    closedAt: now.toISOString(),
  };
  const { error: _, ...rest } = round;
  await work.store.open(next, { before: stored, after: change(rest, closed, now) });
  work.log('approval sent again under another id', { approvalId, ...aboutForm(round) });
  return AGAIN;
}

const aboutForm = ({ forms }: Round): { form: string | undefined; wording: string | undefined } => {
  const form = forms.at(-1);
  return { form: form?.level, wording: form?.wording };
};

/**
 * Returns the form that was sent last. Requests of the previous version do not name their form: it was a full one
 * with keys.
 */
function lastForm({ round, request }: Attempt): SentForm {
  const last = round.forms.at(-1);
  if (last) return last;
  const { form, i18nResources } = 'form' in request ? request : { form: '', i18nResources: [] };
  const bytes = Buffer.byteLength(JSON.stringify({ form, i18nResources }));
  return { level: 'FULL', wording: 'KEYS', bytes, whole: false };
}

const withRefusal = (
  attempt: Attempt,
  { message }: ChannelError,
  how: Pick<SentForm, 'doubtful'> = {},
): Round => ({
  ...attempt.round,
  forms: [...attempt.round.forms.slice(0, -1), { ...lastForm(attempt), refusal: message, ...how }],
});

/**
 * Whether the last create was definitely not carried out and no earlier one is unanswered. Then it is sent again
 * without a look.
 */
export const isUnsent = ({ forms }: Round): boolean => forms.at(-1)?.unsent === true;

/** Returns the change that marks the last form as not sent, after a rate limit or a set-up problem. */
export const markUnsent = ({ stored, mayExist }: Attempt): Partial<Round> =>
  mayExist || stored.forms.length === 0
    ? {}
    : {
        forms: stored.forms.map((form, at, all) =>
          at === all.length - 1 ? { ...form, unsent: true } : form,
        ),
      };

/** Returns the round as it is while its last form is being sent. */
export const markSending = (round: Round): Round => ({
  ...round,
  forms: round.forms.map(({ unsent: _, ...form }) => form),
});
