import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { APPROVAL_TABLE, ISSUE_TABLE } from '../../../shared/tables/table-definitions.ts';
import type { Environment } from '../environment.ts';
import { APPROVAL_TABLE_NAME, ISSUE_TABLE_NAME, LOCAL_CREDENTIALS, REGION } from '../names.ts';
import { createTable } from './create-table.ts';
import { type DatabaseProcess, startDatabaseProcess } from './dynamodb-process.ts';

interface LocalDynamoDb extends DatabaseProcess {
  issueStreamArn: string;
  approvalStreamArn: string;
}

/** Starts DynamoDB Local in memory and creates the two tables of docs/contract.md 7 with their streams and index. */
export async function startDynamoDb(
  wantedPort: number,
  env: Environment,
  onStarted: (kill: () => void) => void,
): Promise<LocalDynamoDb> {
  const database = await startDatabaseProcess(wantedPort, env, onStarted);
  const client = new DynamoDBClient({
    endpoint: database.endpoint,
    region: REGION,
    credentials: LOCAL_CREDENTIALS,
    maxAttempts: 1,
  });
  try {
    return {
      ...database,
      issueStreamArn: await createTable(client, ISSUE_TABLE_NAME, ISSUE_TABLE),
      approvalStreamArn: await createTable(client, APPROVAL_TABLE_NAME, APPROVAL_TABLE),
    };
  } finally {
    client.destroy();
  }
}
