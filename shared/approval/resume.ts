import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { CLOSED_STATES, LIVE_STATES } from '../issue/approval-words.ts';
import { sha256 } from '../runtime/sha256.ts';
import { isKnown } from '../runtime/stored.ts';
import type { SettingsPlace } from '../settings/settings-store.ts';
import { APPROVAL_TABLE } from '../tables/definitions.ts';
import { DUE, sweepKey } from '../tables/keys.ts';
import type { WorkQueue } from './plan/hint.ts';
import { roundSchema } from './plan/round.ts';
import { unknownOf } from './plan/unknown-rounds.ts';

/** Reads and sends that run at the same time. */
const AT_ONCE = 20;

const keySchema = z.object({ pk: z.string(), sk: z.string() });
const { shape } = roundSchema.pick({
  issueId: true,
  approvalId: true,
  subject: true,
  content: true,
  state: true,
  channel: true,
  appId: true,
  nodeId: true,
  settle: true,
  remarks: true,
});
const dueRoundSchema = z.object(shape);
export type DueRound = z.infer<typeof dueRoundSchema>;

/** The rounds that something is still expected of: every live one, and those to be settled or tried again. */
export async function readDueRounds(place: SettingsPlace): Promise<DueRound[]> {
  const { documents, tableName } = place;
  const [index] = APPROVAL_TABLE.indexes;
  const rounds: DueRound[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page = await documents.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: index.name,
        KeyConditionExpression: '#due = :due',
        ExpressionAttributeNames: { '#due': index.partitionKey },
        ExpressionAttributeValues: { ':due': DUE },
        ...(from && { ExclusiveStartKey: from }),
      }),
    );
    const keys = z.array(keySchema).parse(page.Items ?? []);
    const read = await inParallel(keys, async ({ pk, sk }) => {
      const { Item } = await documents.send(
        new GetCommand({ TableName: tableName, Key: { pk, sk }, ConsistentRead: true }),
      );
      return dueRoundSchema.safeParse(Item).data;
    });
    rounds.push(...read.filter((round) => round !== undefined));
    from = page.LastEvaluatedKey;
  } while (from);
  return rounds;
}

const isLive = ({ state }: DueRound): boolean => isKnown(LIVE_STATES, state);
/** In a state of a newer version it may be. */
const mayBeLive = ({ state }: DueRound): boolean => !isKnown(CLOSED_STATES, state);

/**
 * Live approvals in Feishu that are to be taken back through the queue: of every app, or of others than `appId`. What
 * an OA is asked has nothing to do with Feishu's settings. Unknown rounds are left alone.
 */
export const countWithdrawing = (rounds: readonly DueRound[], appId?: string): number =>
  rounds.filter(
    (round) =>
      round.channel === 'FEISHU' && isLive(round) && round.appId !== appId && unknownOf(round) === undefined,
  ).length;

/** The apps that Feishu still has to be called with the keys of, for some round. */
export const appsNeeded = (rounds: readonly DueRound[]): Set<string> =>
  new Set(
    rounds
      .filter((round) => mayBeLive(round) || round.settle !== undefined || round.remarks.length > 0)
      .flatMap((round) => (round.channel !== 'EXTERNAL' && round.appId !== undefined ? [round.appId] : [])),
  );

/** Those that this external node is asked about. */
export const roundsAt = (nodeId: string, rounds: readonly DueRound[]): DueRound[] =>
  rounds.filter((round) => round.channel !== 'FEISHU' && round.nodeId === nodeId);

/** Approvals that use an external node and are live, as far as is known. */
export const countLiveAt = (nodeId: string, rounds: readonly DueRound[]): number =>
  roundsAt(nodeId, rounds).filter(mayBeLive).length;

/**
 * After saving: hints every issue with such a round, so that what waited for the set-up goes out at once, and sends
 * the sweep's walk back to the start, even if it is running, for issues that have no round yet. `save` deduplicates: the
 * revision of the settings, or another name of this one save.
 */
export async function resumeApprovals(
  rounds: readonly DueRound[],
  save: number | string,
  { documents, tableName, queue }: SettingsPlace & { queue: WorkQueue },
): Promise<void> {
  await documents.send(
    new UpdateCommand({
      TableName: tableName,
      Key: sweepKey,
      UpdateExpression: 'REMOVE issueId, nextLapAt SET resets = if_not_exists(resets, :none) + :one',
      ExpressionAttributeValues: { ':none': 0, ':one': 1 },
    }),
  );
  const byIssue = [...Map.groupBy(rounds, (round) => round.issueId)];
  await inParallel(byIssue, async ([issueId, ofIssue]) => {
    const approvalIds = ofIssue.map((round) => round.approvalId);
    const issue = sha256(issueId);
    await queue.send({ kind: 'DUE', issueId, approvalIds, resync: true }, `settings-${save}-${issue}`);
  });
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(work))));
  }
  return results;
}
