import { type Action, actionsIn, racingActionsIn } from './actions.ts';
import { hashOf, internParts } from './normalise.ts';
import { runToRest } from './run-to-rest.ts';
import { createSmallWorld } from './small-world.ts';
import { START_NAMES, type StartName, startFrom } from './starts.ts';
import type { State } from './state.ts';
import { createTransitions } from './transitions.ts';

/**
 * The part of a breadth-first search that one thread does. The thread owns some of the hashes: it visits each of its
 * states once, and hands the others over to their owners.
 */
export interface Search {
  /** Visits the starts that the thread owns. */
  begin(from: StartName | undefined): Promise<void>;
  /** Visits a state of the same depth that another thread reached. */
  take(reached: ReachedState): Promise<void>;
  /** Takes each action from each state of the present depth. `isLast`: the states it reaches are not expanded. */
  expand(isLast: boolean): Promise<void>;
  /** Makes the states reached since then the present depth. Returns how many there are. */
  descend(): number;
  counts(): Counts;
}

export interface Counts {
  states: number;
  transitions: number;
}

export interface ReachedState {
  state: State;
  hash: string;
  story: string;
}

export interface Found {
  /** In the form that `--replay` takes. */
  story: string;
  broken: string;
}

export function createSearch(parts: {
  races: boolean;
  isOwn: (hash: string) => boolean;
  handOver: (reached: ReachedState) => void;
  onFound: (found: Found) => void;
  onExpanded: () => void;
  isStopped: () => boolean;
}): Search {
  const { races, isOwn, handOver, onFound, onExpanded, isStopped } = parts;
  const world = createSmallWorld();
  const transitions = createTransitions(world);
  /** Hashes of own states, and of states that were handed over. */
  const visited = new Set<string>();
  /** Hashes of states from which everything comes to rest with no rule broken. */
  const knownToRest = new Set<string>();
  const counts: Counts = { states: 0, transitions: 0 };
  let present: Omit<ReachedState, 'hash'>[] = [];
  let next: Omit<ReachedState, 'hash'>[] = [];
  let isLast = false;

  async function visit({ state, hash, story }: ReachedState): Promise<void> {
    visited.add(hash);
    counts.states += 1;
    if (!isLast) next.push({ state, story });
    if (knownToRest.has(hash)) return;
    const { broken, passed } = await runToRest(state, transitions, knownToRest);
    if (broken !== undefined) return onFound({ story, broken });
    for (const name of passed) knownToRest.add(name);
  }

  async function reach(
    state: State,
    story: string,
    action: Action,
    broken: readonly string[] = [],
  ): Promise<void> {
    counts.transitions += 1;
    const longer = story.endsWith(':') ? `${story}${action}` : `${story},${action}`;
    const [first] = broken;
    if (first !== undefined) return onFound({ story: longer, broken: first });
    const hash = hashOf(state);
    if (visited.has(hash)) return;
    if (isOwn(hash)) return visit({ state, hash, story: longer });
    visited.add(hash);
    handOver({ state, hash, story: longer });
  }

  async function expandWorker(state: State, story: string): Promise<void> {
    const work = await transitions.work(state);
    if (!work) return;
    await reach(work.state, story, 'work', work.broken);
    for (const [at, killed] of work.killed.entries()) await reach(killed, story, `kill-${at + 1}`);
    if (!races) return;
    for (const [at, { isCritical }] of work.effects.entries()) {
      if (!isCritical) continue;
      for (const act of racingActionsIn(state)) {
        const action = `during-${at + 1}-${act}`;
        const transition = await transitions.act(state, action);
        if (transition) await reach(transition.state, story, action, transition.broken);
      }
    }
  }

  return {
    async begin(from) {
      for (const name of from ? [from] : START_NAMES) {
        const { state, broken } = await startFrom(name, world, transitions);
        const [first] = broken;
        const hash = hashOf(state);
        if (first !== undefined) onFound({ story: `${name}:`, broken: first });
        else if (isOwn(hash)) await visit({ state, hash, story: `${name}:` });
      }
    },
    async take(reached) {
      // Thousands of states may wait here when the search stops.
      if (!isStopped() && !visited.has(reached.hash))
        await visit({ ...reached, state: internParts(reached.state) });
    },
    async expand(last) {
      isLast = last;
      for (const { state, story } of present) {
        if (isStopped()) return;
        for (const action of actionsIn(state)) {
          const transition = await transitions.act(state, action);
          if (transition) await reach(transition.state, story, action, transition.broken);
        }
        await expandWorker(state, story);
        onExpanded();
      }
    },
    descend() {
      present = next;
      next = [];
      return present.length;
    },
    counts: () => counts,
  };
}
