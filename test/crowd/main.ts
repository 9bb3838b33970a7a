import { runCommand } from '../../infra/local/dev-command.ts';
import { showProgress } from '../support/progress.ts';
import { parseOptions, type ScenarioName, USAGE } from './options.ts';

/** `npm run crowd`: runs thousands of issues at once on a virtual clock. */

const print = (line: string) => void process.stdout.write(`${line}\n`);

/** Resolves to whether every requirement holds. */
async function runScenario(
  name: ScenarioName,
  options: { issues: number; perMinute: number; workers: number },
) {
  const { SCENARIOS } = await import('./scenarios.ts');
  const { issues, perMinute, workers } = options;
  print(
    `\n${name}: ${issues.toLocaleString('en-US')} issues, ${perMinute} calls a minute, ${workers} workers`,
  );
  const bar = showProgress(issues, 'issues');
  const began = performance.now();
  const { figures, broken } = await SCENARIOS[name]({ ...options, onProgress: bar.advanceTo });
  bar.stop();
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  for (const [what, figure] of [...figures, ['real time', `${seconds} s`]]) {
    print(`  ${String(what).padEnd(38)}${figure}`);
  }
  for (const sentence of broken) print(`  ✗ ${sentence}`);
  if (broken.length === 0) print('  ✓ every requirement holds');
  return broken.length === 0;
}

process.exitCode = await runCommand(parseOptions(process.argv.slice(2)), USAGE, async (options) => {
  let allHold = true;
  for (const name of options.only) allHold = (await runScenario(name, options)) && allHold;
  return allHold ? 0 : 1;
});
