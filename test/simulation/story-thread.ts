import { parentPort, workerData } from 'node:worker_threads';
import fc from 'fast-check';
import { breakModule } from '../support/break-module.ts';
import type { Action } from './actions.ts';
import type { Mutant } from './mutants.ts';

/** Plays stories in a thread of its own; a mutant's file is read broken there, and nowhere else. */

export interface RunnerData {
  seed: number;
  runs: number;
  path?: string;
  mutant?: Mutant;
  /** Played in place of random ones. */
  kept?: readonly Action[];
  /** Whether the shortest story that breaks a promise is looked for. */
  shrink?: boolean;
}

export type RunnerMessage = { kind: 'PLAYED' } | ({ kind: 'ENDED' } & RunnerResult);
export interface RunnerResult {
  runs: number;
  counterexample?: { seed: number; path: string; story: readonly Action[]; message: string };
}

async function run({ seed, runs, path, mutant, kept, shrink = true }: RunnerData): Promise<RunnerResult> {
  if (mutant) breakModule(mutant);
  // Loaded only now, so that a mutant's file is read broken.
  const { simulate } = await import('./play-story.ts');
  const { story } = await import('./arbitrary.ts');
  const stories = kept ? fc.constant([...kept]) : story;
  const property = fc.asyncProperty(stories, async (actions) => {
    await simulate(actions);
    parentPort?.postMessage({ kind: 'PLAYED' } satisfies RunnerMessage);
  });
  const result = await fc.check(property, {
    seed,
    numRuns: runs,
    ...(path !== undefined && { path }),
    endOnFailure: !shrink,
  });
  const [failed] = result.counterexample ?? [];
  if (!failed) return { runs: result.numRuns };
  const { errorInstance, counterexamplePath } = result;
  return {
    runs: result.numRuns,
    counterexample: {
      seed,
      path: counterexamplePath ?? '',
      story: failed,
      message:
        errorInstance instanceof Error
          ? (errorInstance.stack ?? errorInstance.message)
          : String(errorInstance),
    },
  };
}

const data: RunnerData = workerData;
parentPort?.postMessage({ kind: 'ENDED', ...(await run(data)) } satisfies RunnerMessage);
process.exit();
