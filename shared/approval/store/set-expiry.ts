import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { refuseStale } from '../../runtime/dynamodb-writes.ts';
import { AppError } from '../../runtime/errors.ts';
import { inParallel } from '../../runtime/in-parallel.ts';
import {
  approvalPointerKey,
  EXPIRES_AT,
  instancePointerKey,
  issuePartition,
  ROUND_PREFIXES,
  requestKey,
} from '../../tables/approval-keys.ts';
import type { ExpiryTimes } from '../plan/retention.ts';
import type { RoundsPlace } from './read-rounds.ts';

/** Rounds of a page. DynamoDB also ends a page at 1 MB. */
const PAGE_SIZE = 100;

/** What is read of a round, whatever its version. */
const markedRoundSchema = z.object({
  pk: z.string(),
  sk: z.string(),
  approvalId: z.string(),
  instanceCode: z.string().optional(),
  revision: z.int(),
  expiresAt: z.number().optional(),
});
type MarkedRound = z.infer<typeof markedRoundSchema>;

interface Key {
  pk: string;
  sk: string;
}

/** Sets or removes `expiresAt` of a page of rounds and of the items that belong to them (`store.ts`). */
export async function setExpiry(
  place: RoundsPlace,
  times: ExpiryTimes,
  after: string | undefined,
): Promise<string | undefined> {
  const { documents, tableName, issueId } = place;
  const pk = issuePartition(issueId);
  const { Items = [], LastEvaluatedKey } = await documents.send(
    new QueryCommand({
      TableName: tableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      ConsistentRead: true,
      Limit: PAGE_SIZE,
      ...(after !== undefined && { ExclusiveStartKey: { pk, sk: after } }),
    }),
  );
  const rounds = Items.filter(({ sk }) => ROUND_PREFIXES.some((prefix) => String(sk).startsWith(prefix)));
  await inParallel(z.array(markedRoundSchema).parse(rounds), (round) => setExpiryOf(round, times, place));
  return LastEvaluatedKey && z.string().parse(LastEvaluatedKey.sk);
}

async function setExpiryOf(round: MarkedRound, times: ExpiryTimes, place: RoundsPlace): Promise<void> {
  const { pk, sk, approvalId, instanceCode, revision, expiresAt } = round;
  await setIfPresent(requestKey(approvalId), times.shown, place);
  if (expiresAt === times.rounds) return;
  await setIfPresent(approvalPointerKey(approvalId), times.rounds, place);
  if (instanceCode !== undefined) await setIfPresent(instancePointerKey(instanceCode), times.rounds, place);
  // Other writers of the round must see that it has changed: they put it as a whole.
  await update({ pk, sk }, times.rounds, place, {
    set: ['revision = :next'],
    condition: 'revision = :revision',
    values: { ':revision': revision, ':next': revision + 1 },
  });
}

/** An item that does not exist is not created. Nor is one that DynamoDB has deleted meanwhile. */
async function setIfPresent(key: Key, time: number | undefined, place: RoundsPlace): Promise<void> {
  try {
    await update(key, time, place, { set: [], condition: 'attribute_exists(pk)', values: {} });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'STALE') throw error;
  }
}

async function update(
  Key: Key,
  time: number | undefined,
  { documents, tableName }: RoundsPlace,
  { set, condition, values }: { set: string[]; condition: string; values: Record<string, number> },
): Promise<void> {
  const sets = time === undefined ? set : [...set, `${EXPIRES_AT} = :time`];
  const all = { ...values, ...(time !== undefined && { ':time': time }) };
  await refuseStale(() =>
    documents.send(
      new UpdateCommand({
        TableName: tableName,
        Key,
        UpdateExpression: [
          ...(sets.length > 0 ? [`SET ${sets.join(', ')}`] : []),
          ...(time === undefined ? [`REMOVE ${EXPIRES_AT}`] : []),
        ].join(' '),
        ConditionExpression: condition,
        ...(Object.keys(all).length > 0 && { ExpressionAttributeValues: all }),
      }),
    ),
  );
}
