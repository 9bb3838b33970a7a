import type { Action } from './actions.ts';
import { hashOf, normalise } from './normalise.ts';
import { headOf, type State } from './state.ts';
import type { Steps } from './step.ts';
import { wrongIn } from './wrong-at-rest.ts';

/** Once faults stop, reality equals the plan: everything is delivered, time passes, and what is wanted stands. */

/** More than any state of this world needs. */
const MAX_STEPS = 200;
const MAX_PASSES = 12;
/** How often time passes at least, also from a state at rest: what is due then must not break anything. */
const MIN_PASSES = 3;

export interface Drained {
  /** What is wrong in the end. */
  wrong: string | undefined;
  /** The hashes of the states on the way to the first at which nothing was to be delivered. */
  passed: readonly string[];
}

/** Drains a state to rest. `restful`: states, by hash, from which rest was reached before; one of them ends the walk. */
export async function drain(
  start: State,
  steps: Steps,
  restful: ReadonlySet<string> = new Set(),
): Promise<Drained> {
  let state = start;
  let passes = 0;
  const passed = [hashOf(start)];
  const stood = new Set<string>();
  const take = async (action: Action): Promise<string | undefined> => {
    const step = action === 'work' ? await steps.work(state) : await steps.take(state, action);
    state = step?.state ?? state;
    return step?.broken[0];
  };
  for (let count = 0; count < MAX_STEPS; count++) {
    const next = nextIn(state);
    if (next === undefined) {
      state = withoutPast(state);
      const hash = hashOf(state);
      if (restful.has(hash)) return { wrong: undefined, passed };
      if (passes === 0) passed.push(hash);
      const wrong = wrongIn(state);
      // Once time changes nothing, it never will.
      if (passes >= (wrong === undefined ? MIN_PASSES : MAX_PASSES) || stood.has(hash))
        return { wrong, passed };
      stood.add(hash);
      passes += 1;
      const broken = (await take('pass')) ?? (await take('sweep'));
      if (broken !== undefined) return { wrong: broken, passed };
    } else {
      const broken = await take(next);
      if (broken !== undefined) return { wrong: broken, passed };
      const hash = hashOf(state);
      if (restful.has(hash)) return { wrong: undefined, passed };
      if (passes === 0) passed.push(hash);
    }
  }
  return { wrong: 'it never comes to rest', passed };
}

/** What may be redriven makes no difference here: most states share the one in which they come to rest. */
const withoutPast = (state: State): State =>
  state.past.length > 0 ? normalise({ ...state, past: [] }) : state;

/** What is delivered first; any order would do. */
export function nextIn(state: State): Action | undefined {
  if (state.stream.length > 0) return 'deliver';
  const [event] = state.events;
  if (event) return `hear-${event.instanceCode.split('-')[1]}`;
  return headOf(state) && 'work';
}
