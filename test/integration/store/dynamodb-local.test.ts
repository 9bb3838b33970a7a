import { BatchWriteItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { beforeAll } from 'vitest';
import { APPROVAL_TABLE, ISSUE_TABLE, type TableDefinition } from '../../../shared/runtime/tables.ts';
import { keyNames } from '../../simulation/dynamodb/keys.ts';
import type { DynamoDbLocal } from '../../support/dynamodb-local.ts';
import { useDatabase } from '../../support/use-core.ts';
import { describeStore } from './suite.ts';

const database = useDatabase();

let tables: Awaited<ReturnType<DynamoDbLocal['createTables']>>;
beforeAll(async () => {
  tables = await database().createTables();
});

// Emptying two tables takes a tenth of the time of making them.
describeStore(async () => {
  await empty(tables.issueTableName, ISSUE_TABLE);
  await empty(tables.approvalTableName, APPROVAL_TABLE);
  return { documents: database().documents, tables };
});

const MOST_AT_ONCE = 25;

async function empty(TableName: string, definition: TableDefinition): Promise<void> {
  const { client } = database();
  const names = keyNames(definition);
  for await (const { Items = [] } of paginateScan({ client, pageSize: MOST_AT_ONCE }, { TableName })) {
    if (Items.length === 0) continue;
    const deletions = Items.map((item) => ({
      DeleteRequest: {
        Key: Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name))),
      },
    }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: deletions } }));
  }
}
