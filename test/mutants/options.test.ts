import { execFile } from 'node:child_process';
import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';

it.each([[['--olny', 'form']], [['--only']], [['--only', '']], [['--only', ' ']], [['form']]])(
  'refuses %j with a sentence',
  (args) => {
    expect(parseOptions(args)).toEqual({ problem: expect.stringMatching(/\w+/) });
  },
);

it('chooses mutants by a text, or all without one', () => {
  expect(parseOptions(['--only', 'pacing'])).toEqual({ only: 'pacing', help: false });
  expect(parseOptions([])).toEqual({ only: undefined, help: false });
});

it.each([
  ['--olny', /Unknown option '--olny'/],
  ['--only=no such mutant', /No mutant has "no such mutant" in its name or file\./],
])('prints the usage and exits with code 2 for %s', async (arg, problem) => {
  const main = new URL('./main.ts', import.meta.url).pathname;
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [main, arg], (error, _stdout, text) =>
      resolve({ code: error?.code, stderr: text }),
    );
  });

  expect(code).toBe(2);
  expect(stderr).toMatch(problem);
  expect(stderr).toContain('Usage: npm run mutants');
});
