import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Cleanup } from '../cleanup.ts';
import type { Environment } from '../environment.ts';

export interface OwnStack {
  dynamoDbUrl: string;
  simulatorUrl: string;
  /** Rejects if the stack ends before it is told to. */
  failed: Promise<never>;
}

const MAIN = resolve(import.meta.dirname, '../start/main.ts');
const STOPS_WITHIN_MS = 6_000;

/** What a developer has set for a stack of theirs is not for this one. */
const FOREIGN = /^(FEISHU_|OA_|AWS_|SEED$|ENABLE$|PORT$|DYNAMODB_PORT$|FRABIT_|LOG_LEVEL$)/;

/**
 * `npm start` in a process of its own on free ports, with nothing seeded; its output is read for its addresses. It
 * ends with this process whatever happens to that: it looks who its parent is.
 */
export async function startOwnStack(
  env: Environment,
  callsPerMinute: number,
  cleanup: Cleanup,
): Promise<OwnStack> {
  const directory = await mkdtemp(join(tmpdir(), 'frabit-bench-'));
  cleanup.add(() => rm(directory, { recursive: true, force: true }));
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...Object.fromEntries(Object.entries(env).filter(([name]) => !FOREIGN.test(name))),
      PORT: '0',
      DYNAMODB_PORT: '0',
      FEISHU_SIMULATOR_PORT: '0',
      FEISHU_CALLS_PER_MINUTE: String(callsPerMinute),
      FRABIT_STATE_DIR: directory,
      SEED: '0',
      npm_lifecycle_event: 'bench',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  cleanup.add(() => stop(child).finally(() => process.off('exit', kill)));
  return readAddresses(child);
}

async function readAddresses(child: ChildProcess): Promise<OwnStack> {
  let said = '';
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('close', () => reject(new Error(`The stack of the bench has ended. ${lastLine(said)}`)));
  });
  // Whoever still waits for something of the stack hears of it; nobody else has to.
  failed.catch(() => undefined);
  const ready = new Promise<string>((done) => {
    const listen = (chunk: Buffer) => {
      // What it tells once it runs is read, so that it is never held up, and dropped.
      if (said.includes('Ready after')) return;
      said += chunk.toString('utf8');
      if (said.includes('Ready after')) done(said);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
  });
  const welcome = await Promise.race([ready, failed]);
  const urlOf = (name: string): string => {
    const url = new RegExp(`${name} +(http://127\\.0\\.0\\.1:\\d+)`).exec(welcome)?.[1];
    if (!url) throw new Error(`The stack of the bench does not say where its ${name} is.`);
    return url;
  };
  return { dynamoDbUrl: urlOf('DynamoDB Local'), simulatorUrl: urlOf('Feishu simulator'), failed };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const tooLong = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS);
  await ended;
  clearTimeout(tooLong);
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
