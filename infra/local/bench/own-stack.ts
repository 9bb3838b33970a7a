import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Cleanup } from '../cleanup.ts';
import type { Environment } from '../environment.ts';

interface OwnStack {
  dynamoDbUrl: string;
  simulatorUrl: string;
  /** Rejects if the stack ends too early. */
  failed: Promise<never>;
}

const MAIN = resolve(import.meta.dirname, '../start/main.ts');
const STOPS_WITHIN_MS = 6_000;

/** Variables of the developer's own stack must not affect this one. */
const FOREIGN = /^(FEISHU_|OA_|AWS_|SEED$|ENABLE$|PORT$|DYNAMODB_PORT$|FRABIT_|LOG_LEVEL$)/;

/**
 * Runs `npm start` in its own process on free ports, without a demo issue, and reads the addresses from its output. It
 * ends with this process in any case, because it watches its parent.
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
    child.once('close', () => reject(new Error(`The stack of the bench ended. ${lastLine(said)}`)));
  });
  // The error reaches everyone who still waits; without a waiter it must not count as unhandled.
  failed.catch(() => undefined);
  const ready = new Promise<string>((done) => {
    const listen = (chunk: Buffer) => {
      // Later output is read, so that the pipe never blocks, but not kept.
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
    if (!url) throw new Error(`The stack of the bench does not print the address of its ${name}.`);
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
