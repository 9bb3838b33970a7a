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
  /** Resolves once the output matches; rejects with the output if the stack ends before. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  ended: Promise<Ended>;
  /** SIGTERM, unless another signal is named. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

/** The variables under which a stack disturbs no other: free ports, a state directory of its own. */
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

/** Where `npm start` puts what the functions log, out of the way of its story. */
async function recordFunctionLogs(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.endsWith('.log')) recordText(name, await readFile(join(directory, name), 'utf8'));
  }
}

/**
 * Starts the stack as a user does: a process of its own, spoken to by its output alone. `underShell` puts a shell
 * between, as npm does: signals end that shell and nothing else.
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
