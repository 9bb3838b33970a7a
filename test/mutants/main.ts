import { refuse, runCommand } from '../../infra/local/dev-command.ts';
import { parseOptions, USAGE } from './options.ts';
import { TESTED_MUTANTS } from './registry.ts';
import { runTests, type Verdict } from './run-tests.ts';
import type { TestedMutant } from './tested-mutant.ts';

/** `npm run mutants`: proves that the tests of each mutant notice it, and that they pass without it. */

const AT_ONCE = 2;

const print = (line: string) => void process.stdout.write(`${line}\n`);

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function describe(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'NOTICED':
      return `${verdict.failed} failed, first: ${verdict.test}`;
    case 'PASSED':
      return `${verdict.tests} tests passed`;
    case 'BROKEN':
      return verdict.why;
    default:
      return verdict satisfies never;
  }
}

/** Resolves to the number of mutants that were not noticed. */
async function testMutants(mutants: readonly TestedMutant[]): Promise<number> {
  let done = 0;
  let missed = 0;
  await eachOf(mutants, async ({ name, noticedBy }) => {
    const verdict = await runTests(noticedBy, name);
    const isNoticed = verdict.kind === 'NOTICED';
    done += 1;
    if (!isNoticed) missed += 1;
    print(
      `${done}/${mutants.length}  ${isNoticed ? 'noticed' : 'MISSED '}  ${name}: ${describe(verdict)} (${noticedBy.join(', ')})`,
    );
  });
  return missed;
}

/** Resolves to whether the tests of the mutants pass without a mutant. */
async function testWithoutMutant(mutants: readonly TestedMutant[]): Promise<boolean> {
  const files = [...new Set(mutants.flatMap(({ noticedBy }) => noticedBy))];
  print(`The same ${files.length} test files without a mutant:`);
  const verdict = await runTests(files);
  print(describe(verdict));
  return verdict.kind === 'PASSED';
}

async function run(mutants: readonly TestedMutant[]): Promise<number> {
  const missed = await testMutants(mutants);
  const passed = await testWithoutMutant(mutants);
  print(`${mutants.length - missed} of ${mutants.length} mutants noticed by their tests.`);
  if (!passed) print('The tests fail without a mutant too, so a failure with one proves nothing.');
  return missed === 0 && passed ? 0 : 1;
}

process.exitCode = await runCommand(parseOptions(process.argv.slice(2)), USAGE, async ({ only = '' }) => {
  const chosen = TESTED_MUTANTS.filter(({ name, file }) => name.includes(only) || file.includes(only));
  return chosen.length === 0 ? refuse(`No mutant has "${only}" in its name or file.`, USAGE) : run(chosen);
});
