import { execFile } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import type { Environment, LocalConfig } from './config.ts';
import { StartProblem } from './problem.ts';

const NODE_NEEDED = 24;
const JAVA_NEEDED = 17;

/** Everything that can be known before anything is started. Throws a StartProblem; leaves nothing behind. */
export async function checkBeforeStart(config: LocalConfig, env: Environment): Promise<void> {
  await checkPort('PORT', config.port, 'the HTTP front');
  await checkPort('DYNAMODB_PORT', config.dynamoDbPort, 'DynamoDB Local');
  if (!config.ownFeishu)
    await checkPort('FEISHU_SIMULATOR_PORT', config.simulatorPort, 'the Feishu simulator');
  if (!config.oaPort.elseAny) {
    await checkPort('OA_SIMULATOR_PORT', config.oaPort.port, 'the OA simulator');
  }
  await checkJava(env);
  if (config.ownFeishu) await checkReachable(config.ownFeishu.baseUrl);
}

/** The line to print under a Node that is too old, or undefined. */
export function nodeProblem(version: string): string | undefined {
  return Number(version.split('.')[0]) >= NODE_NEEDED
    ? undefined
    : `Node ${NODE_NEEDED} is needed, this is ${version}: start with "npm start", which brings its own (after "npm ci").`;
}

async function checkPort(variable: string, port: number, what: string): Promise<void> {
  if (port === 0) return;
  // Both: DynamoDB Local binds every interface, the others the loopback alone, and some systems
  // let one be bound beside the other.
  for (const host of ['127.0.0.1', undefined]) {
    const code = await tryToListen(port, host);
    if (code === 'EADDRINUSE') {
      throw new StartProblem(
        `Port ${port} for ${what} is in use: stop what listens there, or set ${variable} to a free port.`,
      );
    }
    if (code === 'EACCES') {
      throw new StartProblem(
        `Port ${port} for ${what} is not allowed here: set ${variable} to one above 1023.`,
      );
    }
  }
}

function tryToListen(port: number, host: string | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve('code' in error ? String(error.code) : 'UNKNOWN'));
    server.listen({ port, ...(host && { host }), exclusive: true }, () =>
      server.close(() => resolve(undefined)),
    );
  });
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** The environment in which `java` is the one of JAVA_HOME, if that is set, else the one on PATH. */
export function javaEnvironment(env: Environment): NodeJS.ProcessEnv {
  if (!env.JAVA_HOME) return { ...env };
  return { ...env, PATH: [join(env.JAVA_HOME, 'bin'), env.PATH].filter(Boolean).join(delimiter) };
}

async function checkJava(env: Environment): Promise<void> {
  const output = await new Promise<string>((resolve) => {
    execFile('java', ['-version'], { env: javaEnvironment(env), timeout: 20_000 }, (error, stdout, stderr) =>
      resolve(error ? '' : `${stdout}${stderr}`),
    );
  });
  const major = javaMajor(output);
  if (major === undefined) {
    throw new StartProblem(
      `Java is missing: DynamoDB Local needs Java ${JAVA_NEEDED} or newer. Put one on PATH or set JAVA_HOME.`,
    );
  }
  if (major < JAVA_NEEDED) {
    throw new StartProblem(
      `Java ${major} is too old: DynamoDB Local needs Java ${JAVA_NEEDED} or newer. Put one first on PATH or set JAVA_HOME.`,
    );
  }
}

/** The major version in what `java -version` prints; 8 and older call themselves 1.8. */
export function javaMajor(output: string): number | undefined {
  const found = /version "(\d+)(?:\.(\d+))?/.exec(output);
  if (!found) return undefined;
  return Number(found[1] === '1' ? found[2] : found[1]);
}

/** Opens a connection and closes it: a request would be one that CONTRACT section 2 does not list. */
async function checkReachable(baseUrl: string): Promise<void> {
  const { protocol, hostname, port } = new URL(baseUrl);
  const reached = await new Promise<boolean>((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
    });
    const answer = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(5_000, () => answer(false));
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
  if (!reached) {
    throw new StartProblem(
      `Feishu is out of reach at ${baseUrl}: check the network, or set FEISHU_BASE_URL.`,
    );
  }
}
