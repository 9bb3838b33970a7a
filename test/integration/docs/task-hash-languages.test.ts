import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { taskHash } from '../../../shared/issue/content-hash.ts';
import { aTask } from '../../support/issue.ts';
import { taskHashVectors, VECTORS_FILE } from '../../support/task-hash-vectors.ts';

/** Other implementations of the task hash. Each checks a file of vectors, and ends with 1 if a hash is wrong. */
const docs = new URL('../../../docs/', import.meta.url);
const fileOf = (name: string): string => fileURLToPath(new URL(`examples/${name}`, docs));
const LANGUAGES = {
  python3: { version: ['--version'], run: [fileOf('task_hash.py')] },
  go: { version: ['version'], run: ['run', fileOf('task_hash.go')] },
};
type Language = keyof typeof LANGUAGES;

const folder = mkdtempSync(join(tmpdir(), 'task-hash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function isHere(language: Language): boolean {
  try {
    execFileSync(language, LANGUAGES[language].version, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
const here = { python3: isHere('python3'), go: isHere('go') };

/** Runs an implementation. Returns the exit code and the output. */
function check(language: Language, vectorsFile: string): Promise<{ exit: number; out: string }> {
  const environment = { ...process.env, GOCACHE: join(folder, 'go'), GOFLAGS: '', GO111MODULE: 'off' };
  return new Promise((resolve) => {
    execFile(
      language,
      [...LANGUAGES[language].run, vectorsFile],
      { env: environment },
      (error, stdout, stderr) => resolve({ exit: error ? 1 : 0, out: stdout + stderr }),
    );
  });
}

function vectorsOf(name: string, vectors: { what: string; task: object; sha256: string }[]): string {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify({ vectors }));
  return file;
}

/** Texts that are spoiled by an encoder that replaces its own escapes afterwards. */
const LIKE_ESCAPES = ['\\u2028', '\\\\u2029', '\\u0008', '\\u003c'];

/** Tasks with random characters, many of which encoders treat differently. */
const randomTasks = () => {
  const unit = fc.oneof(
    fc.constantFrom(...LIKE_ESCAPES, ...'<>&\u2028\u2029\\"u0\b\f\u007f'),
    fc.string({ unit: 'binary', maxLength: 1 }),
  );
  const text = fc.string({ unit, maxLength: 60 });
  const changes = fc.record({ type: fc.option(text), database: fc.option(text), statement: text });
  return fc.sample(changes, { numRuns: 3_000, seed: 45 }).map((change) => aTask(change));
};

describe('this machine', () => {
  it('has Python for the second implementation of the task hash if it is CI', () => {
    if (!here.python3) console.warn('No python3 found: docs/examples/task_hash.py was not run. Install it.');
    if (!here.go) console.warn('No go found: docs/examples/task_hash.go was not run. CI does without it.');
    expect(here.python3 || process.env.CI !== 'true').toBe(true);
  });
});

describe.each(['python3', 'go'] as const)('the task hash of %s (docs/lessons.md 45)', (language) => {
  it.runIf(here[language])('is the published hash for each vector', async () => {
    expect(await check(language, fileURLToPath(VECTORS_FILE))).toEqual({
      exit: 0,
      out: `${taskHashVectors.length} of ${taskHashVectors.length} task hashes are right\n`,
    });
  });

  it.runIf(here[language])('is our hash for random tasks', async () => {
    const tasks = randomTasks();
    const vectors = tasks.map((task, at) => ({ what: `task ${at}`, task, sha256: taskHash(task) }));
    expect(await check(language, vectorsOf('random.json', vectors))).toEqual({
      exit: 0,
      out: `${tasks.length} of ${tasks.length} task hashes are right\n`,
    });
  });

  it.runIf(here[language])('is named if it is wrong, and the program ends with 1', async () => {
    const vectors = [{ what: 'wrong one', task: aTask(), sha256: taskHash(aTask({ database: 'other' })) }];
    const { exit, out } = await check(language, vectorsOf('wrong.json', vectors));
    expect(exit).toBe(1);
    expect(out).toContain('wrong: wrong one\n0 of 1 task hashes are right\n');
  });
});

it('the Go code in the contract is the one in docs/examples/task_hash.go', () => {
  const lines = (text: string) => text.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
  const shown = /```go\n([\s\S]*?)```/.exec(readFileSync(new URL('contract.md', docs), 'utf8'))?.[1] ?? '';
  expect(lines(shown.trim())).toHaveLength(5);
  const program = lines(readFileSync(fileOf('task_hash.go'), 'utf8')).join('\n');
  expect(program).toContain(lines(shown.trim()).join('\n'));
});
