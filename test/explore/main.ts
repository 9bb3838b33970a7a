import { progress } from '@clack/prompts';
import { refuse, runCommand } from '../../infra/local/dev-command.ts';
import { explore, type Level } from './explore.ts';
import { FIXES } from './fixes.ts';
import { type ExploreOptions, parseOptions, USAGE } from './options.ts';
import { replay } from './replay.ts';
import type { StartName } from './starts.ts';

/** `npm run explore`: searches every order of events in a small world. */

const print = (line: string) => void process.stdout.write(`${line}\n`);
const breaksOf = (without: string | undefined) => FIXES[without ?? ''] ?? [];
const count = (number: number): string => Math.round(number).toLocaleString('en-US');

/** Shows a progress bar for each depth, on a terminal only. */
function showProgress() {
  let bar: ReturnType<typeof progress> | undefined;
  let [done, total] = [0, 0];
  return {
    next(depth: number, toExpand: number) {
      bar?.stop(`depth ${depth - 1}`);
      bar = undefined;
      [done, total] = [0, toExpand];
      if (!process.stdout.isTTY || toExpand === 0) return;
      bar = progress({ max: toExpand });
      bar.start(`depth ${depth}: 0 of ${count(total)} states`);
    },
    advance: () => bar?.advance(1, `${count(++done)} of ${count(total)} states expanded`),
    stop: () => bar?.stop('done'),
  };
}

async function search({ minutes, from, without, ...options }: ExploreOptions): Promise<number> {
  const startedAt = Date.now();
  const until = minutes === undefined ? undefined : startedAt + minutes * 60_000;
  const bar = showProgress();
  const result = await explore(
    { ...options, from: from as StartName | undefined, breaks: breaksOf(without), until },
    {
      onLevel(level, toExpand) {
        const seconds = (Date.now() - startedAt) / 1_000;
        bar.next(level.depth + 1, toExpand);
        print(
          `depth ${level.depth}: ${count(level.states)} states (${count(level.added)} new), ${count(level.transitions)} transitions, ${count(seconds)} s`,
        );
      },
      onExpanded: bar.advance,
    },
  );
  bar.stop();
  const seconds = (Date.now() - startedAt) / 1_000;
  const { levels, states, found, isStoppedEarly } = result;
  if (found) return reportBroken(found, without);
  const rate = states / seconds;
  const depth = levels.at(-1)?.depth ?? 0;
  print(
    `${count(states)} states, ${count(rate)} a second: all promises kept up to depth ${depth}${isStoppedEarly ? `, and in the part of depth ${depth + 1} that was searched` : ''}.`,
  );
  const next = forecast(levels);
  if (next !== undefined)
    print(`Depth ${depth + 1} adds about ${count(next)} states: ${count(next / rate / 60)} minutes.`);
  return 0;
}

/** Estimates how many states the next depth adds, if it grows as the last one did. */
function forecast(levels: readonly Level[]): number | undefined {
  const [before, last] = levels.slice(-2);
  return before && last && before.added > 0 ? (last.added * last.added) / before.added : undefined;
}

async function reportBroken(
  { story, broken }: { story: string; broken: string },
  without: string | undefined,
): Promise<number> {
  print(`\nA promise was broken: ${broken}\n\nA shortest story that breaks it:`);
  await replayStory(story, without);
  print(
    `\nTo replay it: npm run explore -- --replay '${story}'${without === undefined ? '' : ` --without ${without}`}`,
  );
  return 1;
}

async function replayStory(story: string, without: string | undefined): Promise<number> {
  const { lines, broken, problem } = await replay(story, breaksOf(without));
  if (problem !== undefined) return refuse(problem, USAGE);
  for (const line of lines) print(`  ${line}`);
  if (broken !== undefined) print(`  → ${broken}`);
  return broken === undefined ? 0 : 1;
}

process.exitCode = await runCommand(parseOptions(process.argv.slice(2)), USAGE, (options) =>
  options.replay === undefined ? search(options) : replayStory(options.replay, options.without),
);
