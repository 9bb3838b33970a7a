import type { TaskStatus } from '../../shared/issue/record.ts';
import { acts, PEOPLE } from './feishu.ts';
import {
  CREATOR,
  currentStage,
  editTask,
  MAX_RINGS,
  moveTo,
  type Position,
  recordOf,
  ring,
  STAGES,
  STRANGER,
  setTask,
} from './frabit.ts';
import type { Machine } from './machine.ts';
import { type FeishuEvent, nextDueIn, type State } from './state.ts';

/**
 * What can happen next. An action is a short text, which a story lists and a replay takes: `edit-1`, `approve-2` (the
 * second card), `kill-3` (the worker is gone after its third effect), `during-3-edit-1` (somebody is quicker than its
 * third effect).
 */
export type Action = string;

const POSITIONS: readonly Position[] = [1, 2];
const STATUSES: readonly TaskStatus[] = ['PENDING_APPROVAL', 'PENDING', 'CANCELED'];
const MAX_QUEUE = 4;

/** Everything but the worker's run. */
export function actionsIn(state: State): Action[] {
  const { stream, queue, past, events } = state;
  return [
    ...actsIn(state),
    ...(stream.length > 0 ? ['deliver'] : []),
    ...firstOf(events).flatMap(({ instanceCode, eventId }) => [
      `hear-${numberOf(instanceCode)}`,
      `lose-${numberOf(instanceCode)}`,
      // The queue drops it while one of the same id waits.
      ...(queue.some(({ body }) => body.includes(`"${eventId}"`))
        ? []
        : [`repeat-${numberOf(instanceCode)}`]),
    ]),
    ...past.flatMap(({ body }, at) =>
      queue.length < MAX_QUEUE && !queue.some((one) => one.body === body) ? [`redrive-${at + 1}`] : [],
    ),
    'sweep',
    ...(nextDueIn(state) === undefined ? [] : ['pass']),
  ];
}

/** What Frabit and people can do at this moment, also while the worker is at work. */
export function actsIn({ tables, instances }: State): Action[] {
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
        `retract-${numberOf(code)}`,
        ...(asked.length === 1 ? [`transfer-${numberOf(code)}`] : []),
      ]),
  ];
}

/** Of those, what may overtake the worker. */
export const meddlesIn = (state: State): Action[] =>
  actsIn(state).filter((action) => /^(edit-1|set-2-.*|go-.*|approve-\d+|reject-\d+)$/.test(action));

const numberOf = (instanceCode: string): number => Number(instanceCode.split('-')[1]);
const codeOf = (number: string | undefined): string => `INSTANCE-${number}`;

/** Feishu tells in order of each instance. */
function firstOf(events: readonly FeishuEvent[]): FeishuEvent[] {
  const seen = new Set<string>();
  return events.filter(({ instanceCode }) => !seen.has(instanceCode) && seen.add(instanceCode));
}

/** Carries an action out; false: this world does not offer it. */
export async function performOn(machine: Machine, action: Action): Promise<boolean> {
  const [what, first, ...rest] = action.split('-');
  switch (what) {
    case 'deliver':
      await machine.deliver();
      return true;
    case 'work':
      if (!machine.head()) return false;
      await machine.work();
      return true;
    case 'kill':
      return interrupt(machine, Number(first), undefined);
    case 'during':
      return interrupt(machine, Number(first), rest.join('-'));
    case 'hear':
    case 'lose':
    case 'repeat': {
      const event = firstOf(machine.feishu.events).find(({ instanceCode }) => instanceCode === codeOf(first));
      if (event && what !== 'lose') await machine.hear(event);
      if (event && what !== 'repeat') machine.lose(event);
      return event !== undefined;
    }
    case 'redrive': {
      const message = machine.capture().past[Number(first) - 1];
      if (message) machine.redrive(message);
      return message !== undefined;
    }
    case 'sweep':
      await machine.sweep();
      return true;
    case 'pass': {
      const due = nextDueIn(machine.capture());
      if (due !== undefined) machine.pass(due);
      return due !== undefined;
    }
    default:
      return act(machine, action);
  }
}

async function act(machine: Machine, action: Action): Promise<boolean> {
  if (!actsIn(machine.capture()).includes(action)) return false;
  const [what, first = '', second] = action.split('-');
  const record = machine.record();
  const { feishu } = machine;
  const position: Position = first === '2' ? 2 : 1;
  switch (what) {
    case 'edit':
      await machine.write(editTask(record, position));
      return true;
    case 'set': {
      const status = STATUSES.find((one) => one === second);
      if (status) await machine.write(setTask(record, position, status));
      return status !== undefined;
    }
    case 'go':
      await machine.write(moveTo(record, first));
      return true;
    case 'ring':
      await machine.write(ring(record, first === 'creator' ? CREATOR : STRANGER));
      return true;
    case 'approve':
      return acts.approve(feishu, codeOf(first), machine.at());
    case 'reject':
      return acts.reject(feishu, codeOf(first), machine.at());
    case 'retract':
      return acts.retract(feishu, codeOf(first), machine.at());
    case 'transfer':
      return acts.transfer(feishu, codeOf(first), machine.at(), PEOPLE[STRANGER]);
    default:
      return false;
  }
}

/** The worker's run as it was stopped after so many effects, or with somebody quicker than that effect. */
async function interrupt(machine: Machine, at: number, action: Action | undefined): Promise<boolean> {
  if (!machine.head()) return false;
  let stopped: State | undefined;
  let effects = 0;
  let isDone = false;
  await machine.work(async () => {
    effects += 1;
    if (action === undefined && effects === at + 1) stopped = machine.capture();
    if (action !== undefined && effects === at) isDone = await act(machine, action);
  });
  if (action !== undefined) return isDone;
  if (!stopped) return false;
  const broken = machine.violations();
  if (broken.length === 0) machine.restore(stopped);
  return true;
}
