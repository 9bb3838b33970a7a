import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createTable } from '../../infra/local/aws/create-table.ts';
import { startDatabaseProcess } from '../../infra/local/aws/dynamodb-process.ts';
import { marshallOptions } from '../../shared/runtime/dynamodb-writes.ts';
import { APPROVAL_TABLE, ISSUE_TABLE } from '../../shared/tables/table-definitions.ts';
import { aFakeAwsKey } from './secrets.ts';
import type { TestDatabase } from './test-database.ts';

export interface DynamoDbLocal extends TestDatabase {
  endpoint: string;
}

/** Long enough, on a busy machine, for the process to delete the files that it unpacked. */
const STOPS_WITHIN_MS = 30_000;

/**
 * Starts DynamoDB Local on a free port, as the local stack does. Start it once in a test file, and stop it in
 * `afterAll`.
 */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  const database = await startDatabaseProcess(0, process.env);
  const { endpoint } = database;
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: aFakeAwsKey(),
    maxAttempts: 3,
  });
  return {
    endpoint,
    client,
    documents: DynamoDBDocumentClient.from(client, { marshallOptions: marshallOptions() }),
    createTables: () => createTables(client),
    async stop() {
      client.destroy();
      await database.stop(STOPS_WITHIN_MS);
    },
  };
}

async function createTables(client: DynamoDBClient) {
  const suffix = randomUUID();
  const issueTableName = `issues-${suffix}`;
  const approvalTableName = `approvals-${suffix}`;
  await createTable(client, issueTableName, ISSUE_TABLE);
  await createTable(client, approvalTableName, APPROVAL_TABLE);
  return { issueTableName, approvalTableName };
}
