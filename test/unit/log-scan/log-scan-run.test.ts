import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');

/** Starts a vitest run in which one test passes and leaks in the way that LEAK names. */
function runThatLeaks(leak: string): Promise<{ code: number; report: string }> {
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
        done({ code: typeof error?.code === 'number' ? error.code : 0, report: stderr }),
    );
  });
}

describe('a test run whose tests pass', () => {
  it.each([
    ['on the console', 'app secret, plain, in console'],
    ['in two writes', 'encrypt key, plain, in stdout'],
    ['in the log of a function', 'SQL statement, plain, in stdout'],
    ['in a child process', 'verification token, plain, in child 1 stdout'],
  ])('ends with 1 if a secret or SQL is %s', async (leak, finding) => {
    const { code, report } = await runThatLeaks(leak);
    expect(code).toBe(1);
    expect(report).toMatch(/log scan: .+: FOUND\n/);
    expect(report).toContain(`  ${finding} of test/unit/log-scan/leaking-run/leaks.ts`);
    // The report says what kind of value was found and where, but not the value.
    expect(report).not.toMatch(/[0-9a-f]{32}|DELETE/);
  });

  it('ends with 0 if nothing leaks, and says what was scanned', async () => {
    const { code, report } = await runThatLeaks('nowhere');
    expect(code).toBe(0);
    expect(report).toMatch(/log scan: \d+ lines of \d+ sources, 3 secrets and 1 statements: none found/);
  });
});
