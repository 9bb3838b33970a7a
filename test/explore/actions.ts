import type { TaskStatus } from '../../shared/issue/record.ts';
import { currentStage, MAX_RINGS, type Position, recordOf, STAGES } from './frabit.ts';
import { type FeishuEvent, nextDueIn, type State } from './state.ts';

/**
 * One thing that can happen next, as a short text; a story is a list of them. Examples: `edit-1` · `approve-2` (the
 * second card) · `kill-3` (the worker dies after its third effect) · `during-3-edit-1` (Frabit edits just before the
 * third effect). Not an action of the plan.
 */
export type Action = string;

const POSITIONS: readonly Position[] = [1, 2];
export const STATUSES: readonly TaskStatus[] = ['PENDING_APPROVAL', 'PENDING', 'CANCELED'];
const MAX_QUEUE = 4;

/** Returns every possible action but those of the worker. */
export function actionsIn(state: State): Action[] {
  const { stream, queue, handled, events } = state;
  return [
    ...outsideActionsIn(state),
    ...(stream.length > 0 ? ['deliver'] : []),
    ...firstOf(events).flatMap(({ instanceCode, eventId }) => [
      `receive-${numberOf(instanceCode)}`,
      `lose-${numberOf(instanceCode)}`,
      // The queue drops a message while one with the same deduplication id waits.
      ...(queue.some(({ body }) => body.includes(`"${eventId}"`))
        ? []
        : [`repeat-${numberOf(instanceCode)}`]),
    ]),
    ...handled.flatMap(({ body }, at) =>
      queue.length < MAX_QUEUE && !queue.some((one) => one.body === body) ? [`redeliver-${at + 1}`] : [],
    ),
    'sweep',
    ...(nextDueIn(state) === undefined ? [] : ['pass']),
  ];
}

/** Returns what Frabit and people can do now, also while the worker runs. */
export function outsideActionsIn({ tables, instances }: State): Action[] {
  const record = recordOf(tables.issues[0]?.attributes ?? {});
  const tasks = currentStage(record)?.tasks ?? [];
  const mayRing = (record.bell?.seq ?? 0) < MAX_RINGS;
  return [
    ...POSITIONS.map((position) => `edit-${position}`),
    ...POSITIONS.flatMap((position) =>
      STATUSES.filter((status) => tasks[position - 1]?.status !== status).map(
        (status) => `set-${position}-${status}`,
      ),
    ),
    ...STAGES.filter((stageId) => stageId !== record.currentStageId).map((stageId) => `go-${stageId}`),
    ...(mayRing ? ['ring-creator', 'ring-stranger'] : []),
    ...instances
      .filter(({ status }) => status === 'PENDING')
      .flatMap(({ code, tasks: asked }) => [
        `approve-${numberOf(code)}`,
        `reject-${numberOf(code)}`,
        `withdraw-${numberOf(code)}`,
        ...(asked.length === 1 ? [`transfer-${numberOf(code)}`] : []),
      ]),
  ];
}

/** Returns those of the outside actions that a search with `--races` tries in the middle of the worker's run. */
export const racingActionsIn = (state: State): Action[] =>
  outsideActionsIn(state).filter((action) => /^(edit-1|set-2-.*|go-.*|approve-\d+|reject-\d+)$/.test(action));

/** Returns the oldest event of each instance. Feishu sends the events of one instance in order. */
export function firstOf(events: readonly FeishuEvent[]): FeishuEvent[] {
  const seen = new Set<string>();
  return events.filter(({ instanceCode }) => !seen.has(instanceCode) && seen.add(instanceCode));
}

const numberOf = (instanceCode: string): number => Number(instanceCode.split('-')[1]);
