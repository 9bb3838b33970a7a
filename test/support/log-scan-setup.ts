/**
 * Setup file of vitest: runs in the worker before each test file. It records everything that the worker and its child
 * processes print.
 */
import childProcess from 'node:child_process';
import { relative } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { expect, inject, vi } from 'vitest';
import { recordText, startRecording } from './log-scan-record.ts';
import { declareApp, declareSecret } from './secrets.ts';

const root = new URL('../..', import.meta.url).pathname;
startRecording(inject('logScanDirectory'), relative(root, expect.getState().testPath ?? 'unknown'));

const textOf = (chunk: unknown): string =>
  typeof chunk === 'string' ? chunk : chunk instanceof Uint8Array ? Buffer.from(chunk).toString('utf8') : '';

/**
 * Returns whether a text is a line of Powertools. Such lines are scanned, but not printed: they would hide the report.
 */
const isLambdaLog = (text: string): boolean => /^\{"(?:level|_aws)":/.test(text);

/** A worker may run several test files, and this file before each of them. */
const RECORDED = Symbol.for('frabit.log-scan.recorded');
function isRecorded(what: object): boolean {
  const before = Reflect.get(what, RECORDED) === true;
  Reflect.set(what, RECORDED, true);
  return before;
}

function recordStream(stream: Writable, source: string): void {
  if (isRecorded(stream)) return;
  const write = stream.write.bind(stream);
  // The cast is needed because `write` is overloaded. Both forms are passed on.
  stream.write = ((chunk: unknown, ...rest: []) => {
    const text = textOf(chunk);
    recordText(source, text);
    return write(isLambdaLog(text) ? '' : chunk, ...rest);
  }) as typeof stream.write;
}

recordStream(process.stdout, 'stdout');
recordStream(process.stderr, 'stderr');
// The console of vitest writes to its own streams.
for (const name of ['_stdout', '_stderr'] as const) {
  const stream: unknown = Reflect.get(console, name);
  if (stream !== process.stdout && stream !== process.stderr && isWritable(stream)) {
    recordStream(stream, 'console');
  }
}

function isWritable(stream: unknown): stream is Writable {
  return typeof stream === 'object' && stream !== null && 'write' in stream;
}

/** `spawn`, `fork`, `exec` and `execFile` all call this method. All output of the child passes through `push`. */
const { ChildProcess } = childProcess;
if (!isRecorded(ChildProcess)) recordChildren();

function recordChildren(): void {
  const spawn: unknown = Reflect.get(ChildProcess.prototype, 'spawn');
  let children = 0;
  if (typeof spawn !== 'function') throw new Error('Node no longer has ChildProcess.prototype.spawn');
  Reflect.set(
    ChildProcess.prototype,
    'spawn',
    function (this: childProcess.ChildProcess, ...args: unknown[]) {
      const started: unknown = Reflect.apply(spawn, this, args);
      // esbuild returns its bundles on standard output, which is not a log.
      if (/\besbuild$/.test(this.spawnfile)) return started;
      children += 1;
      recordReads(this.stdout, `child ${children} stdout`);
      recordReads(this.stderr, `child ${children} stderr`);
      return started;
    },
  );
}

function recordReads(stream: Readable | null | undefined, source: string): void {
  if (!stream) return;
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
    recordText(source, textOf(chunk));
    return push(chunk, encoding);
  };
}

// The simulated Feishu shares no code with the tests, so its random keys are declared where it makes them.
vi.mock('../../infra/local/simulators/feishu/keys.ts', async (original) => {
  const module = await original<typeof import('../../infra/local/simulators/feishu/keys.ts')>();
  const createKeys: typeof module.createKeys = (kept) => {
    const keys = module.createKeys(kept);
    declareApp(keys);
    return keys;
  };
  return { ...module, createKeys };
});
vi.mock('../../infra/local/simulators/feishu/tokens.ts', async (original) => {
  const module = await original<typeof import('../../infra/local/simulators/feishu/tokens.ts')>();
  const createTokens: typeof module.createTokens = (clock) => {
    const tokens = module.createTokens(clock);
    const issue = () => {
      const issued = tokens.issue();
      declareSecret('tenant token', issued.token);
      return issued;
    };
    return { ...tokens, issue };
  };
  return { ...module, createTokens };
});
