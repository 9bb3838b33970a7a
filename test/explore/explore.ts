import { Worker } from 'node:worker_threads';
import type { Break } from '../support/break-module.ts';
import type { Counts, Found } from './search.ts';
import type { StartName } from './starts.ts';
import type { FromThread, ThreadData, ToThread } from './thread.ts';

export interface Exploring {
  depth: number;
  workers: number;
  from?: StartName | undefined;
  meddle?: boolean | undefined;
  /** Places of the product that are broken first. */
  breaks?: readonly Break[] | undefined;
  /** Epoch milliseconds. */
  until?: number | undefined;
}

/** One depth that was searched through. */
export interface Level extends Counts {
  depth: number;
  /** States at this depth that none before had. */
  added: number;
}

export interface Explored {
  levels: Level[];
  /** The time was up before the depth after the last level was searched through. */
  isCut: boolean;
  states: number;
  found?: Found;
}

export interface Watching {
  onLevel?(level: Level, toExpand: number): void;
  onExpanded?(): void;
}

/** Searches level by level, so that the first story found that breaks a promise is a shortest one. */
export async function explore(what: Exploring, watching: Watching = {}): Promise<Explored> {
  const { depth, workers, until, from, meddle = false, breaks = [] } = what;
  const stopped = new Int32Array(new SharedArrayBuffer(4));
  const levels: Level[] = [];
  let found: Found | undefined;
  const stop = () => Atomics.store(stopped, 0, 1);
  let answered = Promise.withResolvers<FromThread[]>();
  let answers: FromThread[] = [];
  const threads = Array.from({ length: workers }, (_, thread) => {
    const workerData: ThreadData = { meddle, breaks, from, thread, threads: workers, stopped };
    return new Worker(new URL('./thread.ts', import.meta.url), { workerData });
  });
  const tell = (thread: Worker | undefined, message: ToThread) => thread?.postMessage(message);
  for (const thread of threads) {
    thread.on('message', (message: FromThread) => {
      switch (message.kind) {
        case 'HAND_ON':
          return tell(threads[message.to], { kind: 'TAKE', seed: message.seed });
        case 'FOUND':
          if (!found || message.found.story.split(',').length < found.story.split(',').length)
            found = message.found;
          return stop();
        case 'ONE_MORE':
          if (until !== undefined && Date.now() > until) stop();
          return watching.onExpanded?.();
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
  /** Every thread's answer: what it handed on before has been forwarded by then. */
  const all = async (message?: ToThread) => {
    if (message) {
      answers = [];
      answered = Promise.withResolvers();
      for (const thread of threads) tell(thread, message);
    }
    return (await answered.promise).filter((answer) => answer.kind === 'DESCENDED');
  };

  try {
    let states = 0;
    let descended = await all();
    for (let level = 0; ; level++) {
      const counts = sum(descended.map((answer) => answer.counts));
      const isWhole = Atomics.load(stopped, 0) === 0;
      if (isWhole) {
        levels.push({ depth: level, added: counts.states - states, ...counts });
        const toExpand = descended.reduce((total, { present }) => total + present, 0);
        watching.onLevel?.(
          { depth: level, added: counts.states - states, ...counts },
          level < depth ? toExpand : 0,
        );
      }
      states = counts.states;
      if (!isWhole || level >= depth)
        return { levels, isCut: !isWhole && !found, states, ...(found && { found }) };
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
