import { GetCommand, paginateQuery, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { sha256 } from '../runtime/sha256.ts';
import { aboutRoundKey, DUE } from '../tables/approval-keys.ts';
import { APPROVAL_TABLE } from '../tables/table-definitions.ts';
import { MOVE_ON_MS } from './plan/event-hints.ts';
import { isUnknownItem } from './plan/rounds-of-newer-versions.ts';
import { MAX_FAILURES, minuteOf, reportSweepFailure, type Sweeping } from './sweep-context.ts';

/** Items read in one page of the index. */
const PAGE_SIZE = 100;
/** The most due rounds hinted in one run. The rest stays due for the next run. */
const MAX_DUE = 1_000;
/** The longest time that a run hints, so that time is left for the walk. */
const DUE_MS = 20_000;

/** A round of a newer version is not hinted. It is due again after this time, for when that version is back. */
const UNKNOWN_MS = 60 * 60_000;

/**
 * Hints the rounds whose `checkAfter` has passed. Resolves to how many. Rejects with an AggregateError at the end if
 * some rounds failed; each one is reported, and does not delay the others.
 */
export async function hintDue(sweeping: Sweeping): Promise<number> {
  const { documents, tables, now } = sweeping;
  const at = now();
  const { name, partitionKey, sortKey } = APPROVAL_TABLE.indexes[0];
  const pages = paginateQuery(
    { client: documents },
    {
      TableName: tables.approvalTableName,
      IndexName: name,
      KeyConditionExpression: '#due = :due AND #at <= :now',
      ExpressionAttributeNames: { '#due': partitionKey, '#at': sortKey },
      ExpressionAttributeValues: { ':due': DUE, ':now': at.toISOString() },
      Limit: PAGE_SIZE,
    },
  );
  const failures: unknown[] = [];
  let count = 0;
  const isOver = () =>
    count + failures.length >= MAX_DUE ||
    failures.length >= MAX_FAILURES ||
    now().getTime() - at.getTime() >= DUE_MS;
  walk: for await (const page of pages) {
    for (const item of page.Items ?? []) {
      if (isOver()) break walk;
      try {
        await hintRound(item, at, sweeping);
        count++;
      } catch (error) {
        reportSweepFailure('sending a hint for a due round failed', error, aboutRoundKey(item), sweeping);
        failures.push(error);
      }
    }
  }
  sweeping.counter?.count('SweepDue', count);
  if (failures.length > 0)
    throw new AggregateError(failures, `Sending hints failed for ${failures.length} due rounds.`);
  return count;
}

async function hintRound(
  key: Record<string, unknown>,
  at: Date,
  { documents, tables, queue, unsent }: Sweeping,
): Promise<void> {
  const Key = { pk: key.pk, sk: key.sk };
  const { Item } = await documents.send(
    new GetCommand({ TableName: tables.approvalTableName, Key, ConsistentRead: true }),
  );
  if (Item) unsent?.see(Item, at);
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
    // The worker was faster, and has set the time it needs.
    if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
  }
}
