import { runDrill } from './drill.ts';
import { startDrillStack } from './drill-stack.ts';
import { DRILLS } from './drills.ts';
import { type Drilled, problemsOf, tableOf } from './report.ts';
import { STACK_NAME } from './template-alarms.ts';

/**
 * `npm run drills [-- ALARM]`: plays all alarm drills, or those of one alarm, and prints their table. Ends with 1 if an
 * alarm did not ring or end.
 */
async function main(): Promise<number> {
  const only = process.argv[2];
  const stack = await startDrillStack(STACK_NAME);
  const drilled: Drilled[] = [];
  try {
    for (const drill of DRILLS.filter(({ alarm }) => only === undefined || alarm === only)) {
      drilled.push({ drill, result: await runDrill(drill, stack) });
    }
  } finally {
    await stack.stop();
  }
  process.stdout.write(`${tableOf(drilled)}\n`);
  const problems = drilled.flatMap(problemsOf);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return problems.length === 0 ? 0 : 1;
}

process.exitCode = await main();
