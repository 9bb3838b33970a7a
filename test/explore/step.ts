import { type Action, performOn } from './actions.ts';
import type { Effect, Machine } from './machine.ts';
import { hashOf, normalise, numberAt, numbersOf, rankAt, renumber, settle } from './normalise.ts';
import { keepPast } from './past.ts';
import { headOf, type Message, type State } from './state.ts';

/**
 * Carries actions out, each once for all states in which it sees the same: most states differ only in what waits to be
 * delivered, and to the worker, to Frabit and to Feishu that makes no difference.
 */
export interface Steps {
  /** undefined: the state does not offer it. */
  take(state: State, action: Action): Promise<Step | undefined>;
  /** The worker's run, and the states in which it may be killed on the way. */
  work(state: State): Promise<Work | undefined>;
}

export interface Step {
  state: State;
  /** Rules that were broken on the way. */
  broken: readonly string[];
}

export interface Work extends Step {
  /** After each effect but the last. */
  killed: readonly State[];
  effects: readonly Effect[];
}

/** What an action has seen of a state is forgotten when there are so many. */
const MAX_KNOWN = 400_000;

export function createSteps(machine: Machine): Steps {
  const steps = new Map<string, Promise<Step | undefined>>();
  const works = new Map<string, Promise<Work>>();
  const once = <T>(known: Map<string, Promise<T>>, key: string, run: () => Promise<T>): Promise<T> => {
    const found = known.get(key);
    if (found) return found;
    if (known.size >= MAX_KNOWN) known.clear();
    const result = run();
    known.set(key, result);
    return result;
  };
  return {
    async take(state, action) {
      const seen = seenBy(action, state);
      const { small, inFull } = shrink(seen);
      const step = await once(steps, `${action}|${hashOf(small)}`, async () => {
        machine.restore(small);
        const isDone = await performOn(machine, action);
        return isDone ? { state: settle(machine.capture()), broken: [...machine.violations()] } : undefined;
      });
      return step && { state: merge(state, seen, inFull(step.state)), broken: step.broken };
    },
    async work(state) {
      const seen = seenBy('work', state);
      if (seen.queue.length === 0) return undefined;
      const { small, inFull } = shrink(seen);
      const work = await once(works, hashOf(small), async () => {
        machine.restore(small);
        const killed: State[] = [];
        const effects: Effect[] = [];
        await machine.work((effect) => {
          if (effects.length > 0) killed.push(settle(machine.capture()));
          effects.push(effect);
        });
        return { state: settle(machine.capture()), broken: [...machine.violations()], killed, effects };
      });
      return {
        ...work,
        state: merge(state, seen, inFull(work.state)),
        killed: work.killed.map((one) => merge(state, seen, inFull(one))),
      };
    },
  };
}

/** A part of a state in its own normal form, and the way back of what follows from it. */
function shrink(seen: State): { small: State; inFull: (after: State) => State } {
  const small = normalise(seen);
  const { sequence } = small.tables;
  const back = new Map<string, string>();
  for (const [at, number] of numbersOf(seen).entries()) back.set(numberAt(at + 1), number);
  const numberOf = (number: string) =>
    back.get(number) ?? numberAt(seen.tables.sequence + rankAt(number) - sequence);
  return { small, inFull: (after) => renumber(after, numberOf) };
}

const isOfWorker = (action: Action): boolean => /^(work|kill|during)/.test(action);

/** As much of a state as an action sees; what it leaves is added to the rest. */
function seenBy(action: Action, state: State): State {
  const none = { ...state, stream: [], queue: [], past: [], events: [] };
  const [what, which] = action.split('-');
  if (isOfWorker(action)) {
    const head = headOf(state);
    return { ...none, queue: head ? [head] : [] };
  }
  switch (what) {
    case 'deliver':
      return { ...none, ...NOTHING_READ, stream: state.stream.slice(0, 1) };
    case 'hear':
    case 'repeat': {
      const event = state.events.find(({ instanceCode }) => instanceCode === `INSTANCE-${which}`);
      return { ...none, instances: [], history: {}, events: event ? [event] : [] };
    }
    case 'lose':
    case 'redrive':
    case 'pass':
      return state;
    default:
      return none;
  }
}

/** A delivery only leads to a hint. */
const mayChangeTables = ({ stream, events }: State): boolean => stream.length === 0 && events.length === 0;

/** watch-issues is given all that it needs. */
const NOTHING_READ = {
  tables: { issues: [], approvals: [], sequence: 0 },
  instances: [],
  history: {},
} satisfies Partial<State>;

function merge(state: State, seen: State, after: State): State {
  if (seen === state) return normalise(after);
  const [head] = seen.queue;
  const [hidden] = head ? after.queue.filter(({ body }) => body === head.body) : [];
  const [event] = seen.events;
  const isKept = event && after.events.includes(event);
  const added = after.queue.filter((one) => one !== hidden);
  const others = state.queue.flatMap((one) => (one === head ? (hidden ? [hidden] : []) : [one]));
  const { tables, instances, history, rungAt, spare } = mayChangeTables(seen) ? after : state;
  const stream = [...state.stream.slice(seen.stream.length), ...after.stream];
  const queue = [...others, ...added];
  return normalise({
    ...after,
    tables,
    instances,
    history,
    rungAt,
    spare: stream.length + queue.length > 0 ? spare : {},
    stream,
    queue,
    past: after.past.reduce<readonly Message[]>(keepPast, state.past),
    events: isKept ? state.events : [...state.events.filter((one) => one !== event), ...after.events],
  });
}
