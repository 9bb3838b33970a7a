import { execFile } from 'node:child_process';
import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';

it.each([
  [['--isues', '5']],
  [['--issues', 'many']],
  [['--issues', '0']],
  [['--issues', '1.5']],
  [['--issues', '-1']],
  [['--issues', '']],
  [['--issues']],
  [['--issues', '100001']],
  [['--per-minute', '9']],
  [['--workers', '0']],
  [['--workers', 'all']],
  [['--only', 'everything']],
  [['--only']],
  [['send']],
])('refuses %j with a sentence', (args) => {
  expect(parseOptions(args)).toEqual({ problem: expect.stringMatching(/\w+/) });
});

it('runs every scenario with 10,000 issues if there are no options', () => {
  expect(parseOptions([])).toEqual({
    issues: 10_000,
    perMinute: 100,
    workers: 5,
    only: ['send', 'disable', 'reassign', 'overload'],
    help: false,
  });
});

it('reads the size of the crowd, the limit, the workers and one scenario', () => {
  const args = ['--issues', '300', '--per-minute=20', '--workers', '1', '--only', 'send'];
  expect(parseOptions(args)).toMatchObject({ issues: 300, perMinute: 20, workers: 1, only: ['send'] });
});

it('prints the usage and exits with code 2 for a wrong option', async () => {
  const main = new URL('./main.ts', import.meta.url).pathname;
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [main, '--issues', 'many'], (error, _stdout, text) =>
      resolve({ code: error?.code, stderr: text }),
    );
  });

  expect(code).toBe(2);
  expect(stderr).toMatch(/^--issues must be a whole number\n\nUsage: npm run crowd/);
});
