import type { Action } from './actions.ts';
import { normalise } from './normalise.ts';
import { nextDeliveryIn } from './run-to-rest.ts';
import type { SmallWorld } from './small-world.ts';
import type { Transition, Transitions } from './transitions.ts';

/**
 * The states in which a search begins. Apart from a new issue there are states in the middle of a story, so that few
 * actions reach what would take many.
 */
const STARTS = {
  /** The issue is new, and no function has read it. */
  new: [],
  /** The card of the first stage is open. */
  open: ['DELIVER ALL'],
  /** That card shows the second task as canceled. */
  canceled: ['set-2-CANCELED', 'DELIVER ALL'],
  /** That card was approved. */
  approved: ['DELIVER ALL', 'approve-1', 'DELIVER ALL'],
  /** That card was rejected. */
  rejected: ['DELIVER ALL', 'reject-1', 'DELIVER ALL'],
  /** The issue is at its first stage and waits for the bell. The creator rang while it was at another stage. */
  waiting: [
    'BELL ONLY',
    'DELIVER ALL',
    'go-s2',
    'set-1-CANCELED',
    'set-2-CANCELED',
    'DELIVER ALL',
    'ring-creator',
    'go-s1',
    'DELIVER ALL',
  ],
} as const satisfies Record<string, readonly Action[]>;

export type StartName = keyof typeof STARTS;
export const START_NAMES = Object.keys(STARTS) as StartName[];

/** Returns the state of a start, and the rules that were broken on the way to it. */
export async function startFrom(
  name: StartName,
  world: SmallWorld,
  transitions: Transitions,
): Promise<Transition> {
  const actions: readonly Action[] = STARTS[name];
  let state = normalise(await world.reset(actions.includes('BELL ONLY')));
  const broken: string[] = [];
  const act = async (action: Action) => {
    const transition = await transitions.act(state, action);
    if (!transition) throw new Error(`cannot build the start "${name}": no action "${action}"`);
    state = transition.state;
    broken.push(...transition.broken);
  };
  for (const action of actions) {
    if (action === 'BELL ONLY') continue;
    if (action !== 'DELIVER ALL') await act(action);
    else for (let next = nextDeliveryIn(state); next; next = nextDeliveryIn(state)) await act(next);
  }
  return { state, broken };
}
