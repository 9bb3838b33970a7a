import { type Action, firstOf, outsideActionsIn, STATUSES } from './actions.ts';
import { inbox, PEOPLE } from './feishu.ts';
import { CREATOR, editTask, moveTo, type Position, ring, STRANGER, setTaskStatus } from './frabit.ts';
import type { SmallWorld } from './small-world.ts';
import { nextDueIn, type State } from './state.ts';

/** Performs an action. Returns false if the action is not possible. */
export async function performAction(world: SmallWorld, action: Action): Promise<boolean> {
  const [what, first, ...rest] = action.split('-');
  switch (what) {
    case 'deliver':
      await world.deliver();
      return true;
    case 'work':
      if (!world.head()) return false;
      await world.work();
      return true;
    case 'kill':
      return interruptWorker(world, Number(first), undefined);
    case 'during':
      return interruptWorker(world, Number(first), rest.join('-'));
    case 'receive':
    case 'lose':
    case 'repeat': {
      const event = firstOf(world.feishu.events).find(({ instanceCode }) => instanceCode === codeOf(first));
      if (event && what !== 'lose') await world.receive(event);
      if (event && what !== 'repeat') world.lose(event);
      return event !== undefined;
    }
    case 'redeliver': {
      const message = world.capture().handled[Number(first) - 1];
      if (message) world.redeliver(message);
      return message !== undefined;
    }
    case 'sweep':
      await world.sweep();
      return true;
    case 'pass': {
      const due = nextDueIn(world.capture());
      if (due !== undefined) world.pass(due);
      return due !== undefined;
    }
    default:
      return performOutside(world, action);
  }
}

async function performOutside(world: SmallWorld, action: Action): Promise<boolean> {
  if (!outsideActionsIn(world.capture()).includes(action)) return false;
  const [what, first = '', second] = action.split('-');
  const record = world.record();
  const { feishu } = world;
  const position: Position = first === '2' ? 2 : 1;
  switch (what) {
    case 'edit':
      await world.write(editTask(record, position));
      return true;
    case 'set': {
      const status = STATUSES.find((one) => one === second);
      if (status) await world.write(setTaskStatus(record, position, status));
      return status !== undefined;
    }
    case 'go':
      await world.write(moveTo(record, first));
      return true;
    case 'ring':
      await world.write(ring(record, first === 'creator' ? CREATOR : STRANGER));
      return true;
    case 'approve':
      return inbox.approve(feishu, codeOf(first), world.at());
    case 'reject':
      return inbox.reject(feishu, codeOf(first), world.at());
    case 'withdraw':
      return inbox.withdraw(feishu, codeOf(first), world.at());
    case 'transfer':
      return inbox.transfer(feishu, codeOf(first), world.at(), PEOPLE[STRANGER]);
    default:
      return false;
  }
}

/** Runs the worker and kills it after effect `at`, or performs an outside action just before effect `at`. */
async function interruptWorker(world: SmallWorld, at: number, action: Action | undefined): Promise<boolean> {
  if (!world.head()) return false;
  let killed: State | undefined;
  let effects = 0;
  let isDone = false;
  await world.work(async () => {
    effects += 1;
    if (action === undefined && effects === at + 1) killed = world.capture();
    if (action !== undefined && effects === at) isDone = await performOutside(world, action);
  });
  if (action !== undefined) return isDone;
  if (!killed) return false;
  const broken = world.violations();
  if (broken.length === 0) world.restore(killed);
  return true;
}

const codeOf = (number: string | undefined): string => `INSTANCE-${number}`;
