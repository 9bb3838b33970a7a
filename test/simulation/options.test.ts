import { execFile } from 'node:child_process';
import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';

it.each([
  [['--rusn', '5']],
  [['--runs', 'many']],
  [['--runs', '0']],
  [['--runs', '1.5']],
  [['--runs']],
  [['--seed', 'x1']],
  [['--path', '1:2']],
  [['--seed', '1', '--path', 'a']],
  [['--seed', '2147483648']],
  [['--seed', '1', '--path', '1:2', '--runs', '5']],
  [['--seed', '1', '--path', '1:2', '--mutants']],
  [['20000']],
])('returns a sentence for the invalid options %j', (args) => {
  expect(parseOptions(args)).toEqual({ problem: expect.stringMatching(/\w+/) });
});

it('reads --runs and --seed as whole numbers', () => {
  expect(parseOptions(['--runs', '20000', '--seed=-7'])).toMatchObject({ runs: 20_000, seed: -7 });
  expect(parseOptions([])).toMatchObject({ runs: undefined, seed: undefined, mutants: false });
});

it('prints the usage and exits with code 2 for invalid options', async () => {
  const main = new URL('./main.ts', import.meta.url).pathname;
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [main, '--runs', 'many'], (error, _stdout, text) =>
      resolve({ code: error?.code, stderr: text }),
    );
  });

  expect(code).toBe(2);
  expect(stderr).toContain('--runs must be a whole number');
  expect(stderr).toContain('Usage: npm run simulate');
});
