import { type Action, actionsIn, meddlesIn } from './actions.ts';
import { createMachine } from './machine.ts';
import { hashOf, settle } from './normalise.ts';
import { drain } from './rest.ts';
import { START_NAMES, type StartName, startFrom } from './starts.ts';
import type { State } from './state.ts';
import { createSteps } from './step.ts';

/**
 * The part of a breadth-first search that one thread does: it owns the states whose hash is its own, visits each once,
 * and hands the others on.
 */
export interface Search {
  /** Where it begins: the starts that are its own. */
  begin(from: StartName | undefined): Promise<void>;
  /** What another thread has found, at the same depth. */
  take(seed: Seed): Promise<void>;
  /** Goes one action further from each state of the present depth; `isLast`: no further. */
  expand(isLast: boolean): Promise<void>;
  /** The states found since become the present depth. Returns how many. */
  descend(): number;
  counts(): Counts;
}

export interface Counts {
  states: number;
  transitions: number;
}

export interface Seed {
  state: State;
  hash: string;
  story: string;
}

export interface Found {
  /** As `--replay` takes it. */
  story: string;
  broken: string;
}

export function createSearch(parts: {
  meddle: boolean;
  isOwn: (hash: string) => boolean;
  handOn: (seed: Seed) => void;
  onFound: (found: Found) => void;
  onExpanded: () => void;
  isStopped: () => boolean;
}): Search {
  const { meddle, isOwn, handOn, onFound, onExpanded, isStopped } = parts;
  const machine = createMachine();
  const steps = createSteps(machine);
  /** Of own states, and of others that were handed on. */
  const visited = new Set<string>();
  /** States from which everything comes to rest as it should. */
  const restful = new Set<string>();
  const counts: Counts = { states: 0, transitions: 0 };
  let present: Omit<Seed, 'hash'>[] = [];
  let next: Omit<Seed, 'hash'>[] = [];
  let isLast = false;

  async function visit({ state, hash, story }: Seed): Promise<void> {
    visited.add(hash);
    counts.states += 1;
    if (!isLast) next.push({ state, story });
    if (restful.has(hash)) return;
    const { wrong, passed } = await drain(state, steps, restful);
    if (wrong !== undefined) return onFound({ story, broken: wrong });
    for (const name of passed) restful.add(name);
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
    handOn({ state, hash, story: longer });
  }

  async function expandWorker(state: State, story: string): Promise<void> {
    const work = await steps.work(state);
    if (!work) return;
    await reach(work.state, story, 'work', work.broken);
    for (const [at, killed] of work.killed.entries()) await reach(killed, story, `kill-${at + 1}`);
    if (!meddle) return;
    for (const [at, { isCritical }] of work.effects.entries()) {
      if (!isCritical) continue;
      for (const act of meddlesIn(state)) {
        const action = `during-${at + 1}-${act}`;
        const step = await steps.take(state, action);
        if (step) await reach(step.state, story, action, step.broken);
      }
    }
  }

  return {
    async begin(from) {
      for (const name of from ? [from] : START_NAMES) {
        const { state, broken } = await startFrom(name, machine, steps);
        const [first] = broken;
        const hash = hashOf(state);
        if (first !== undefined) onFound({ story: `${name}:`, broken: first });
        else if (isOwn(hash)) await visit({ state, hash, story: `${name}:` });
      }
    },
    async take(seed) {
      // What was handed on meanwhile may be thousands: once it is to stop, it stops.
      if (!isStopped() && !visited.has(seed.hash)) await visit({ ...seed, state: settle(seed.state) });
    },
    async expand(last) {
      isLast = last;
      for (const { state, story } of present) {
        if (isStopped()) return;
        for (const action of actionsIn(state)) {
          const step = await steps.take(state, action);
          if (step) await reach(step.state, story, action, step.broken);
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
