import { execFile } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { cannotStart } from '../../command-problem.ts';
import { javaEnvironment } from '../aws/dynamodb-process.ts';
import type { Environment } from '../environment.ts';
import type { LocalConfig } from './config.ts';

const NODE_NEEDED = 24;
const JAVA_NEEDED = 17;

/** Checks everything that can be checked before the start. Throws a CommandProblem; leaves nothing behind. */
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

/** Returns the line to print if Node is too old, or undefined. */
export function nodeProblem(version: string): string | undefined {
  return Number(version.split('.')[0]) >= NODE_NEEDED
    ? undefined
    : `Node ${NODE_NEEDED} is required, this is ${version}: run "npm ci", then start with "npm start", which uses its own Node.`;
}

async function checkPort(variable: string, port: number, what: string): Promise<void> {
  if (port === 0) return;
  const state = await tryPort(port);
  switch (state) {
    case 'FREE':
      return;
    case 'IN_USE':
      throw cannotStart(
        `Port ${port} for ${what} is in use: stop what listens there, or set ${variable} to a free port.`,
      );
    case 'NOT_ALLOWED':
      throw cannotStart(`Port ${port} for ${what} is not allowed here: set ${variable} to one above 1023.`);
    default:
      state satisfies never;
  }
}

type PortState = 'FREE' | 'IN_USE' | 'NOT_ALLOWED';

/**
 * Checks a port of the loopback, where all our servers listen: a server on another interface does not matter. Also tries
 * a connection, because some systems allow binding the loopback beside a server on all interfaces.
 */
async function tryPort(port: number): Promise<PortState> {
  if (await accepts('127.0.0.1', port, 1_000)) return 'IN_USE';
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => {
      const code = 'code' in error ? error.code : undefined;
      resolve(code === 'EADDRINUSE' ? 'IN_USE' : code === 'EACCES' ? 'NOT_ALLOWED' : 'FREE');
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve('FREE')));
  });
}

async function checkJava(env: Environment): Promise<void> {
  const output = await new Promise<string>((resolve) => {
    execFile('java', ['-version'], { env: javaEnvironment(env), timeout: 20_000 }, (error, stdout, stderr) =>
      resolve(error ? '' : `${stdout}${stderr}`),
    );
  });
  const major = javaMajor(output);
  if (major === undefined) {
    throw cannotStart(
      `Java is missing: DynamoDB Local needs Java ${JAVA_NEEDED} or newer. Put one on PATH or set JAVA_HOME.`,
    );
  }
  if (major < JAVA_NEEDED) {
    throw cannotStart(
      `Java ${major} is too old: DynamoDB Local needs Java ${JAVA_NEEDED} or newer. Put one first on PATH or set JAVA_HOME.`,
    );
  }
}

/** Returns the major version from the output of `java -version`. Java 8 and older print 1.8. */
export function javaMajor(output: string): number | undefined {
  const found = /version "(\d+)(?:\.(\d+))?/.exec(output);
  if (!found) return undefined;
  return Number(found[1] === '1' ? found[2] : found[1]);
}

/** Only opens a connection: a request would be one that docs/contract.md 2 does not list. */
async function checkReachable(baseUrl: string): Promise<void> {
  const { protocol, hostname, port } = new URL(baseUrl);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (await accepts(host, Number(port) || (protocol === 'https:' ? 443 : 80), 5_000)) return;
  throw cannotStart(`Feishu is out of reach at ${baseUrl}: check the network, or set FEISHU_BASE_URL.`);
}

/** Opens a connection and closes it. */
function accepts(host: string, port: number, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const answer = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(withinMs, () => answer(false));
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
