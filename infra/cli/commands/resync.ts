import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { Hint, WorkQueue } from '../../../shared/approval/plan/hint.ts';
import { readDueRounds } from '../../../shared/approval/store/due-rounds.ts';
import { createWorkQueue } from '../../../shared/approval/work-queue.ts';
import { sha256 } from '../../../shared/runtime/sha256.ts';
import { type CommandResult, type Context, counted, oneLine } from '../context.ts';
import type { Deployment } from '../deployment.ts';
import { toProblem } from '../error-to-problem.ts';

const AT_ONCE = 10;
const TRIES = 3;
/** How many issues without a hint the message names. */
const NAMED = 5;

const issueSchema = z.object({ issueId: z.string() });

export interface ResyncFlags {
  /** Hint the issues that are not open, in place of the open ones. */
  closed?: true;
}

/**
 * `frabit-im resync`: sends a hint for every open issue, or for every other one. A resync affects only rounds that the hint names (`isDue`): rounds
 * with a due time, also those that FAILED because the assignee was unknown.
 */
export async function resync(context: Context, { closed }: ResyncFlags = {}): Promise<CommandResult> {
  const { io, print } = context;
  const deployment = await context.deployment();
  const { documents, sqs } = deployment;
  const tableName = deployment.output('IssueTableName');
  const queue = createWorkQueue({ sqs, queueUrl: deployment.output('WorkQueueUrl') });
  const due = await dueByIssue(deployment);
  const run = io.newId();

  const count = { hinted: 0, scanned: 0, failed: [] as string[] };
  const progress = context.progress('Reading the issues', {
    total: await estimate(deployment, tableName),
  });
  try {
    const pages = paginateScan(
      { client: documents },
      {
        TableName: tableName,
        ProjectionExpression: 'issueId, #status',
        FilterExpression: closed ? '#status <> :open' : '#status = :open',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':open': 'OPEN' },
      },
    );
    for await (const { Items = [], ScannedCount = 0 } of pages) {
      const ids = Items.flatMap((item) => issueSchema.safeParse(item).data?.issueId ?? []);
      await forEachLimited(AT_ONCE, ids, async (issueId) => {
        const hint: Hint = { kind: 'DUE', issueId, approvalIds: due.get(issueId) ?? [], resync: true };
        if (await sendWithRetries(queue, hint, `resync-${run}-${sha256(issueId)}`)) count.hinted += 1;
        else count.failed.push(issueId);
      });
      count.scanned += ScannedCount;
      progress.advance(
        ScannedCount,
        `${counted(count.scanned, 'issue')} read, ${counted(count.hinted, 'hint')} sent`,
      );
    }
  } catch (error) {
    if (count.hinted === 0) throw error;
    const { message } = toProblem(error, deployment);
    const partial = `Sent only ${counted(count.hinted, 'hint')}: run it again. ${message}`;
    return { document: count, problem: { code: 'NOT_ALL_HINTED', message: partial } };
  } finally {
    progress.stop();
  }
  print(
    `Sent hints for ${counted(count.hinted, closed ? 'closed issue' : 'open issue')} of ${counted(count.scanned, 'issue')}.`,
  );
  const { failed, ...document } = count;
  const named = failed.slice(0, NAMED).map(oneLine).join(', ');
  return {
    document: { ...document, failed },
    problem:
      failed.length > 0
        ? {
            code: 'NOT_ALL_HINTED',
            message: `Hints for ${counted(failed.length, 'issue')} could not be sent, run it again: ${named}${failed.length > NAMED ? ', …' : ''}`,
          }
        : undefined,
  };
}

async function dueByIssue(deployment: Deployment): Promise<Map<string, string[]>> {
  const { documents } = deployment;
  const rounds = await readDueRounds({ documents, tableName: deployment.output('ApprovalTableName') });
  const byIssue = Map.groupBy(rounds, (round) => round.issueId);
  return new Map([...byIssue].map(([issueId, own]) => [issueId, own.map((round) => round.approvalId)]));
}

/** Returns DynamoDB's item count, about six hours old. Without the permission only the progress bar is missing. */
async function estimate({ dynamodb }: Deployment, tableName: string): Promise<number | undefined> {
  const answer = await dynamodb
    .send(new DescribeTableCommand({ TableName: tableName }))
    .catch(() => undefined);
  return answer?.Table?.ItemCount || undefined;
}

/** Returns false if every try failed. The deduplication id makes a hint that was sent twice one hint. */
async function sendWithRetries(queue: WorkQueue, hint: Hint, deduplicationId: string): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const sent = await queue.send(hint, deduplicationId).then(
      () => true,
      () => false,
    );
    if (sent) return true;
  }
  return false;
}

/** Processes the items, at most `limit` at the same time. */
async function forEachLimited<T>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const thread = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, thread));
}
