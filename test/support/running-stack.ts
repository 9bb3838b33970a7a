import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { demoIssue } from '../../infra/local/frabit/frabit.ts';
import { recordText } from './log-scan-record.ts';
import { declareStatements } from './secrets.ts';

const MAIN = resolve(import.meta.dirname, '../../infra/local/start/main.ts');

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface StartedStack {
  child: ChildProcess;
  output(): string;
  /** Resolves once the output matches. Rejects with the output if the stack ends before. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  ended: Promise<Ended>;
  /** Sends a signal, by default SIGTERM, and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

/** Returns environment variables with free ports and a new state directory, so that stacks can run side by side. */
export async function aPlace(): Promise<{ env: NodeJS.ProcessEnv; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'frabit-local-'));
  return {
    env: {
      PORT: '0',
      DYNAMODB_PORT: '0',
      FEISHU_SIMULATOR_PORT: '0',
      FRABIT_STATE_DIR: directory,
    },
    async remove() {
      await recordFunctionLogs(directory);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Records the log files of the functions for the log scan. */
async function recordFunctionLogs(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.endsWith('.log')) recordText(name, await readFile(join(directory, name), 'utf8'));
  }
}

/**
 * Starts the stack as a user does, as a process. A test knows it by its output only. `underShell` starts it from a
 * shell, as npm does: a signal then ends only the shell.
 */
export function startStackProcess(env: NodeJS.ProcessEnv, underShell = false): StartedStack {
  for (const { tasks } of demoIssue('demo', 'http://front', new Date(0)).stages) declareStatements(tasks);
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(FEISHU_|OA_|AWS_|SEED$|ENABLE$|VITEST|npm_lifecycle_event$)/.test(name),
    ),
  );
  const [command, args]: [string, string[]] = underShell
    ? ['sh', ['-c', '"$0" "$1"; exit $?', process.execPath, MAIN]]
    : [process.execPath, [MAIN]];
  const child = spawn(command, args, {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  const onText = (add: (text: string) => void) => (chunk: Buffer) => {
    add(chunk.toString('utf8'));
    for (const watcher of watchers) watcher();
  };
  child.stdout.on(
    'data',
    onText((text) => (stdout += text)),
  );
  child.stderr.on(
    'data',
    onText((text) => (stderr += text)),
  );
  const ended = once(child, 'close').then(
    (): Ended => ({ code: child.exitCode, signal: child.signalCode, stdout, stderr }),
  );
  return {
    child,
    ended,
    output: () => stdout,
    waitFor(pattern) {
      return new Promise((resolveMatch, reject) => {
        const look = () => {
          const match = pattern.exec(stdout);
          if (!match) return;
          watchers.delete(look);
          resolveMatch(match);
        };
        watchers.add(look);
        look();
        ended.then(() => reject(new Error(`The stack ended before ${pattern}:\n${stdout}${stderr}`)));
      });
    },
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}
