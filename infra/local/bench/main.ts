import { cpus, totalmem } from 'node:os';
import { createCleanup } from '../cleanup.ts';
import { runCommand } from '../dev-command.ts';
import { measureLimits } from './limits.ts';
import { type BenchOptions, type Part, parseOptions, USAGE } from './options.ts';
import { measureSpeed } from './speed.ts';

/** `npm run bench`: measures the speed, and how many issues at once stay within Feishu's limits. */

const print = (line: string) => void process.stdout.write(`${line}\n`);
const cleanup = createCleanup();

/** Resolves to whether every guarantee holds. */
async function measure(part: Part, options: BenchOptions): Promise<boolean> {
  const issues = options.issues[part];
  switch (part) {
    case 'speed':
      await measureSpeed(process.env, issues, print, cleanup);
      return true;
    case 'limits':
      return measureLimits(process.env, { issues, callsPerMinute: options.callsPerMinute }, print, cleanup);
    default:
      return part satisfies never;
  }
}

async function main(options: BenchOptions): Promise<number> {
  const [cpu] = cpus();
  print(
    `Machine  ${cpus().length} × ${cpu?.model.trim() || 'unknown CPU'}, ${(totalmem() / 2 ** 30).toFixed(0)} GB`,
  );
  print(`Node     ${process.version} on ${process.platform} ${process.arch}\n`);
  let kept = true;
  for (const [index, part] of options.parts.entries()) {
    if (index > 0) print('');
    kept = (await measure(part, options)) && kept;
  }
  return kept ? 0 : 1;
}

async function mainThenStop(options: BenchOptions): Promise<number> {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.once(signal, () => void cleanup.runAll().then(() => process.exit(code)));
  }
  try {
    return await main(options);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : 'The bench failed.'}\n`);
    return 1;
  } finally {
    await cleanup.runAll();
  }
}

process.exitCode = await runCommand(parseOptions(process.argv.slice(2)), USAGE, mainThenStop);
