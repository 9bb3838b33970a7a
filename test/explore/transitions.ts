import type { Action } from './actions.ts';
import { keepForRedelivery } from './handled-hints.ts';
import { hashOf, internParts, normalise, positionAt, positionsOf, rankOf, renumber } from './normalise.ts';
import { performAction } from './perform-action.ts';
import type { Effect, SmallWorld } from './small-world.ts';
import { headOf, type Message, type State } from './state.ts';

/**
 * Performs actions and caches their results. Most states differ only in what waits for delivery, which makes no
 * difference to the worker, to Frabit and to Feishu. So an action runs once for all states whose relevant parts are
 * equal.
 */
export interface Transitions {
  /** Performs an action. Returns undefined if it is not possible in the state. */
  act(state: State, action: Action): Promise<Transition | undefined>;
  /** Runs the worker. Returns undefined if no message waits. */
  work(state: State): Promise<WorkerRun | undefined>;
}

export interface Transition {
  state: State;
  /** Rules that were broken by the action. */
  broken: readonly string[];
}

interface WorkerRun extends Transition {
  /** The states in which the worker can be killed: after each effect but the last. */
  killed: readonly State[];
  effects: readonly Effect[];
}

/** The cache is emptied when it has this many entries. */
const MAX_CACHED = 400_000;

export function createTransitions(world: SmallWorld): Transitions {
  const acts = new Map<string, Promise<Transition | undefined>>();
  const runs = new Map<string, Promise<WorkerRun>>();
  const once = <T>(known: Map<string, Promise<T>>, key: string, run: () => Promise<T>): Promise<T> => {
    const found = known.get(key);
    if (found) return found;
    if (known.size >= MAX_CACHED) known.clear();
    const result = run();
    known.set(key, result);
    return result;
  };
  return {
    async act(state, action) {
      const seen = seenBy(action, state);
      const { small, inFull } = shrink(seen);
      const transition = await once(acts, `${action}|${hashOf(small)}`, async () => {
        world.restore(small);
        const isDone = await performAction(world, action);
        return isDone ? { state: internParts(world.capture()), broken: [...world.violations()] } : undefined;
      });
      return transition && { state: merge(state, seen, inFull(transition.state)), broken: transition.broken };
    },
    async work(state) {
      const seen = seenBy('work', state);
      if (seen.queue.length === 0) return undefined;
      const { small, inFull } = shrink(seen);
      const work = await once(runs, hashOf(small), async () => {
        world.restore(small);
        const killed: State[] = [];
        const effects: Effect[] = [];
        await world.work((effect) => {
          if (effects.length > 0) killed.push(internParts(world.capture()));
          effects.push(effect);
        });
        return { state: internParts(world.capture()), broken: [...world.violations()], killed, effects };
      });
      return {
        ...work,
        state: merge(state, seen, inFull(work.state)),
        killed: work.killed.map((one) => merge(state, seen, inFull(one))),
      };
    },
  };
}

/**
 * Returns a part of a state in its own normal form, and a function that restores the positions in what follows from it.
 */
function shrink(seen: State): { small: State; inFull: (after: State) => State } {
  const small = normalise(seen);
  const { sequence } = small.tables;
  const back = new Map<string, string>();
  for (const [at, number] of positionsOf(seen).entries()) back.set(positionAt(at + 1), number);
  const positionOf = (number: string) =>
    back.get(number) ?? positionAt(seen.tables.sequence + rankOf(number) - sequence);
  return { small, inFull: (after) => renumber(after, positionOf) };
}

const isWorkerAction = (action: Action): boolean => /^(work|kill|during)/.test(action);

/** Returns the parts of a state that an action reads. */
function seenBy(action: Action, state: State): State {
  const none = { ...state, stream: [], queue: [], handled: [], events: [] };
  const [what, which] = action.split('-');
  if (isWorkerAction(action)) {
    const head = headOf(state);
    return { ...none, queue: head ? [head] : [] };
  }
  switch (what) {
    case 'deliver':
      return { ...none, ...NOTHING_READ, stream: state.stream.slice(0, 1) };
    case 'receive':
    case 'repeat': {
      const event = state.events.find(({ instanceCode }) => instanceCode === `INSTANCE-${which}`);
      return { ...none, instances: [], history: {}, events: event ? [event] : [] };
    }
    case 'lose':
    case 'redeliver':
    case 'pass':
      return state;
    default:
      return none;
  }
}

/** Returns false for deliveries: they only send a hint. */
const mayChangeTables = ({ stream, events }: State): boolean => stream.length === 0 && events.length === 0;

/** watch-issues reads nothing but the change. */
const NOTHING_READ = {
  tables: { issues: [], approvals: [], sequence: 0 },
  instances: [],
  history: {},
} satisfies Partial<State>;

/** Adds the result of an action to the parts that it did not read. */
function merge(state: State, seen: State, after: State): State {
  if (seen === state) return normalise(after);
  const [head] = seen.queue;
  const [hidden] = head ? after.queue.filter(({ body }) => body === head.body) : [];
  const [event] = seen.events;
  const isKept = event && after.events.includes(event);
  const added = after.queue.filter((one) => one !== hidden);
  const others = state.queue.flatMap((one) => (one === head ? (hidden ? [hidden] : []) : [one]));
  const { tables, instances, history, rungStage, unaskedArrivals } = mayChangeTables(seen) ? after : state;
  const stream = [...state.stream.slice(seen.stream.length), ...after.stream];
  const queue = [...others, ...added];
  return normalise({
    ...after,
    tables,
    instances,
    history,
    rungStage,
    unaskedArrivals: stream.length + queue.length > 0 ? unaskedArrivals : {},
    stream,
    queue,
    handled: after.handled.reduce<readonly Message[]>(keepForRedelivery, state.handled),
    events: isKept ? state.events : [...state.events.filter((one) => one !== event), ...after.events],
  });
}
