import type { Action } from './actions.ts';
import { PEOPLE } from './feishu.ts';
import { ASSIGNEE, CREATOR, recordOf } from './frabit.ts';
import { isLive, isSilent, type RoundFacts, roundsIn } from './rounds.ts';
import { asksForMore, describe, stageOf } from './rules.ts';
import { headOf, type State } from './state.ts';
import type { Steps } from './step.ts';

/** Once faults stop, reality equals the plan: everything is delivered, time passes, and what is wanted stands. */

/** More than any state of this world needs. */
const MAX_STEPS = 200;
const MAX_WAITS = 12;

/**
 * Drains a state to rest. `isKnown` is asked for each state on the way: one from which rest was reached before ends
 * the walk. Resolves to what is wrong in the end, if anything.
 */
export async function drain(
  start: State,
  steps: Steps,
  isKnown: (state: State) => boolean,
): Promise<string | undefined> {
  let state = start;
  let waits = 0;
  const take = async (action: Action): Promise<string | undefined> => {
    const step = action === 'work' ? await steps.work(state) : await steps.take(state, action);
    state = step?.state ?? state;
    return step?.broken[0];
  };
  for (let count = 0; count < MAX_STEPS; count++) {
    const next = nextIn(state);
    if (next === undefined) {
      const wrong = wrongIn(state);
      if (wrong === undefined || waits >= MAX_WAITS) return wrong;
      waits += 1;
      const broken = (waits > 1 ? await take('pass') : undefined) ?? (await take('sweep'));
      if (broken !== undefined) return broken;
    } else {
      const broken = await take(next);
      if (broken !== undefined) return broken;
      if (waits === 0 && isKnown(state)) return undefined;
    }
  }
  return 'it never comes to rest';
}

/** What is delivered first; any order would do. */
export function nextIn(state: State): Action | undefined {
  if (state.stream.length > 0) return 'deliver';
  const [event] = state.events;
  if (event) return `hear-${event.instanceCode.split('-')[1]}`;
  return headOf(state) && 'work';
}

/** What is wrong in a state in which nothing is to be delivered any more; undefined: it is at rest. */
export function wrongIn({ tables, queue, instances, history }: State): string | undefined {
  if (queue.length > 0) return 'a hint waits';
  const [image] = tables.issues;
  if (!image) return undefined;
  const record = recordOf(image.attributes);
  const rounds = roundsIn(tables.approvals.map(({ attributes }) => attributes));
  const unheard = instances.find(({ uuid, status }) =>
    isUnheard(
      status,
      rounds.find(({ approvalId }) => approvalId === uuid),
    ),
  );
  if (unheard) return `every decision is in the audit trail: ${unheard.code} ${unheard.status}`;
  const open = instances.filter(({ status }) => status === 'PENDING');
  const stage = stageOf(record, record.currentStageId);
  const isWanted = stage?.tasks.some(({ status }) => status === 'PENDING_APPROVAL') ?? false;
  const ofStage = rounds.filter(({ subject }) => subject.id === stage?.stageId);
  const last = ofStage.sort((a, b) => b.generation - a.generation)[0];
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
  const closed = history[stage?.stageId ?? '']?.closed;
  const rings = closed?.rang && record.bell?.rungBy === CREATOR;
  if (record.approvalMode === 'BELL_ONLY' && open.length === 0 && live.length === 0) return undefined;
  const isSilenced = last && isSilent(last) && !asksForMore(shown, stage) && !closed?.came && !rings;
  if (isSilenced && open.length === 0) return undefined;
  return `what is wanted is asked for: ${last ? describe(last) : 'never'}`;
}

const isUnheard = (status: string, round: RoundFacts | undefined): boolean =>
  (status === 'APPROVED' || status === 'REJECTED') && round?.decisions[0]?.result !== status;
