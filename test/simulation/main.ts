import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { runCommand } from '../../infra/local/dev-command.ts';
import { showProgress } from '../support/progress.ts';
import { mutantStories } from './mutant-stories.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { parseOptions, type SimulateOptions, USAGE } from './options.ts';
import { play } from './play-in-thread.ts';
import type { RunnerResult } from './story-thread.ts';

/** `npm run simulate`: searches for a story that breaks a promise, on every core of the machine. */

/** The stories of one batch. The seed of a batch is the seed plus the number of the batch, in 32 bits. */
const STORIES_PER_BATCH = 1_000;
const RUNS = 300;
/** The number of random stories for each mutant. */
const MUTANT_RUNS = 1_500;

const print = (line: string) => void process.stdout.write(`${line}\n`);

/** Calls `work` for each item, for as many items at once as there are cores. Starts no other item once `work` returns false. */
async function inThreads<T>(items: readonly T[], work: (item: T) => Promise<boolean>): Promise<void> {
  const queue = [...items];
  const thread = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      if (!(await work(item))) queue.length = 0;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, thread));
}

/** Whether a thread could not play a path because no story is there. */
const isWrongPath = (error: unknown): boolean => error instanceof Error && /wrong path/.test(error.message);

async function replay(seed: number, path: string): Promise<number> {
  const result = await play({ seed, runs: 1, path }).catch((error: unknown) => {
    if (isWrongPath(error)) return { runs: 0 };
    throw error;
  });
  if (result.runs > 0) return report(result, seed);
  process.stderr.write(`Seed ${seed} has no story at this path.\n\n${USAGE}\n`);
  return 2;
}

async function playRandomStories({ path, ...options }: SimulateOptions): Promise<number> {
  const seed = options.seed ?? randomInt(2 ** 31);
  const runs = options.runs ?? RUNS;
  if (path !== undefined) return replay(seed, path);
  const batches = Array.from({ length: Math.ceil(runs / STORIES_PER_BATCH) }, (_, batch) => ({
    seed: (seed + batch) | 0,
    runs: Math.min(STORIES_PER_BATCH, runs - batch * STORIES_PER_BATCH),
  }));
  print(`${runs.toLocaleString('en-US')} stories, seed ${seed}`);
  const bar = showProgress(runs, 'stories');
  let played = 0;
  let failed: RunnerResult | undefined;
  await inThreads(batches, async (batch) => {
    const result = await play(batch, bar.advance);
    played += result.runs;
    if (result.counterexample) failed ??= result;
    return failed === undefined;
  });
  bar.stop();
  return report(failed ?? { runs: played }, seed);
}

function report({ runs, counterexample }: RunnerResult, seed: number): number {
  if (!counterexample) {
    print(`${runs.toLocaleString('en-US')} stories played, seed ${seed}: every promise kept.`);
    return 0;
  }
  print(`\nA promise was broken. ${counterexample.message}\n\nThe shortest story that breaks it:`);
  for (const action of counterexample.story) print(`  ${JSON.stringify(action)}`);
  print(`\nReplay it: npm run simulate -- --seed=${counterexample.seed} --path ${counterexample.path}`);
  return 1;
}

/** Plays random stories against each mutant, and the mutant's own story if none of them notices it. */
async function playAgainstMutants(mutants: readonly Mutant[], seed: number, runs: number): Promise<number> {
  const count = { RANDOM: 0, OWN: 0, MISSED: 0 };
  await inThreads(mutants, async (mutant) => {
    const random = await play({ seed, runs, mutant, shrink: false });
    const own = random.counterexample ? undefined : await playOwnStory(mutant);
    const rule = (random.counterexample ?? own?.counterexample)?.message.split('\n')[0] ?? 'NOT NOTICED';
    const by = random.counterexample ? 'RANDOM' : rule.startsWith('Violation: ') ? 'OWN' : 'MISSED';
    count[by] += 1;
    const how = { RANDOM: `noticed after ${random.runs}`, OWN: 'noticed, own story', MISSED: 'MISSED' }[by];
    print(`${how.padEnd(19)}  ${mutant.name}: ${rule}`);
    return true;
  });
  print(
    `${count.RANDOM + count.OWN} of ${mutants.length} mutants noticed: ${count.RANDOM} by random stories of seed ${seed}, ${count.OWN} by their own story.`,
  );
  return count.MISSED === 0 ? 0 : 1;
}

const playOwnStory = (mutant: Mutant) =>
  play({ seed: 1, runs: 1, mutant, fixedStory: mutantStories()[mutant.name] ?? [], shrink: false });

process.exitCode = await runCommand(parseOptions(process.argv.slice(2)), USAGE, (options) => {
  const { mutants, seed = 1, runs = MUTANT_RUNS } = options;
  return mutants ? playAgainstMutants(MUTANTS, seed, runs) : playRandomStories(options);
});
