import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { sha256 } from '../issue/content.ts';
import { SCHEMA_UPDATE } from '../runtime/stored.ts';
import { readExternalNodes } from '../settings/external-nodes.ts';
import { readFeishuSettings } from '../settings/settings-store.ts';
import { issueState } from './dynamo-store.ts';
import { plan } from './plan.ts';
import { readRounds } from './read-rounds.ts';
import { minuteOf, type Sweeping } from './sweeping.ts';

/** One page of the walk; DynamoDB ends a page at 1 MB besides. */
const PAGE_SIZE = 100;

const CURSOR = { pk: 'SWEEP', sk: 'CURSOR' } as const;

/** One page of the Issues table: hints each issue whose plan has a step. */
export async function walk(sweeping: Sweeping): Promise<{ walked: number; hinted: number }> {
  const { documents, tables, queue, now } = sweeping;
  const cursor = await documents.send(
    new GetCommand({ TableName: tables.approvalTableName, Key: CURSOR, ConsistentRead: true }),
  );
  const after: unknown = cursor.Item?.issueId;
  const settings = await readFeishuSettings(documents, tables.approvalTableName);
  const nodes = await readExternalNodes(documents, tables.approvalTableName);
  const page = await documents.send(
    new ScanCommand({
      TableName: tables.issueTableName,
      Limit: PAGE_SIZE,
      ConsistentRead: true,
      ...(typeof after === 'string' && { ExclusiveStartKey: { issueId: { S: after } } }),
    }),
  );
  let hinted = 0;
  const failures: unknown[] = [];
  for (const raw of page.Items ?? []) {
    const issueId = raw.issueId?.S;
    if (issueId === undefined) continue;
    try {
      const kept = await readRounds({ documents, tableName: tables.approvalTableName, issueId });
      const steps = plan({ issueId, issue: issueState(raw, nodes), settings, nodes, ...kept }, now());
      if (steps.length === 0) continue;
      await queue.send({ kind: 'DUE', issueId, approvalIds: [] }, `${sha256(issueId)}-${minuteOf(now())}`);
      hinted++;
    } catch (error) {
      failures.push(error);
    }
  }
  const next = page.LastEvaluatedKey?.issueId?.S;
  await documents.send(
    new UpdateCommand({
      TableName: tables.approvalTableName,
      Key: CURSOR,
      UpdateExpression: `SET ${next ? 'issueId = :next, ' : ''}${SCHEMA_UPDATE.set}${next ? '' : ' REMOVE issueId'}`,
      ExpressionAttributeNames: SCHEMA_UPDATE.names,
      ExpressionAttributeValues: { ...SCHEMA_UPDATE.values, ...(next && { ':next': next }) },
    }),
  );
  // One issue that cannot be read must not end the walk before all others, nor go unnoticed.
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} issues could not be walked`);
  return { walked: page.Items?.length ?? 0, hinted };
}
