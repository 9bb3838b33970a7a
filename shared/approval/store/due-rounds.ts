import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { inParallel } from '../../runtime/in-parallel.ts';
import type { SettingsPlace } from '../../settings/settings-store.ts';
import { DUE } from '../../tables/approval-keys.ts';
import { APPROVAL_TABLE } from '../../tables/table-definitions.ts';
import { roundSchema } from '../plan/round.ts';

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

/**
 * Returns the rounds that have a `checkAfter`: every live one, and closed ones with work left. Rounds that cannot be
 * parsed are left out.
 */
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
