import { parentPort, workerData } from 'node:worker_threads';
import fc from 'fast-check';
import { breakModule } from '../support/break-module.ts';
import type { Action } from './actions.ts';
import type { Mutant } from './mutants.ts';

/** Plays stories in a thread. The thread alone loads the mutated file. */

export interface RunnerData {
  seed: number;
  runs: number;
  path?: string;
  mutant?: Mutant;
  /** The one story to play in place of random ones. */
  fixedStory?: readonly Action[];
  /** Whether to search for the shortest story that breaks a promise. */
  shrink?: boolean;
}

export type RunnerMessage = { kind: 'PLAYED' } | ({ kind: 'ENDED' } & RunnerResult);
export interface RunnerResult {
  runs: number;
  counterexample?: { seed: number; path: string; story: readonly Action[]; message: string };
}

async function run({
  seed,
  runs,
  path,
  mutant,
  fixedStory,
  shrink = true,
}: RunnerData): Promise<RunnerResult> {
  if (mutant) breakModule(mutant);
  // Loaded only now, so that the mutated file is loaded.
  const { playStory } = await import('./play-story.ts');
  const { story } = await import('./random-stories.ts');
  const stories = fixedStory ? fc.constant([...fixedStory]) : story;
  const property = fc.asyncProperty(stories, async (actions) => {
    await playStory(actions);
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
