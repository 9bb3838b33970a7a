import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { closeServer, listen } from '../../infra/local/http.ts';
import { APPROVAL_TABLE_NAME, ISSUE_TABLE_NAME } from '../../infra/local/names.ts';
import { APPROVAL_TABLE, ISSUE_TABLE, type TableDefinition } from '../../shared/tables/table-definitions.ts';
import { Database } from '../simulation/dynamodb/database.ts';
import { keyNames } from '../simulation/dynamodb/keys.ts';
import { streamRecord } from '../simulation/dynamodb/stream-records.ts';
import { type StoredItem, Table } from '../simulation/dynamodb/table.ts';
import { createFailing, type Failing, failureAnswer } from './failing-proxy.ts';

/**
 * The two tables in memory behind DynamoDB's HTTP API, with their streams. The store suite proves that the database
 * behaves as DynamoDB Local does. It answers faster, and its streams follow the set clock.
 */
export interface DatabaseServer {
  url: string;
  /** Returns the changes since the last call, in order: the stream of a table. */
  takeChanges(table: 'issues' | 'approvals'): DynamoDBRecord[];
  failing: Failing;
  /** Removes all items, and forgets the changes. */
  clear(): void;
  close(): Promise<void>;
}

/** The body of a request, with bytes instead of base64. The database checks its members itself. */
type Input = Parameters<Database['get']>[0] &
  Parameters<Database['put']>[0] &
  Parameters<Database['update']>[0] &
  Parameters<Database['transactWrite']>[0];
const OPERATIONS: Record<string, (database: Database, input: Input) => object> = {
  GetItem: (database, input) => database.get(input),
  PutItem: (database, input) => database.put(input),
  UpdateItem: (database, input) => database.update(input),
  DeleteItem: (database, input) => database.delete(input),
  Query: (database, input) => database.query(input),
  Scan: (database, input) => database.scan(input),
  TransactWriteItems: (database, input) => database.transactWrite(input),
};

/** `now`: epoch milliseconds, for the time of a change in the stream. */
export async function startDatabaseServer(now: () => number): Promise<DatabaseServer> {
  const failing = createFailing();
  const issues = watchedTable(ISSUE_TABLE, now);
  const approvals = watchedTable(APPROVAL_TABLE, now);
  const database = new Database(
    new Map([
      [ISSUE_TABLE_NAME, issues.table],
      [APPROVAL_TABLE_NAME, approvals.table],
    ]),
  );

  function answer(operation: string, body: string): object {
    const run = OPERATIONS[operation];
    if (!run) throw new Error(`The tables of the drills know no ${operation}; teach them.`);
    return run(database, JSON.parse(body, fromWire));
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const target = String(request.headers['x-amz-target']);
    const failure = failing.of(target);
    const answered = failure
      ? failureAnswer(failure)
      : attempt(() => answer(target.split('.').at(-1) ?? '', Buffer.concat(chunks).toString('utf8')));
    response.writeHead(answered.status, {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-requestid': randomUUID(),
    });
    response.end(JSON.stringify(answered.body, toWire));
  });
  const port = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    takeChanges: (table) => (table === 'issues' ? issues : approvals).changes.splice(0),
    failing,
    clear() {
      const none: StoredItem[] = [];
      for (const { table, changes } of [issues, approvals]) {
        table.restore(none);
        changes.length = 0;
      }
    },
    close: () => closeServer(server),
  };
}

function watchedTable(definition: TableDefinition, now: () => number) {
  const changes: DynamoDBRecord[] = [];
  let sequence = 0;
  const table = new Table(definition, (before, after) => {
    sequence += 1;
    const record = streamRecord(sequence, keyNames(definition), before, after);
    const ApproximateCreationDateTime = Math.floor(now() / 1000);
    changes.push({ ...record, dynamodb: { ...record.dynamodb, ApproximateCreationDateTime } });
  });
  return { table, changes };
}

function attempt(run: () => object): { status: number; body: object } {
  try {
    return { status: 200, body: run() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const reasons = 'CancellationReasons' in error && { CancellationReasons: error.CancellationReasons };
    return { status: 400, body: { __type: error.name, message: error.message, ...reasons } };
  }
}

/** The API has base64 where the database has bytes. Only the values of items have members of these names. */
function fromWire(name: string, value: unknown): unknown {
  if (name === 'B' && typeof value === 'string') return Buffer.from(value, 'base64');
  if (name === 'BS' && Array.isArray(value)) return value.map((one) => Buffer.from(String(one), 'base64'));
  return value;
}

function toWire(_: string, value: unknown): unknown {
  if (!(value instanceof Object) || !('B' in value || 'BS' in value)) return value;
  const { B, BS, ...rest } = value as AttributeValue & object;
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return { ...rest, ...(B && { B: base64(B) }), ...(BS && { BS: BS.map(base64) }) };
}
