import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { MUTANT_VARIABLE } from './tested-mutant.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');
/** For one test file. A mutant can make a test wait forever. */
const TIMEOUT_MS = 5 * 60_000;

const reportSchema = z.object({
  success: z.boolean(),
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string().catch(''),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).catch([]),
        }),
      ),
    }),
  ),
});
/** The report of vitest's JSON reporter. */
export type Report = z.infer<typeof reportSchema>;

export type Verdict =
  | { kind: 'PASSED'; tests: number }
  /** An assertion failed. `test`: the first test with a failed assertion. */
  | { kind: 'NOTICED'; test: string; failed: number }
  /** Failed in another way: a file could not be loaded, or a test was too slow or threw something else. */
  | { kind: 'BROKEN'; why: string };

/** Runs test files, with or without a mutant. */
export async function runTests(files: readonly string[], mutant?: string): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), 'mutant-'));
  const outputFile = join(folder, 'report.json');
  const args = [
    ...[VITEST, 'run', ...files, '--reporter=json', `--outputFile=${outputFile}`, '--maxWorkers=1'],
    // Each file once: on the database in memory.
    '--project=!dynamodb-local',
    // The cache of modules on disk would give a run the source of the mutant before it, or of none.
    '--fsModuleCache=false',
  ];
  const env = { ...process.env, [MUTANT_VARIABLE]: mutant ?? '' };
  try {
    // The verdict comes from the report, so a failed process is no error here.
    const ended = await promisify(execFile)(process.execPath, args, {
      cwd: ROOT,
      env,
      timeout: TIMEOUT_MS * files.length,
      maxBuffer: 64 * 1024 * 1024,
    }).catch((error: unknown) => ({ stderr: String(error) }));
    const text = await readFile(outputFile, 'utf8').catch(() => undefined);
    if (text === undefined) return { kind: 'BROKEN', why: firstLine(ended.stderr) };
    return verdictOf(reportSchema.parse(JSON.parse(text)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the verdict of a report. */
export function verdictOf({ success, testResults }: Report): Verdict {
  const notLoaded = testResults.find(({ assertionResults }) => assertionResults.length === 0);
  if (notLoaded) return { kind: 'BROKEN', why: `${notLoaded.name}: ${firstLine(notLoaded.message)}` };
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.filter(({ status }) => status === 'failed');
  const asserting = failed.find(({ failureMessages }) => failureMessages.some(isAssertionError));
  if (asserting) return { kind: 'NOTICED', test: asserting.fullName, failed: failed.length };
  if (success && tests.length > 0) return { kind: 'PASSED', tests: tests.length };
  return { kind: 'BROKEN', why: firstLine(failed[0]?.failureMessages[0] ?? 'no test was run') };
}

const isAssertionError = (message: string): boolean => message.startsWith('AssertionError');

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';
