import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../../infra/local/bench/options.ts';

const BENCH = resolve(import.meta.dirname, '../../../infra/local/bench/main.ts');

/** Runs the bench as a user does, without a running stack. */
function runBench(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [BENCH, ...args],
      { env: { ...process.env, PORT: '1' } },
      (error, stdout, stderr) => done({ code: error ? error.code : 0, stdout, stderr }),
    );
  });
}

describe('options of the bench', () => {
  it.each([
    [['--isues', '5']],
    [['--issues', 'many']],
    [['--issues', '0']],
    [['--issues', '1.5']],
    [['--issues', '-1']],
    [['--issues', '']],
    [['--issues', '1e3']],
    [['--issues', '100000']],
    [['--issues']],
    [['--calls-per-minute', '9']],
    [['--calls-per-minute', 'fast']],
    [['--only', 'everything']],
    [['--only']],
    [['limits']],
  ])('%j are refused with a sentence', (args) => {
    expect(parseOptions(args)).toEqual({ problem: expect.stringMatching(/\w+/) });
  });

  it('measures both parts by default', () => {
    expect(parseOptions([])).toMatchObject({ parts: ['speed', 'limits'], help: false });
  });

  it('select one part, its issues and its limit', () => {
    const args = ['--only', 'limits', '--issues', '500', '--calls-per-minute', '100'];
    expect(parseOptions(args)).toMatchObject({
      parts: ['limits'],
      issues: { limits: 500 },
      callsPerMinute: 100,
    });
  });

  it('that are invalid end the command with a sentence, the usage and exit code 2', async () => {
    const { code, stdout, stderr } = await runBench('--issues', 'many');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^--issues must be a whole number\n\nUsage: npm run bench/);
  });

  it('print the usage with --help and end with 0', async () => {
    expect(await runBench('--help')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: /) });
  });
});

it('says in one line that no stack runs, and exits with 1', async () => {
  const { code, stderr } = await runBench('--only', 'speed');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Nothing is ready at http:\/\/127\.0\.0\.1:1: run "SEED=0 npm start" .*\n$/);
});
