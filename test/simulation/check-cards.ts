import type { Instance } from '../../infra/local/simulators/feishu/world.ts';
import type { Round } from '../../shared/approval/plan/round.ts';
import { readImage } from '../../shared/runtime/attribute-values.ts';
import { compareCard } from '../card-reader/compare.ts';
import { compareChanges } from '../card-reader/compare-changes.ts';
import type { StoredRecord } from '../support/core.ts';
import { readingsOf } from './card-contents.ts';
import { violated } from './violation.ts';
import type { World } from './world.ts';

/** Returns a checker that compares each new card once with the record that its request was composed from. */
export function createCardChecker(world: World): (rounds: readonly Round[]) => void {
  const checked = new Set<string>();
  return (rounds) => {
    for (const instance of world.tenant.world.instances.values()) {
      if (checked.has(instance.instanceCode)) continue;
      checked.add(instance.instanceCode);
      const round = rounds.find((one) => one.approvalId.toLowerCase() === instance.uuid?.toLowerCase());
      if (round) checkCard(world, instance, round, rounds);
    }
  };
}

function checkCard(world: World, instance: Instance, round: Round, rounds: readonly Round[]): void {
  const broken = (detail: string) => violated('a card shows the record that it was composed from', detail);
  const now = recordOf(world, round);
  if (!now) throw broken('the record has no such stage');
  const { issue: record, stage } = now;
  const { triggers } = round;
  const before = recordsBefore(world, round, rounds);
  for (const card of readingsOf(world, instance)) {
    const [difference] = compareCard(card, record, stage);
    if (difference) throw broken(`${card.wording} ${card.level}: ${difference}`);
    const errors = before.map((earlier) => compareChanges(card, earlier, now)[0]);
    if (errors.every((one) => one !== undefined))
      throw violated(
        'a card shows what has changed since the card before',
        `${card.wording} ${card.level}: ${errors[0]}`,
      );
    if (card.reasons.some((reason) => !triggers.includes(reason)) || card.reasons.length < 1)
      throw broken('it shows another trigger');
  }
  const asked = world.tenant.world.people.byEmail(record.assignee?.email ?? '')?.openId;
  if (instance.tasks[0]?.openId !== asked) throw broken('it asks somebody else');
}

/** The record and stage that a request was composed from. */
function recordOf(world: World, { approvalId, subject }: Round) {
  const image = world.composedFrom.get(approvalId);
  // Frabit wrote it, and the product found it valid.
  const issue = image && (readImage(image) as unknown as StoredRecord);
  const stage = issue?.stages.find(({ stageId }) => stageId === subject.id);
  return issue && stage && { issue, stage };
}

/**
 * The records that the request before may have been composed from: that of the last request that became a card, and those
 * of the requests since then that may have become one. Undefined in the list: there may be no earlier request.
 */
function recordsBefore(world: World, round: Round, rounds: readonly Round[]) {
  const { issueId, subject, generation } = round;
  const earlier = rounds
    .filter((one) => one.issueId === issueId && one.subject.id === subject.id && one.generation < generation)
    .filter((one) => one.subject.kind === subject.kind && one.attempted)
    .sort((one, other) => other.generation - one.generation);
  // A refused or unanswered request may become a card after the next one is composed.
  const last = earlier.findIndex((one) => one.sentAt !== undefined && isCard(world, one));
  const candidates = last === -1 ? earlier : earlier.slice(0, last + 1);
  return [...candidates.map((one) => recordOf(world, one)), ...(last === -1 ? [undefined] : [])];
}

const isCard = (world: World, { approvalId }: Round): boolean =>
  [...world.tenant.world.instances.values()].some(
    ({ uuid }) => uuid?.toLowerCase() === approvalId.toLowerCase(),
  );
