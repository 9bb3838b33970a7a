import { execFile } from 'node:child_process';
import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';

it.each([
  [['--dpeth', '5']],
  [['--depth', 'deep']],
  [['--depth', '0']],
  [['--depth', '-1']],
  [['--depth', '1.5']],
  [['--depth']],
  [['--minutes', '0']],
  [['--workers', 'all']],
  [['--from', 'nowhere']],
  [['--without', '37']],
  [['--replay', 'edit-1,work']],
  [['--replay', 'open:work', '--depth', '3']],
  [['--replay', 'open:work', '--minutes', '1']],
  [['--replay', 'open:work', '--workers', '1']],
  [['--replay', 'open:work', '--from', 'open']],
  [['--replay', 'open:work', '--races']],
  [['4']],
])('refuses %j with a sentence', (args) => {
  expect(parseOptions(args)).toEqual({ problem: expect.stringMatching(/\w+/) });
});

it('has depth 4, or no limit of depth if a time is given', () => {
  expect(parseOptions(['--depth', '6', '--without', '36'])).toMatchObject({ depth: 6, without: '36' });
  expect(parseOptions(['--replay', 'open:work', '--without', '36'])).toMatchObject({ replay: 'open:work' });
  expect(parseOptions([])).toMatchObject({ depth: 4, minutes: undefined });
  expect(parseOptions(['--minutes', '20'])).toMatchObject({ depth: 100, minutes: 20 });
});

it.each([
  [['--depth', '0'], '--depth must be from 1 to 100'],
  [['--replay', 'open:fly-1'], 'Cannot replay the story: "fly-1" is not possible after action 0'],
])('prints the usage and exits with code 2 for %j', async (args, problem) => {
  const main = new URL('./main.ts', import.meta.url).pathname;
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [main, ...args], (error, _stdout, text) =>
      resolve({ code: error?.code, stderr: text }),
    );
  });

  expect(code).toBe(2);
  expect(stderr).toContain(problem);
  expect(stderr).toContain('Usage: npm run explore');
});
