import { isDeepStrictEqual } from 'node:util';
import type { Instance } from '../../infra/local/simulators/feishu/world.ts';
import { isLive, type Round } from '../../shared/approval/plan/round.ts';
import { isFeishuError } from '../../shared/feishu/errors.ts';
import { AppError } from '../../shared/runtime/errors.ts';
import { openApprovals, openInstances } from './act-as-people.ts';
import { hasCutWarning } from './card-contents.ts';
import { createCardChecker } from './check-cards.ts';
import { checkOurWrite } from './check-our-writes.ts';
import { describeRound } from './describe-round.ts';
import { wasDecidedAtOa } from './oa-decisions.ts';
import { violated } from './violation.ts';
import type { World } from './world.ts';

/** Returns a checker of what must hold at every moment (docs/design.md 9: 1, 2 and 4). */
export function createInvariantChecker(world: World) {
  let seen = 0;
  const states = new Map<string, Round>();
  const checkCutForms = createCutFormChecker(world);
  const checkCards = createCardChecker(world);

  return {
    check() {
      for (const change of world.changes.slice(seen)) checkOurWrite(world, change);
      seen = world.changes.length;
      const rounds = world.rounds();
      checkCards(rounds);
      checkHistory(rounds, states);
      const [lost] = world.lostUpdates;
      if (lost) throw violated('no write of a round overwrites another one', lost);
      checkOneLive(rounds);
      checkOpenCards(world, rounds);
      checkDecisions(world, rounds);
      checkFeishu(world, rounds);
      checkCutForms(rounds);
      checkTriggers(world, rounds);
      checkFailures(world);
    },
  };
}

/** Rounds are never deleted, closed rounds stay closed, and decisions never change. */
function checkHistory(rounds: readonly Round[], before: Map<string, Round>): void {
  const now = new Map(rounds.map((round) => [round.approvalId, round]));
  for (const [approvalId, old] of before) {
    const round = now.get(approvalId);
    if (!round) throw violated('a round is never deleted', approvalId);
    const reopened = !isLive(old) && isLive(round);
    const changed = !isLive(old) && round.state !== old.state && !isAllowedAfterClosing(old, round);
    if (reopened || changed)
      throw violated('a closed round stays closed', `${old.state} became ${round.state}`);
    if (old.decisions.length > 0 && !isDeepStrictEqual(old.decisions, round.decisions)) {
      throw violated('a decision is written once', approvalId);
    }
    if (round.content !== old.content) throw violated('the content of a round never changes', approvalId);
  }
  for (const round of rounds) before.set(round.approvalId, round);
}

const isAllowedAfterClosing = (old: Round, round: Round): boolean =>
  old.state === 'APPROVED' && round.state === 'REVERTED';

function checkOneLive(rounds: readonly Round[]): void {
  const live = rounds.filter(isLive).map(({ issueId, subject }) => JSON.stringify([issueId, subject]));
  const twice = live.find((subject, index) => live.indexOf(subject) !== index);
  if (twice) throw violated('a subject has at most one live round', twice);
}

export const roundOfInstance = (rounds: readonly Round[], instance: Instance): Round | undefined =>
  rounds.find(({ approvalId }) => approvalId.toLowerCase() === instance.uuid?.toLowerCase());

/** Every open card belongs to a live round, or to a round that still closes its leftover (`settle`). */
function checkOpenCards(world: World, rounds: readonly Round[]): void {
  for (const instance of openInstances(world)) {
    const round = roundOfInstance(rounds, instance);
    if (!round) throw violated('every instance belongs to a round', instance.instanceCode);
    const known = isLive(round) || round.settle !== undefined;
    // Only an event says that a time limit was lifted.
    if (!known && !world.limitLifted.has(instance.instanceCode))
      throw violated('every open card has a live round or is being closed', describeRound(round));
  }
  for (const { approvalId } of openApprovals(world)) {
    const round = rounds.find((one) => one.approvalId === approvalId);
    if (!round || !(isLive(round) || round.settle))
      throw violated('every open approval of the OA has a live round or is being closed', approvalId);
  }
}

