import type { Action } from './actions.ts';
import type { Machine } from './machine.ts';
import { normalise } from './normalise.ts';
import { nextIn } from './rest.ts';
import type { State } from './state.ts';
import type { Steps } from './step.ts';

/**
 * Where a search begins: not only where the issue is new, but also where a story is usually under way, so that a few
 * actions lead to what would take many.
 */
const STARTS = {
  /** The issue was just written, and nobody has heard of it. */
  new: [],
  /** The card of its first stage is open. */
  open: ['DELIVER ALL'],
  /** That card calls its second task canceled. */
  canceled: ['set-2-CANCELED', 'DELIVER ALL'],
  /** That card was rejected. */
  rejected: ['DELIVER ALL', 'reject-1', 'DELIVER ALL'],
  /** The issue waits for a bell at its first stage; the creator rang while it was at another stage. */
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

export async function startFrom(name: StartName, machine: Machine, steps: Steps): Promise<State> {
  const actions: readonly Action[] = STARTS[name];
  let state = normalise(await machine.reset(actions.includes('BELL ONLY')));
  for (const action of actions) {
    if (action === 'BELL ONLY') continue;
    if (action !== 'DELIVER ALL') state = (await steps.take(state, action))?.state ?? state;
    else
      for (let next = nextIn(state); next; next = nextIn(state))
        state = (await steps.take(state, next))?.state ?? state;
  }
  return state;
}
