import { parentPort, workerData } from 'node:worker_threads';
import { type Break, breakModule } from '../support/break-module.ts';
import type { Counts, Found, Seed } from './search.ts';
import type { StartName } from './starts.ts';

/** One thread of a search; what is broken is broken there, and nowhere else. */

export interface ThreadData {
  meddle: boolean;
  breaks: readonly Break[];
  from: StartName | undefined;
  thread: number;
  threads: number;
  /** Not 0: it is to end. */
  stopped: Int32Array;
}

export type ToThread =
  | { kind: 'EXPAND'; isLast: boolean }
  | { kind: 'TAKE'; seed: Seed }
  | { kind: 'DESCEND' };
export type FromThread =
  | { kind: 'HAND_ON'; to: number; seed: Seed }
  | { kind: 'FOUND'; found: Found }
  | { kind: 'ONE_MORE' }
  | { kind: 'EXPANDED' }
  /** `present`: how many states there are to expand. */
  | { kind: 'DESCENDED'; present: number; counts: Counts };

const { meddle, breaks, from, thread, threads, stopped }: ThreadData = workerData;
const tell = (message: FromThread) => parentPort?.postMessage(message);
breaks.forEach(breakModule);
// Loaded only now, so that the files are read as they are broken.
const { createSearch } = await import('./search.ts');

const ownerOf = (hash: string): number => hash.charCodeAt(0) % threads;
const search = createSearch({
  meddle,
  isOwn: (hash) => ownerOf(hash) === thread,
  handOn: (seed) => tell({ kind: 'HAND_ON', to: ownerOf(seed.hash), seed }),
  onFound: (found) => tell({ kind: 'FOUND', found }),
  onExpanded: () => tell({ kind: 'ONE_MORE' }),
  isStopped: () => Atomics.load(stopped, 0) !== 0,
});
const descend = () => tell({ kind: 'DESCENDED', present: search.descend(), counts: search.counts() });

async function handle(message: ToThread): Promise<void> {
  switch (message.kind) {
    case 'EXPAND':
      await search.expand(message.isLast);
      return tell({ kind: 'EXPANDED' });
    case 'TAKE':
      return search.take(message.seed);
    case 'DESCEND':
      return descend();
    default:
      return message satisfies never;
  }
}

await search.begin(from);
descend();
// One after the other: they share one machine.
let last = Promise.resolve();
parentPort?.on('message', (message: ToThread) => {
  last = last.then(() => handle(message));
  last.catch((error: unknown) => {
    throw error;
  });
});