const ENTRIES_OF: Record<Round['decisions'][number]['result'], readonly string[]> = {
  APPROVED: ['PASS', 'AUTO_PASS'],
  REJECTED: ['REJECT', 'AUTO_REJECT', 'ROLLBACK'],
};

/** The person whom a decision names made it, in Feishu or at the OA. */
function checkDecisions(world: World, rounds: readonly Round[]): void {
  const { tenant } = world;
  for (const round of rounds) {
    if (round.decisions.length > 1) throw violated('a round has at most one decision', describeRound(round));
    const [decision] = round.decisions;
    if (!decision) continue;
    const instance = tenant.world.instances.get(round.instanceCode ?? '');
    const made =
      round.channel === 'EXTERNAL'
        ? wasDecidedAtOa(world, round, decision)
        : instance?.timeline.some(
            ({ type, openId }) =>
              ENTRIES_OF[decision.result].includes(type) && openId === (decision.by.userId ?? ''),
          );
    if (!made) throw violated('every decision was made by the person whom it names', describeRound(round));
  }
}

/** While the settings refuse cut cards, no round that was opened since is sent as a cut card. */
function createCutFormChecker(world: World): (rounds: readonly Round[]) => void {
  let refusedSince: number | undefined;
  const seen = new Set<string>();
  return (rounds) => {
    const since = refusedSince;
    refusedSince = isCutRefused(world) ? (refusedSince ?? world.clock.now()) : undefined;
    for (const instance of world.tenant.world.instances.values()) {
      if (seen.has(instance.instanceCode)) continue;
      seen.add(instance.instanceCode);
      const { requestedAt = '' } = roundOfInstance(rounds, instance) ?? {};
      const isSince = since !== undefined && refusedSince !== undefined && Date.parse(requestedAt) > since;
      if (isSince && hasCutWarning(world, instance)) {
        throw violated('no cut card is sent while the settings refuse it', instance.instanceCode);
      }
    }
  };
}

const isCutRefused = ({ dynamo }: World): boolean =>
  dynamo.items('approvals').some(({ cutForms }) => cutForms?.S === 'refuse');

/** Cancels, closed rounds, comments and reminders fit what happened in Feishu. */
function checkFeishu(world: World, rounds: readonly Round[]): void {
  const { tenant, withdrawnByPeople, closedByLimit, cancelsWithoutLook, workersOverlapped } = world;
  const [blind] = cancelsWithoutLook;
  if (blind) throw violated('the product cancels only an instance that it has just seen open', blind);
  for (const round of rounds) {
    if (round.state === 'CANCELED' && !withdrawnByPeople.has(round.instanceCode ?? '')) {
      throw violated('a CANCELED round was withdrawn in Feishu by its initiator', describeRound(round));
    }
    if (round.state === 'EXPIRED' && !closedByLimit.has(round.instanceCode ?? '')) {
      throw violated('an EXPIRED round was closed by a time limit', describeRound(round));
    }
  }
  for (const { comments } of tenant.world.instances.values()) {
    const texts = comments.map(({ text }) => text);
    // Comments have no idempotency key. Only the queue prevents that two workers add one comment.
    if (!workersOverlapped && new Set(texts).size < texts.length)
      throw violated('nothing is sent twice', 'a comment');
  }
  const reminders = tenant.world.messages.map(({ uuid }) => uuid ?? '');
  if (new Set(reminders).size < reminders.length) throw violated('nothing is sent twice', 'a reminder');
  const approvals = Map.groupBy(reminders, (uuid) => uuid.slice(0, 36));
  if ([...approvals.values()].some(({ length }) => length > 3)) {
    throw violated('an approver is reminded at most three times', 'a fourth reminder');
  }
}

