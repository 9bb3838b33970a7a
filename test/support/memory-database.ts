import { APPROVAL_TABLE, ISSUE_TABLE } from '../../shared/tables/table-definitions.ts';
import { Database } from '../simulation/dynamodb/database.ts';
import { clientsOf } from '../simulation/dynamodb/fake-dynamodb.ts';
import { Table } from '../simulation/dynamodb/table.ts';
import type { TestDatabase } from './test-database.ts';

/** A database in memory. The store suite proves that it behaves as DynamoDB Local does. */
export async function startMemoryDatabase(): Promise<TestDatabase> {
  const tables = new Map<string, Table>();
  let pairs = 0;
  return {
    ...clientsOf(new Database(tables)),
    async createTables() {
      pairs += 1;
      const names = { issueTableName: `issues-${pairs}`, approvalTableName: `approvals-${pairs}` };
      tables.set(names.issueTableName, new Table(ISSUE_TABLE));
      tables.set(names.approvalTableName, new Table(APPROVAL_TABLE));
      return names;
    },
    async stop() {},
  };
}
