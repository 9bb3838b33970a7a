import type { Instance } from '../../infra/local/simulators/feishu/world.ts';
import type { Round } from '../../shared/approval/plan/round.ts';
import { readImage } from '../../shared/runtime/attribute-values.ts';
import { compareCard } from '../card-reader/compare.ts';
import { compareChanges } from '../card-reader/compare-changes.ts';
import type { StoredRecord } from '../support/core.ts';
import { readingsOf } from './card-contents.ts';
import { violated } from './violation.ts';
import type { World } from './world.ts';

/** Judges every card once, when it is first seen at Feishu, by the record that its request was composed from. */
export function createCardJudge(world: World): (rounds: readonly Round[]) => void {
  const judged = new Set<string>();
  return (rounds) => {
    for (const instance of world.tenant.world.instances.values()) {
      if (judged.has(instance.instanceCode)) continue;
      judged.add(instance.instanceCode);
      const round = rounds.find((one) => one.approvalId.toLowerCase() === instance.uuid?.toLowerCase());
      if (round) judgeCard(world, instance, round, rounds);
    }
  };
}

function judgeCard(world: World, instance: Instance, round: Round, rounds: readonly Round[]): void {
  const broken = (detail: string) => violated('a card shows the record that it was made from', detail);
  const now = momentOf(world, round);
  if (!now) throw broken('there is no such stage');
  const { issue: record, stage } = now;
  const { triggers } = round;
  const before = momentsBefore(world, round, rounds);
  for (const card of readingsOf(world, instance)) {
    const [difference] = compareCard(card, record, stage);
    if (difference) throw broken(`${card.wording} ${card.level}: ${difference}`);
    const untrue = before.map((moment) => compareChanges(card, moment, now)[0]);
    if (untrue.every((one) => one !== undefined))
      throw violated(
        'a card says what has changed since the card before',
        `${card.wording} ${card.level}: ${untrue[0]}`,
      );
    if (card.reasons.some((reason) => !triggers.includes(reason)) || card.reasons.length < 1)
      throw broken('it says another reason');
  }
  const asked = world.tenant.world.people.byEmail(record.assignee?.email ?? '')?.openId;
  if (instance.tasks[0]?.openId !== asked) throw broken('somebody else is asked');
}

/** What a request was composed from. */
function momentOf(world: World, { approvalId, subject }: Round) {
  const image = world.composedFrom.get(approvalId);
  // As Frabit wrote it, and the core found it valid.
  const issue = image && (readImage(image) as unknown as StoredRecord);
  const stage = issue?.stages.find(({ stageId }) => stageId === subject.id);
  return issue && stage && { issue, stage };
}

/**
 * What the request before may have been composed from: the last one that is a card, or one since then of which nobody
 * knew whether it had become one. Undefined: there was none.
 */
function momentsBefore(world: World, round: Round, rounds: readonly Round[]) {
  const { issueId, subject, generation } = round;
  const earlier = rounds
    .filter((one) => one.issueId === issueId && one.subject.id === subject.id && one.generation < generation)
    .filter((one) => one.subject.kind === subject.kind && one.attempted)
    .sort((one, other) => other.generation - one.generation);
  // One that was refused, or never answered, may become a card when the next one is composed already.
  const last = earlier.findIndex((one) => one.sentAt !== undefined && isCard(world, one));
  const candidates = last === -1 ? earlier : earlier.slice(0, last + 1);
  return [...candidates.map((one) => momentOf(world, one)), ...(last === -1 ? [undefined] : [])];
}

const isCard = (world: World, { approvalId }: Round): boolean =>
  [...world.tenant.world.instances.values()].some(
    ({ uuid }) => uuid?.toLowerCase() === approvalId.toLowerCase(),
  );
