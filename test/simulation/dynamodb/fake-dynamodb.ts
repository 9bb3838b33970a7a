import { type AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { APPROVAL_TABLE, ISSUE_TABLE } from '../../../shared/tables/definitions.ts';
import { Database } from './database.ts';
import { keyNames } from './keys.ts';
import { streamRecord } from './stream-records.ts';
import { type StoredItem, Table } from './table.ts';
import { requestOf } from './wire.ts';

/**
 * DynamoDB in memory, for the simulation: the two tables behind a client whose `send` never leaves the process.
 * What it does is held against DynamoDB Local by `test/integration/store`; what it does not know it refuses.
 */
export interface FakeDynamoDb {
  /** A real client but for `send`, so that paginators take it; commands are carried out one after another. */
  documents: DynamoDBDocumentClient;
  tables: { issueTableName: string; approvalTableName: string };
  /**
   * The stream records of the Issues table (NEW_AND_OLD_IMAGES) since the last call, in the order of writing. A
   * write that changes nothing makes no record.
   */
  takeIssueChanges(): DynamoDBRecord[];
  /** Everything in a table as raw values, frozen; in the order of a scan. */
  items(table: 'issues' | 'approvals'): Record<string, AttributeValue>[];
  /** All that it holds; items are shared, because none is ever changed in place. */
  snapshot(): DatabaseSnapshot;
  restore(snapshot: DatabaseSnapshot): void;
}

export interface DatabaseSnapshot {
  readonly issues: readonly StoredItem[];
  readonly approvals: readonly StoredItem[];
  /** Of the last change of the Issues table. */
  readonly sequence: number;
}

export interface DynamoCall {
  kind: 'READ' | 'WRITE';
  /** As the API calls it, e.g. `UpdateItem`. */
  operation: string;
  /** A read that may lag behind what was written. */
  lags: boolean;
}

export interface FakeDynamoDbOptions {
  /**
   * Around each command: `run` carries it out and throws what DynamoDB would refuse it with. A second run is the SDK's
   * own, after an answer that was lost: the token that it gives a transaction keeps that from being carried out twice.
   */
  around?: (call: DynamoCall, run: () => unknown) => Promise<unknown>;
  /** Told of each item of the Approvals table as it was put or changed, and as it was before. */
  onApproval?: (
    item: Record<string, AttributeValue>,
    before: Record<string, AttributeValue> | undefined,
  ) => void;
}

const ISSUES = 'issues';
const APPROVALS = 'approvals';

export function createFakeDynamoDb(options: FakeDynamoDbOptions = {}): FakeDynamoDb {
  let changes: DynamoDBRecord[] = [];
  let sequence = 0;
  const issues = new Table(ISSUE_TABLE, (before, after) => {
    sequence++;
    changes.push(streamRecord(sequence, keyNames(ISSUE_TABLE), before, after));
  });
  const approvals = new Table(
    APPROVAL_TABLE,
    (before, after) => after && options.onApproval?.(after, before),
  );
  const database = new Database(
    new Map([
      [ISSUES, issues],
      [APPROVALS, approvals],
    ]),
  );

  return {
    documents: clientsOf(database, options.around).documents,
    tables: { issueTableName: ISSUES, approvalTableName: APPROVALS },
    takeIssueChanges() {
      const taken = changes;
      changes = [];
      return taken;
    },
    snapshot: () => ({ issues: issues.all(), approvals: approvals.all(), sequence }),
    restore(snapshot) {
      issues.restore(snapshot.issues);
      approvals.restore(snapshot.approvals);
      sequence = snapshot.sequence;
      changes = [];
    },
    items: (table) => (table === 'issues' ? issues : approvals).all().map(({ attributes }) => attributes),
  };
}

/** Both clients of a database in memory: real ones, except that `send` never leaves the process. */
export function clientsOf(
  database: Database,
  around: NonNullable<FakeDynamoDbOptions['around']> = async (_, run) => run(),
): { client: DynamoDBClient; documents: DynamoDBDocumentClient } {
  const send = async (command: object): Promise<unknown> => {
    const { kind, operation, lags, run } = requestOf(command);
    let carriedOut: object | undefined;
    return around({ kind, operation, lags }, () => {
      if (carriedOut && operation === 'TransactWriteItems') return carriedOut;
      carriedOut = { ...run(database), $metadata: { httpStatusCode: 200, attempts: 1 } };
      return carriedOut;
    });
  };
  const client = new DynamoDBClient({ region: 'us-east-1' });
  const documents = DynamoDBDocumentClient.from(client);
  for (const each of [client, documents]) {
    Object.defineProperty(each, 'send', { value: send, writable: true, configurable: true });
  }
  return { client, documents };
}
