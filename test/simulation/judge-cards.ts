import type { Instance } from '../../infra/local/feishu-simulator/world.ts';
import type { Round } from '../../shared/approval/round.ts';
import { readImage } from '../../shared/runtime/attribute-values.ts';
import { compareCard } from '../card-reader/compare.ts';
import type { StoredRecord } from '../support/core.ts';
import { readingsOf } from './read-cards.ts';
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
      if (round) judgeCard(world, instance, round);
    }
  };
}

function judgeCard(world: World, instance: Instance, { approvalId, subject, triggers }: Round): void {
  const broken = (detail: string) => violated('a card shows the record that it was made from', detail);
  const image = world.composedFrom.get(approvalId);
  // As Frabit wrote it, and the core found it valid.
  const record = image && (readImage(image) as unknown as StoredRecord);
  const stage = record?.stages.find(({ stageId }) => stageId === subject.id);
  if (!record || !stage) throw broken('there is no such stage');
  for (const card of readingsOf(world, instance)) {
    const [difference] = compareCard(card, record, stage);
    if (difference) throw broken(`${card.wording} ${card.level}: ${difference}`);
    if (card.reasons.some((reason) => !triggers.includes(reason)) || card.reasons.length < 1)
      throw broken('it says another reason');
  }
  const asked = world.tenant.world.people.byEmail(record.assignee?.email ?? '')?.openId;
  if (instance.tasks[0]?.openId !== asked) throw broken('somebody else is asked');
}
