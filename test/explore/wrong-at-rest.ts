import { isDeepStrictEqual } from 'node:util';
import { hashOfTask as hashOf } from '../card-reader/hashes.ts';
import type { StoredRecord } from '../support/core.ts';
import { PEOPLE } from './feishu.ts';
import { ASSIGNEE, CREATOR, recordOf, STAGES } from './frabit.ts';
import { isLive, isSilent, lastOf, type RoundFacts, roundsIn } from './rounds.ts';
import { asksForMore, describe, ENTRIES, stageOf } from './rules.ts';
import type { Instance, State } from './state.ts';

/** What must hold once everything is delivered: the first rule that the state breaks; undefined: it is at rest. */
export function wrongIn(state: State): string | undefined {
  const { tables, queue, instances } = state;
  if (queue.length > 0) return 'a hint waits';
  const [image] = tables.issues;
  if (!image) return undefined;
  const record = recordOf(image.attributes);
  const rounds = roundsIn(tables.approvals.map(({ attributes }) => attributes));
  return (
    wrongWithTaps(instances, rounds) ??
    wrongWithRounds(rounds) ??
    wrongWithRecord(record, rounds) ??
    wrongWithApproved(state, record, rounds) ??
    wrongWithCurrentStage(state, record, rounds)
  );
}

/** Before its last CANCEL an instance may only have been tapped between our look and our cancel, which reopened it. */
function wrongWithTaps(instances: readonly Instance[], rounds: readonly RoundFacts[]): string | undefined {
  for (const { code, uuid, timeline } of instances) {
    const decisions = rounds.find(({ approvalId }) => approvalId === uuid)?.decisions ?? [];
    const taps = timeline
      .slice(timeline.findLastIndex(({ type }) => type === 'CANCEL') + 1)
      .filter(({ type }) => Object.values(ENTRIES).includes(type));
    const lost = taps.find(
      ({ type, openId }) =>
        !decisions.some(({ result, by }) => ENTRIES[result] === type && by.userId === openId),
    );
    if (lost) return `every decision is in the audit trail: ${code} ${lost.type}`;
  }
  return undefined;
}

/** Everybody is known and Feishu refuses nothing: only a tap of somebody else fails. */
function wrongWithRounds(rounds: readonly RoundFacts[]): string | undefined {
  const failed = rounds.find(
    ({ state, decisions }) =>
      state === 'FAILED' && decisions.every(({ by }) => by.userId === PEOPLE[ASSIGNEE]),
  );
  if (failed) return `only a tap of somebody else fails: ${describe(failed)}`;
  const ended = rounds.find(({ state }) => state === 'EXPIRED' || state === 'DELETED');
  if (ended) return `nobody deletes a card, and no time limit ends one: ${describe(ended)}`;
  const owing = rounds.find(({ settle, remarks }) => settle || remarks.length > 0);
  return owing && `nothing is left to take back or to say: ${describe(owing)}`;
}

function wrongWithRecord(
  { stageApprovals = {} }: StoredRecord,
  rounds: readonly RoundFacts[],
): string | undefined {
  for (const stageId of STAGES) {
    const [last, told] = [lastOf(rounds, stageId), stageApprovals[stageId]];
    if (last?.state !== told?.state || !isDeepStrictEqual(last?.decisions, told?.decisions))
      return `the record tells the last request of each stage: ${last ? describe(last) : stageId}, told as ${told?.state}`;
  }
  return undefined;
}

/** What may run was approved as it stands: through us, or in Frabit since it was seen to ask. */
function wrongWithApproved(
  { instances, history }: State,
  { stages, approvedTasks = {} }: StoredRecord,
  rounds: readonly RoundFacts[],
): string | undefined {
  for (const { stageId, tasks } of stages) {
    const entry = approvedTasks[stageId];
    if (!entry) continue;
    const approving = lastOf(
      rounds.filter(({ state }) => state === 'APPROVED' || state === 'REVERTED'),
      stageId,
    );
    const card = instances.find(({ uuid }) => uuid === approving?.approvalId)?.card;
    const unapproved = tasks.find(
      (task, at) =>
        task.status === 'PENDING' &&
        entry[task.taskId] !== hashOf(task) &&
        !history[stageId]?.asked?.includes(task.statement ?? '') &&
        !(card?.tasks[at]?.sql === task.statement && card?.tasks[at]?.status === 'PENDING'),
    );
    if (unapproved) return `what changed after its approval is put back: ${stageId} ${unapproved.taskId}`;
  }
  return undefined;
}

function wrongWithCurrentStage(
  { instances, history, rungAt }: State,
  record: StoredRecord,
  rounds: readonly RoundFacts[],
): string | undefined {
  const open = instances.filter(({ status }) => status === 'PENDING');
  const stage = stageOf(record, record.currentStageId);
  const isWanted = stage?.tasks.some(({ status }) => status === 'PENDING_APPROVAL') ?? false;
  const last = lastOf(rounds, stage?.stageId);
  const live = rounds.filter(isLive);
  const stray = open.find(({ uuid }) => !live.some(({ approvalId }) => approvalId === uuid));
  if (stray) return `no card is left open that no live round knows: ${stray.code}`;
  if (!isWanted)
    return live.length > 0 ? `nothing stands that is not wanted: ${live.map(describe)}` : undefined;
  const [card] = open;
  if (card && open.length === 1 && card.uuid === last?.approvalId && last.state === 'PENDING') {
    const isRight = !asksForMore(card.card, stage) && card.card.stage === stage?.title;
    const isAsked =
      card.tasks.some(({ status }) => status === 'PENDING') && card.approver === PEOPLE[ASSIGNEE];
    return isRight && isAsked ? undefined : `the open card asks for what is wanted: ${card.code}`;
  }
  const shown = instances.find(({ uuid }) => uuid === last?.approvalId)?.card;
  const { opened, closed } = history[stage?.stageId ?? ''] ?? {};
  const rings = closed?.rang && record.bell?.rungBy === CREATOR;
  if (record.approvalMode === 'BELL_ONLY' && open.length === 0 && live.length === 0) {
    const isAnswered = last && !(closed ?? opened)?.rang;
    const isRung = rungAt !== null && rungAt === record.currentStageId;
    return isRung && !isAnswered ? `a ring made at the stage is answered: ${stage?.stageId}` : undefined;
  }
  const isSilenced = last && isSilent(last) && !asksForMore(shown, stage) && !closed?.came && !rings;
  if (isSilenced && open.length === 0) return undefined;
  return `what is wanted is asked for: ${last ? describe(last) : 'never'}`;
}
