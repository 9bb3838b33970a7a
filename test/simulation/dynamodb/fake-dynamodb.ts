import { type AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { APPROVAL_TABLE, ISSUE_TABLE } from '../../../shared/tables/table-definitions.ts';
import { Database } from './database.ts';
import { keyNames } from './keys.ts';
import { streamRecord } from './stream-records.ts';
import { type StoredItem, Table } from './table.ts';
import { requestOf } from './wire.ts';

/**
 * DynamoDB in memory: the two tables behind a client whose `send` stays in the process. `test/integration/store` compares
 * it with DynamoDB Local. It refuses everything that it does not implement.
 */
export interface FakeDynamoDb {
  /** A real client except for `send`, so that paginators accept it. It carries out one command after another. */
  documents: DynamoDBDocumentClient;
  tables: { issueTableName: string; approvalTableName: string };
  /**
   * Returns the stream records of the Issues table (NEW_AND_OLD_IMAGES) since the last call, in the order of the writes.
   * A write that changes nothing has no record.
   */
  takeIssueChanges(): DynamoDBRecord[];
  /** All items of a table as frozen raw values, in the order of a scan. */
  items(table: 'issues' | 'approvals'): Record<string, AttributeValue>[];
  /** Returns the whole content. Items are shared, because no item is ever changed in place. */
  snapshot(): DatabaseSnapshot;
  restore(snapshot: DatabaseSnapshot): void;
}

export interface DatabaseSnapshot {
  readonly issues: readonly StoredItem[];
  readonly approvals: readonly StoredItem[];
  /** The sequence of the last change of the Issues table. */
  readonly sequence: number;
}

export interface DynamoCall {
  kind: 'READ' | 'WRITE';
  /** The name in the API, such as `UpdateItem`. */
  operation: string;
  /** Whether a read is not strongly consistent. */
  lags: boolean;
}

export interface FakeDynamoDbOptions {
  /**
   * Wraps each command. `run` carries it out, or throws the error of DynamoDB. A second `run` is the SDK's retry after a
   * lost answer; a transaction is then not carried out again, because the SDK gives it a token.
   */
  around?: (call: DynamoCall, run: () => unknown) => Promise<unknown>;
  /** Called with each item of the Approvals table that was put or changed, and with the item before. */
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

/** Returns both clients of a database in memory. They are real, but their `send` stays in the process. */
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
