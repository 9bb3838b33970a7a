import { parentPort, workerData } from 'node:worker_threads';
import { type Break, breakModule } from '../support/break-module.ts';
import type { Counts, Found, ReachedState } from './search.ts';
import type { StartName } from './starts.ts';

/** One thread of a search. It applies the breaks to its own copy of the product only. */

export interface ThreadData {
  races: boolean;
  breaks: readonly Break[];
  from: StartName | undefined;
  thread: number;
  threads: number;
  /** One number, shared by all threads. Not 0: stop. */
  stopped: Int32Array;
}

export type ToThread =
  | { kind: 'EXPAND'; isLast: boolean }
  | { kind: 'TAKE'; reached: ReachedState }
  | { kind: 'DESCEND' };
export type FromThread =
  | { kind: 'HAND_OVER'; to: number; reached: ReachedState }
  | { kind: 'FOUND'; found: Found }
  | { kind: 'ONE_MORE' }
  | { kind: 'EXPANDED' }
  /** `present`: how many states the thread expands next. */
  | { kind: 'DESCENDED'; present: number; counts: Counts };

const { races, breaks, from, thread, threads, stopped }: ThreadData = workerData;
const post = (message: FromThread) => parentPort?.postMessage(message);
breaks.forEach(breakModule);
// Import after the breaks: they apply only to files that are not loaded yet.
const { createSearch } = await import('./search.ts');

const ownerOf = (hash: string): number => hash.charCodeAt(0) % threads;
const search = createSearch({
  races,
  isOwn: (hash) => ownerOf(hash) === thread,
  handOver: (reached) => post({ kind: 'HAND_OVER', to: ownerOf(reached.hash), reached }),
  onFound: (found) => post({ kind: 'FOUND', found }),
  onExpanded: () => post({ kind: 'ONE_MORE' }),
  isStopped: () => Atomics.load(stopped, 0) !== 0,
});
const descend = () => post({ kind: 'DESCENDED', present: search.descend(), counts: search.counts() });

async function handle(message: ToThread): Promise<void> {
  switch (message.kind) {
    case 'EXPAND':
      await search.expand(message.isLast);
      return post({ kind: 'EXPANDED' });
    case 'TAKE':
      return search.take(message.reached);
    case 'DESCEND':
      return descend();
    default:
      return message satisfies never;
  }
}

await search.begin(from);
descend();
// Messages are handled one after the other, because they share one world.
let last = Promise.resolve();
parentPort?.on('message', (message: ToThread) => {
  last = last.then(() => handle(message));
  last.catch((error: unknown) => {
    throw error;
  });
});
