import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { runCommand } from '../../infra/local/dev-command.ts';
import { showProgress } from '../support/progress.ts';
import { keptStories } from './mutant-stories.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { parseOptions, type SimulateOptions, USAGE } from './options.ts';
import { play } from './play-in-thread.ts';
import type { RunnerResult } from './story-thread.ts';

/** `npm run simulate`: long hunts for a story that breaks a promise, on every core of the machine. */

/** Stories of one thread's turn; the seed of a turn is the seed plus its number, in 32 bits. */
const STORIES_A_TURN = 1_000;
const RUNS = 300;
/** A mutant that lives through so many stories was not noticed. */
const MUTANT_RUNS = 1_500;

const print = (line: string) => void process.stdout.write(`${line}\n`);

/** Works `items` off, as many at a time as there are cores; stops handing out once `work` says so. */
async function inThreads<T>(items: readonly T[], work: (item: T) => Promise<boolean>): Promise<void> {
  const queue = [...items];
  const thread = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      if (!(await work(item))) queue.length = 0;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, thread));
}

/** What a thread could not play: a path that leads nowhere. */
const isWrongPath = (error: unknown): boolean => error instanceof Error && /wrong path/.test(error.message);

async function replay(seed: number, path: string): Promise<number> {
  const result = await play({ seed, runs: 1, path }).catch((error: unknown) => {
    if (isWrongPath(error)) return { runs: 0 };
    throw error;
  });
  if (result.runs > 0) return tell(result, seed);
  process.stderr.write(`There is no story at that path of seed ${seed}.\n\n${USAGE}\n`);
  return 2;
}

async function hunt({ path, ...options }: SimulateOptions): Promise<number> {
  const seed = options.seed ?? randomInt(2 ** 31);
  const runs = options.runs ?? RUNS;
  if (path !== undefined) return replay(seed, path);
  const turns = Array.from({ length: Math.ceil(runs / STORIES_A_TURN) }, (_, turn) => ({
    seed: (seed + turn) | 0,
    runs: Math.min(STORIES_A_TURN, runs - turn * STORIES_A_TURN),
  }));
  print(`${runs.toLocaleString('en-US')} stories, seed ${seed}`);
  const bar = showProgress(runs, 'stories');
  let played = 0;
  let failed: RunnerResult | undefined;
  await inThreads(turns, async (turn) => {
    const result = await play(turn, bar.advance);
    played += result.runs;
    if (result.counterexample) failed ??= result;
    return failed === undefined;
  });
  bar.stop();
  return tell(failed ?? { runs: played }, seed);
}

function tell({ runs, counterexample }: RunnerResult, seed: number): number {
  if (!counterexample) {
    print(`${runs.toLocaleString('en-US')} stories played, seed ${seed}: every promise kept.`);
    return 0;
  }
  print(`\nA promise was broken. ${counterexample.message}\n\nThe shortest story that breaks it:`);
  for (const action of counterexample.story) print(`  ${JSON.stringify(action)}`);
  print(`\nReplay it: npm run simulate -- --seed=${counterexample.seed} --path ${counterexample.path}`);
  return 1;
}

/** Random stories first; a mutant that lives through them meets the story that is kept for it. */
async function hunted(mutants: readonly Mutant[], seed: number, most: number): Promise<number> {
  const count = { RANDOM: 0, KEPT: 0, MISSED: 0 };
  await inThreads(mutants, async (mutant) => {
    const random = await play({ seed, runs: most, mutant, shrink: false });
    const kept = random.counterexample ? undefined : await playKept(mutant);
    const rule = (random.counterexample ?? kept?.counterexample)?.message.split('\n')[0] ?? 'NOT NOTICED';
    const by = random.counterexample ? 'RANDOM' : rule.startsWith('Violation: ') ? 'KEPT' : 'MISSED';
    count[by] += 1;
    const how = { RANDOM: `noticed after ${random.runs}`, KEPT: 'noticed, kept story', MISSED: 'MISSED' }[by];
    print(`${how.padEnd(19)}  ${mutant.name}: ${rule}`);
    return true;
  });
  print(
    `${count.RANDOM + count.KEPT} of ${mutants.length} mutants noticed: ${count.RANDOM} by random stories of seed ${seed}, ${count.KEPT} by the story kept for them.`,
  );
  return count.MISSED === 0 ? 0 : 1;
}

const playKept = (mutant: Mutant) =>
  play({ seed: 1, runs: 1, mutant, kept: keptStories()[mutant.name] ?? [], shrink: false });

process.exitCode = await runCommand(parseOptions(process.argv.slice(2)), USAGE, (options) => {
  const { mutants, seed = 1, runs = MUTANT_RUNS } = options;
  return mutants ? hunted(MUTANTS, seed, runs) : hunt(options);
});
