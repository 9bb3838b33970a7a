import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** What a test needs of a database, in memory or DynamoDB Local. */
export interface TestDatabase {
  client: DynamoDBClient;
  documents: DynamoDBDocumentClient;
  /** Creates both tables under names of their own, so that tests of one file need not share them. */
  createTables(): Promise<{ issueTableName: string; approvalTableName: string }>;
  stop(): Promise<void>;
}
