import { Worker } from 'node:worker_threads';
import type { RunnerData, RunnerMessage, RunnerResult } from './story-thread.ts';

/** Plays stories in a new thread. Rejects if the thread ends without a result. */
export function play(data: RunnerData, onPlayed: () => void = () => {}): Promise<RunnerResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./story-thread.ts', import.meta.url), { workerData: data });
    worker.on('message', (message: RunnerMessage) => {
      if (message.kind === 'PLAYED') onPlayed();
      else resolve(message);
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('the thread ended without a result')));
  });
}
