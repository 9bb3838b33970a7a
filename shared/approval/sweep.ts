import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, paginateQuery, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { sha256 } from '../issue/content.ts';
import { SCHEMA_UPDATE } from '../runtime/stored.ts';
import { APPROVAL_TABLE } from '../runtime/tables.ts';
import { readExternalNodes } from '../settings/external-nodes.ts';
import { readFeishuSettings } from '../settings/settings-store.ts';
import { issueState, readRounds, type TableNames } from './dynamo-store.ts';
import { MOVE_ON_MS } from './heard.ts';
import type { WorkQueue } from './hint.ts';
import { plan } from './plan.ts';
import { isUnknownItem } from './unknown-rounds.ts';

export interface Sweeping {
  documents: DynamoDBDocumentClient;
  tables: TableNames;
  queue: WorkQueue;
  now: () => Date;
}

/** One page of the walk; DynamoDB ends a page at 1 MB besides. */
const PAGE_SIZE = 100;
/** Due rounds hinted in one run; the rest is due in the next. */
const MAX_DUE = 1_000;

/** A round of a newer version is not hinted; it is due again so soon after that version is back. */
const UNKNOWN_MS = 60 * 60_000;

const CURSOR = { pk: 'SWEEP', sk: 'CURSOR' } as const;

/**
 * What time alone brings about (DESIGN, "Sweep"): rounds whose checkAfter has come, and one page of the Issues
 * table, hinting each issue whose plan has a step — so that even a hint lost before a round existed is made good
 * (LESSONS row 33). Hints are sent before anything is moved on: a crash repeats them, and repeats are harmless.
 */
export async function sweep(sweeping: Sweeping): Promise<{ due: number; walked: number; hinted: number }> {
  const due = await hintDue(sweeping);
  return { due, ...(await walk(sweeping)) };
}

async function hintDue({ documents, tables, queue, now }: Sweeping): Promise<number> {
  const at = now();
  const { name, partitionKey, sortKey } = APPROVAL_TABLE.indexes[0];
  const pages = paginateQuery(
    { client: documents },
    {
      TableName: tables.approvalTableName,
      IndexName: name,
      KeyConditionExpression: '#due = :due AND #at <= :now',
      ExpressionAttributeNames: { '#due': partitionKey, '#at': sortKey },
      ExpressionAttributeValues: { ':due': 'DUE', ':now': at.toISOString() },
      Limit: PAGE_SIZE,
    },
  );
  let count = 0;
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      await hintRound(item, at, { documents, tables, queue });
      count++;
    }
    if (count >= MAX_DUE) break;
  }
  return count;
}

async function hintRound(
  key: Record<string, unknown>,
  at: Date,
  { documents, tables, queue }: Omit<Sweeping, 'now'>,
): Promise<void> {
  const Key = { pk: key.pk, sk: key.sk };
  const { Item } = await documents.send(
    new GetCommand({ TableName: tables.approvalTableName, Key, ConsistentRead: true }),
  );
  if (!Item?.checkAfter || typeof Item.issueId !== 'string' || typeof Item.approvalId !== 'string') return;
  if (Item.checkAfter > at.toISOString()) return;
  const { issueId, approvalId } = Item;
  const isUnknown = isUnknownItem(Item);
  if (!isUnknown) {
    await queue.send(
      { kind: 'DUE', issueId, approvalIds: [approvalId] },
      `${sha256(approvalId)}-${minuteOf(at)}`,
    );
  }
  try {
    await documents.send(
      new UpdateCommand({
        TableName: tables.approvalTableName,
        Key,
        UpdateExpression: 'SET checkAfter = :next',
        ConditionExpression: 'checkAfter = :seen',
        ExpressionAttributeValues: {
          ':seen': Item.checkAfter,
          ':next': new Date(at.getTime() + (isUnknown ? UNKNOWN_MS : MOVE_ON_MS)).toISOString(),
        },
      }),
    );
  } catch (error) {
    // The worker was quicker, and has set the time it needs.
    if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
  }
}

async function walk(sweeping: Sweeping): Promise<{ walked: number; hinted: number }> {
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
      const kept = await readRounds(documents, tables.approvalTableName, issueId);
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

const minuteOf = (at: Date): number => Math.floor(at.getTime() / 60_000);
