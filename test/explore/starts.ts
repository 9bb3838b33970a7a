import type { Action } from './actions.ts';
import type { Machine } from './machine.ts';
import { normalise } from './normalise.ts';
import { nextIn } from './rest.ts';
import type { Step, Steps } from './step.ts';

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
  /** That card was approved. */
  approved: ['DELIVER ALL', 'approve-1', 'DELIVER ALL'],
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

/** The state of a start, and the rules that were broken on the way to it. */
export async function startFrom(name: StartName, machine: Machine, steps: Steps): Promise<Step> {
  const actions: readonly Action[] = STARTS[name];
  let state = normalise(await machine.reset(actions.includes('BELL ONLY')));
  const broken: string[] = [];
  const take = async (action: Action) => {
    const step = await steps.take(state, action);
    if (!step) throw new Error(`the start "${name}" cannot be built: no "${action}"`);
    state = step.state;
    broken.push(...step.broken);
  };
  for (const action of actions) {
    if (action === 'BELL ONLY') continue;
    if (action !== 'DELIVER ALL') await take(action);
    else for (let next = nextIn(state); next; next = nextIn(state)) await take(next);
  }
  return { state, broken };
}
