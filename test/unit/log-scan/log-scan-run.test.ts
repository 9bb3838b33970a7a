import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');

/** A run of vitest of its own, in which one test passes and prints what LEAK says. */
function runThatLeaks(leak: string): Promise<{ code: number; said: string }> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_ENV$)/.test(name));
  return new Promise((done) => {
    execFile(
      process.execPath,
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--config',
        'test/unit/log-scan/leaking-run/vitest.config.ts',
      ],
      { cwd: ROOT, env: { ...Object.fromEntries(inherited), LEAK: leak } },
      (error, _stdout, stderr) =>
        done({ code: typeof error?.code === 'number' ? error.code : 0, said: stderr }),
    );
  });
}

describe('a run whose tests all pass', () => {
  it.each([
    ['on the console', 'app secret, plain, in console'],
    ['in two writes', 'encrypt key, plain, in stdout'],
    ['in the log of a function', 'SQL statement, plain, in stdout'],
    ['in a child process', 'verification token, plain, in child 1 stdout'],
  ])('ends with 1 when what must not be logged is %s', async (leak, finding) => {
    const { code, said } = await runThatLeaks(leak);
    expect(code).toBe(1);
    expect(said).toMatch(/log scan: .+: FOUND\n/);
    expect(said).toContain(`  ${finding} of test/unit/log-scan/leaking-run/leaks.ts`);
    // The report says what was found and where, and not again what it was.
    expect(said).not.toMatch(/[0-9a-f]{32}|DELETE/);
  });

  it('ends with 0 when nothing is, and says what was looked at', async () => {
    const { code, said } = await runThatLeaks('nowhere');
    expect(code).toBe(0);
    expect(said).toMatch(/log scan: \d+ lines of \d+ sources, 3 secrets and 1 statements: none found/);
  });
});
