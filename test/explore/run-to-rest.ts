import type { Action } from './actions.ts';
import { hashOf, normalise } from './normalise.ts';
import { brokenAtRest } from './rules-at-rest.ts';
import { headOf, type State } from './state.ts';
import type { Transitions } from './transitions.ts';

/** Tests the promise that, once faults stop, the approvals are as the plan wants them. */

/** More than any state of this world needs. */
const MAX_TRANSITIONS = 200;
const MAX_PASSES = 12;
/** How many times time passes at least, also from a state at rest, because what becomes due can break a rule. */
const MIN_PASSES = 3;

export interface RestResult {
  /** The rule that is broken at the end, if any. */
  broken: string | undefined;
  /** Hashes of the states up to the first one in which nothing waits for delivery. */
  passed: readonly string[];
}

/**
 * Delivers everything and lets time pass until the state no longer changes.
 * @param knownToRest hashes of states that came to rest before; the run stops when it meets one of them
 */
export async function runToRest(
  start: State,
  transitions: Transitions,
  knownToRest: ReadonlySet<string> = new Set(),
): Promise<RestResult> {
  let state = start;
  let passes = 0;
  const passed = [hashOf(start)];
  const seenAtRest = new Set<string>();
  const act = async (action: Action): Promise<string | undefined> => {
    const transition =
      action === 'work' ? await transitions.work(state) : await transitions.act(state, action);
    state = transition?.state ?? state;
    return transition?.broken[0];
  };
  for (let count = 0; count < MAX_TRANSITIONS; count++) {
    const next = nextDeliveryIn(state);
    if (next === undefined) {
      state = withoutHandled(state);
      const hash = hashOf(state);
      if (knownToRest.has(hash)) return { broken: undefined, passed };
      if (passes === 0) passed.push(hash);
      const broken = brokenAtRest(state);
      // The state has been here before: more time changes nothing.
      if (passes >= (broken === undefined ? MIN_PASSES : MAX_PASSES) || seenAtRest.has(hash))
        return { broken, passed };
      seenAtRest.add(hash);
      passes += 1;
      const brokenByTime = (await act('pass')) ?? (await act('sweep'));
      if (brokenByTime !== undefined) return { broken: brokenByTime, passed };
    } else {
      const broken = await act(next);
      if (broken !== undefined) return { broken, passed };
      const hash = hashOf(state);
      if (knownToRest.has(hash)) return { broken: undefined, passed };
      if (passes === 0) passed.push(hash);
    }
  }
  return { broken: 'the world never comes to rest', passed };
}

/** Forgets the hints that could be delivered again: without them most runs meet in the same state. */
const withoutHandled = (state: State): State =>
  state.handled.length > 0 ? normalise({ ...state, handled: [] }) : state;

/** Returns the next delivery; undefined if nothing waits. The order does not matter here. */
export function nextDeliveryIn(state: State): Action | undefined {
  if (state.stream.length > 0) return 'deliver';
  const [event] = state.events;
  if (event) return `receive-${event.instanceCode.split('-')[1]}`;
  return headOf(state) && 'work';
}
