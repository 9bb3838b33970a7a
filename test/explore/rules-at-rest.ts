import { isDeepStrictEqual } from 'node:util';
import { hashOfTask as hashOf } from '../card-reader/hashes.ts';
import type { StoredRecord } from '../support/core.ts';
import { asksForMore } from './card.ts';
import { PEOPLE } from './feishu.ts';
import { ASSIGNEE, CREATOR, recordOf, STAGES, stageOf } from './frabit.ts';
import { describeRound, isLive, isSilent, lastOf, type RoundFacts, roundsIn } from './rounds.ts';
import { type Instance, type State, TIMELINE_TYPES } from './state.ts';

/**
 * Checks the rules that hold once everything is delivered. Returns the first broken rule; undefined if there is none.
 */
export function brokenAtRest(state: State): string | undefined {
  const { tables, queue, instances } = state;
  if (queue.length > 0) return 'a hint still waits';
  const [image] = tables.issues;
  if (!image) return undefined;
  const record = recordOf(image.attributes);
  const rounds = roundsIn(tables.approvals.map(({ attributes }) => attributes));
  return (
    checkAuditTrail(instances, rounds) ??
    checkRounds(rounds) ??
    checkRecord(record, rounds) ??
    checkApprovedTasks(state, record, rounds) ??
    checkCurrentStage(state, record, rounds)
  );
}

/**
 * Looks only at decisions after the last CANCEL of an instance. An earlier one was made between our look and our
 * cancel, and the cancel reopened the instance.
 */
function checkAuditTrail(instances: readonly Instance[], rounds: readonly RoundFacts[]): string | undefined {
  for (const { code, uuid, timeline } of instances) {
    const decisions = rounds.find(({ approvalId }) => approvalId === uuid)?.decisions ?? [];
    const made = timeline
      .slice(timeline.findLastIndex(({ type }) => type === 'CANCEL') + 1)
      .filter(({ type }) => Object.values(TIMELINE_TYPES).includes(type));
    const lost = made.find(
      ({ type, openId }) =>
        !decisions.some(({ result, by }) => TIMELINE_TYPES[result] === type && by.userId === openId),
    );
    if (lost) return `every decision is in the audit trail: ${code} ${lost.type}`;
  }
  return undefined;
}

/** In this world Feishu knows every person and refuses nothing, so a round fails only if another person decided. */
function checkRounds(rounds: readonly RoundFacts[]): string | undefined {
  const failed = rounds.find(
    ({ state, decisions }) =>
      state === 'FAILED' && decisions.every(({ by }) => by.userId === PEOPLE[ASSIGNEE]),
  );
  if (failed) return `a round fails only if another person decided: ${describeRound(failed)}`;
  const ended = rounds.find(({ state }) => state === 'EXPIRED' || state === 'DELETED');
  if (ended) return `no round ends as EXPIRED or DELETED: ${describeRound(ended)}`;
  const unfinished = rounds.find(({ settle, remarks }) => settle || remarks.length > 0);
  return unfinished && `no cancel and no comment is left to do: ${describeRound(unfinished)}`;
}

function checkRecord(
  { stageApprovals = {} }: StoredRecord,
  rounds: readonly RoundFacts[],
): string | undefined {
  for (const stageId of STAGES) {
    const [last, written] = [lastOf(rounds, stageId), stageApprovals[stageId]];
    if (last?.state !== written?.state || !isDeepStrictEqual(last?.decisions, written?.decisions))
      return `the record shows the last round of each stage: ${last ? describeRound(last) : stageId}, shown as ${written?.state}`;
  }
  return undefined;
}

/** Checks that each task that may run was approved as it is: by a card, or in Frabit after the worker saw it ask. */
function checkApprovedTasks(
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
    if (unapproved)
      return `a task that changed after its approval is set back: ${stageId} ${unapproved.taskId}`;
  }
  return undefined;
}

function checkCurrentStage(
  { instances, history, rungStage }: State,
  record: StoredRecord,
  rounds: readonly RoundFacts[],
): string | undefined {
  const open = instances.filter(({ status }) => status === 'PENDING');
  const stage = stageOf(record, record.currentStageId);
  const isWanted = stage?.tasks.some(({ status }) => status === 'PENDING_APPROVAL') ?? false;
  const last = lastOf(rounds, stage?.stageId);
  const live = rounds.filter(isLive);
  const stray = open.find(({ uuid }) => !live.some(({ approvalId }) => approvalId === uuid));
  if (stray) return `every open card belongs to a live round: ${stray.code}`;
  if (!isWanted)
    return live.length > 0 ? `no round is live that is not wanted: ${live.map(describeRound)}` : undefined;
  const [card] = open;
  if (card && open.length === 1 && card.uuid === last?.approvalId && last.state === 'PENDING') {
    const isCurrent = !asksForMore(card.card, stage) && card.card.stage === stage?.title;
    const isAsked =
      card.tasks.some(({ status }) => status === 'PENDING') && card.approver === PEOPLE[ASSIGNEE];
    return isCurrent && isAsked
      ? undefined
      : `the open card asks the assignee for the present content: ${card.code}`;
  }
  const shown = instances.find(({ uuid }) => uuid === last?.approvalId)?.card;
  const { opened, closed } = history[stage?.stageId ?? ''] ?? {};
  const rings = closed?.rang && record.bell?.rungBy === CREATOR;
  if (record.approvalMode === 'BELL_ONLY' && open.length === 0 && live.length === 0) {
    const isAnswered = last && !(closed ?? opened)?.rang;
    const isRung = rungStage !== null && rungStage === record.currentStageId;
    return isRung && !isAnswered ? `a ring made at the stage is answered: ${stage?.stageId}` : undefined;
  }
  const isSilenced = last && isSilent(last) && !asksForMore(shown, stage) && !closed?.came && !rings;
  if (isSilenced && open.length === 0) return undefined;
  return `a wanted approval is sent: ${last ? describeRound(last) : 'no round'}`;
}
