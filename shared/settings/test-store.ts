import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { SettingsPlace } from './settings-store.ts';

const TEST_PARTITION = 'TEST';

export const testStateSchema = z.enum([
  'REQUESTED',
  'PENDING',
  'APPROVED',
  'REJECTED',
  'WITHDRAWN',
  'CANCELED',
  'DELETED',
  'FAILED',
]);

export type TestState = z.infer<typeof testStateSchema>;

/** A test approval of the doctor: a card of our definition that stands for no issue. Times ISO 8601 UTC. */
const testSchema = z.object({
  /** Also the uuid of its instance, stored before it is created. */
  testId: z.string(),
  email: z.string(),
  state: testStateSchema,
  appId: z.string(),
  domain: z.enum(['feishu', 'lark']),
  definitionCode: z.string(),
  webhookKeys: z.string().optional(),
  /** open_ids: of who is asked, and of the bot, which asks. */
  approver: z.string(),
  requester: z.string(),
  instanceCode: z.string().optional(),
  sentAt: z.string(),
  closedAt: z.string().optional(),
  /** open_id. */
  decidedBy: z.string().optional(),
});
export type TestApproval = z.infer<typeof testSchema>;

export const isOpen = ({ state }: TestApproval): boolean => state === 'REQUESTED' || state === 'PENDING';

const keyOf = (testId: string) => ({ pk: TEST_PARTITION, sk: testId });

export async function keepTest({ documents, tableName }: SettingsPlace, test: TestApproval): Promise<void> {
  await documents.send(new PutCommand({ TableName: tableName, Item: { ...keyOf(test.testId), ...test } }));
}

/** Those that nobody has decided or taken back. */
export async function readOpenTests({ documents, tableName }: SettingsPlace): Promise<TestApproval[]> {
  const { Items } = await documents.send(
    new QueryCommand({
      TableName: tableName,
      KeyConditionExpression: 'pk = :tests',
      FilterExpression: '#state IN (:requested, :pending)',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: {
        ':tests': TEST_PARTITION,
        ':requested': 'REQUESTED',
        ':pending': 'PENDING',
      },
      ConsistentRead: true,
    }),
  );
  return z.array(testSchema).parse(Items ?? []);
}

/** Strongly consistent; undefined if there is none of that id. */
export async function findTest(
  { documents, tableName }: SettingsPlace,
  testId: string,
): Promise<TestApproval | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: tableName, Key: keyOf(testId), ConsistentRead: true }),
  );
  return Item && testSchema.parse(Item);
}
