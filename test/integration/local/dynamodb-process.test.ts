import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, it } from 'vitest';
import { createTable } from '../../../infra/local/aws/create-table.ts';
import { startDatabaseProcess } from '../../../infra/local/aws/dynamodb-process.ts';
import { ISSUE_TABLE } from '../../../shared/tables/table-definitions.ts';
import { aFakeAwsKey } from '../../support/secrets.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const DID_NOT_START =
  'DynamoDB Local did not start: try another DYNAMODB_PORT, and check that "java -version" prints 17 or newer.';

it('says what to do when another process has taken the port in the meantime', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => other.close(resolve)));
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await expect(startDatabaseProcess(port, process.env)).rejects.toThrow(DID_NOT_START);
});

it('says the same without Java', async () => {
  await expect(startDatabaseProcess(0, { ...process.env, PATH: '', JAVA_HOME: '' })).rejects.toThrow(
    DID_NOT_START,
  );
});

it('deletes the library that it unpacked when it is stopped', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'frabit-unpacked-'));
  cleanups.push(() => rm(directory, { recursive: true }));
  const JAVA_TOOL_OPTIONS = `-Djava.io.tmpdir=${directory}`;
  const database = await startDatabaseProcess(0, { ...process.env, JAVA_TOOL_OPTIONS }, (kill) =>
    cleanups.push(kill),
  );
  const client = new DynamoDBClient({
    endpoint: database.endpoint,
    region: 'us-east-1',
    credentials: aFakeAwsKey(),
  });
  await createTable(client, 'a-table', ISSUE_TABLE);
  client.destroy();
  expect(await readdir(directory)).not.toEqual([]);
  await database.stop(30_000);
  expect(await readdir(directory)).toEqual([]);
});
