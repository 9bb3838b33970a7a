import { Worker } from 'node:worker_threads';
import type { Break } from '../support/break-module.ts';
import type { Counts, Found } from './search.ts';
import type { FromThread, ThreadData, ToThread } from './search-thread.ts';
import type { StartName } from './starts.ts';

export interface ExploreRequest {
  depth: number;
  workers: number;
  from?: StartName | undefined;
  races?: boolean | undefined;
  /** Places of the product to break first. */
  breaks?: readonly Break[] | undefined;
  /** Epoch milliseconds. */
  until?: number | undefined;
}

/** One depth that was searched completely. */
export interface Level extends Counts {
  depth: number;
  /** States that no lower depth has. */
  added: number;
}

export interface Explored {
  levels: Level[];
  /** The time ended before the depth after the last level was complete. */
  isStoppedEarly: boolean;
  states: number;
  found?: Found;
}

export interface ExploreProgress {
  onLevel?(level: Level, toExpand: number): void;
  onExpanded?(): void;
}

/** Searches depth by depth. So no story that breaks a promise is shorter than the one that is found. */
export async function explore(request: ExploreRequest, progress: ExploreProgress = {}): Promise<Explored> {
  const { depth, workers, until, from, races = false, breaks = [] } = request;
  const stopped = new Int32Array(new SharedArrayBuffer(4));
  const levels: Level[] = [];
  let found: Found | undefined;
  const stop = () => Atomics.store(stopped, 0, 1);
  let answered = Promise.withResolvers<FromThread[]>();
  let answers: FromThread[] = [];
  const threads = Array.from({ length: workers }, (_, thread) => {
    const workerData: ThreadData = { races, breaks, from, thread, threads: workers, stopped };
    return new Worker(new URL('./search-thread.ts', import.meta.url), { workerData });
  });
  const post = (thread: Worker | undefined, message: ToThread) => thread?.postMessage(message);
  for (const thread of threads) {
    thread.on('message', (message: FromThread) => {
      switch (message.kind) {
        case 'HAND_OVER':
          return post(threads[message.to], { kind: 'TAKE', reached: message.reached });
        case 'FOUND':
          if (!found || message.found.story.split(',').length < found.story.split(',').length)
            found = message.found;
          return stop();
        case 'ONE_MORE':
          if (until !== undefined && Date.now() > until) stop();
          return progress.onExpanded?.();
        case 'EXPANDED':
        case 'DESCENDED':
          answers.push(message);
          if (answers.length === workers) answered.resolve(answers);
          return undefined;
        default:
          return message satisfies never;
      }
    });
    thread.on('error', (error) => {
      answered.reject(error);
    });
  }
  /** Waits for the answer of every thread. What a thread handed over before its answer has been forwarded by then. */
  const all = async (message?: ToThread) => {
    if (message) {
      answers = [];
      answered = Promise.withResolvers();
      for (const thread of threads) post(thread, message);
    }
    return (await answered.promise).filter((answer) => answer.kind === 'DESCENDED');
  };

  try {
    let states = 0;
    let descended = await all();
    for (let level = 0; ; level++) {
      const counts = sum(descended.map((answer) => answer.counts));
      const isComplete = Atomics.load(stopped, 0) === 0;
      if (isComplete) {
        levels.push({ depth: level, added: counts.states - states, ...counts });
        const toExpand = descended.reduce((total, { present }) => total + present, 0);
        progress.onLevel?.(
          { depth: level, added: counts.states - states, ...counts },
          level < depth ? toExpand : 0,
        );
      }
      states = counts.states;
      if (!isComplete || level >= depth)
        return { levels, isStoppedEarly: !isComplete && !found, states, ...(found && { found }) };
      await all({ kind: 'EXPAND', isLast: level + 1 >= depth });
      descended = await all({ kind: 'DESCEND' });
    }
  } finally {
    stop();
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

const sum = (counts: readonly Counts[]): Counts => ({
  states: counts.reduce((total, one) => total + one.states, 0),
  transitions: counts.reduce((total, one) => total + one.transitions, 0),
});