/** A round follows another one of its subject only after a trigger, or after an obstacle is gone. */
function checkTriggers(world: World, rounds: readonly Round[]): void {
  for (const round of rounds) {
    const before = rounds.find(
      (one) =>
        one.issueId === round.issueId &&
        isDeepStrictEqual(one.subject, round.subject) &&
        one.generation === round.generation - 1,
    );
    if (before && !isCaused(world, before, round) && !isOfAnotherArrival(world, before, round, rounds)) {
      throw violated(
        'nothing is sent again without a trigger',
        `${describeRound(before)} then ${describeRound(round)}`,
      );
    }
  }
}

/** Reasons for which a round is closed and sent again without a change by Frabit. */
const REASONS_WITHOUT_FRABIT: readonly (string | undefined)[] = ['DISABLED', 'RESENT', 'TOO_LARGE_TO_SHOW'];

/** Whether the settings, an unknown approver, a change by Frabit or a ring of the creator explains a further round. */
function isCaused({ changes, changesAtOpening }: World, before: Round, round: Round): boolean {
  if (REASONS_WITHOUT_FRABIT.includes(before.closeReason)) return true;
  if (before.error?.code === 'ASSIGNEE_NOT_IN_FEISHU') return true;
  const written = changes
    .slice(changesAtOpening.get(before.approvalId), changesAtOpening.get(round.approvalId))
    .filter(({ by, issueId }) => by === 'FRABIT' && issueId === round.issueId);
  if (written.some(({ before: old, after }) => !isDeepStrictEqual(withoutBell(old), withoutBell(after))))
    return true;
  return written
    .filter(({ before: old, after }) => !isDeepStrictEqual(old?.bell, after?.bell))
    .some(({ after }) => after?.bell?.M?.rungBy?.S?.toLowerCase() === after?.creator?.M?.email?.S);
}

/**
 * Whether the round answers an arrival of its own. Each arrival sends the stage once, and its hint may come after a later
 * arrival has opened a round.
 */
function isOfAnotherArrival(
  { changes, changesAtOpening }: World,
  before: Round,
  round: Round,
  rounds: readonly Round[],
): boolean {
  const { issueId, subject, generation, arrival } = round;
  if (subject.kind !== 'STAGE' || arrival === before.arrival) return false;
  const isHere = (image: World['changes'][number]['after']) => image?.currentStageId?.S === subject.id;
  const arrivals = changes
    .slice(0, changesAtOpening.get(round.approvalId))
    .filter((change) => change.by === 'FRABIT' && change.issueId === issueId)
    .filter((change) => isHere(change.after) && !isHere(change.before));
  const sentFor = rounds
    .filter((one) => one.issueId === issueId && isDeepStrictEqual(one.subject, subject))
    .filter((one) => one.generation <= generation);
  return new Set(sentFor.map((one) => one.arrival)).size <= arrivals.length;
}

function withoutBell(image: World['changes'][number]['after']) {
  const { bell: _, version: __, ...rest } = image ?? {};
  return rest;
}

/** A handler fails only because of a fault outside, after which a retry can succeed. */
function checkFailures({ failures, laggingReads, queue }: World): void {
  for (const failure of failures.splice(0)) {
    // Others always wrote first. The next delivery of the message reads what they wrote.
    const overtaken = failure instanceof AppError && failure.code === 'STALE';
    if (!overtaken && !isLostConnection(failure) && !isFeishuError(failure)) {
      throw violated('a handler fails only because of a fault outside', String(failure));
    }
  }
  const [lagging] = laggingReads;
  if (lagging) throw violated('reads of our tables are strongly consistent', lagging);
  const [dead] = queue.deadLetters();
  if (dead) throw violated('no message becomes a dead letter', dead.group);
}

/** Whether the cause is the connection error of `call-interceptor.ts`. */
const isLostConnection = (failure: unknown): boolean =>
  failure instanceof Error && (failure.name === 'TimeoutError' || isLostConnection(failure.cause));
