import { GetCommand, PutCommand, type PutCommandInput } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { queryAll } from '../runtime/dynamodb-reads.ts';
import { refuseStale } from '../runtime/dynamodb-writes.ts';
import { isKnown, itemOf, readItem, storedSchema } from '../runtime/stored-items.ts';
import { PARTITIONS, testKey } from '../tables/approval-keys.ts';
import type { SettingsPlace } from './settings-store.ts';

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

/** A test approval: a card of our definition without an issue. Times are ISO 8601 UTC. */
const testMembers = z.object({
  /** Also the uuid of its instance. Stored before the instance is created. */
  testId: z.string(),
  email: z.string(),
  state: testStateSchema,
  appId: z.string(),
  domain: z.enum(['feishu', 'lark']),
  definitionCode: z.string(),
  /** open_id of the person who is asked, and of the bot, which asks. */
  approver: z.string(),
  requester: z.string(),
  instanceCode: z.string().optional(),
  sentAt: z.string(),
  closedAt: z.string().optional(),
  /** open_id. */
  decidedBy: z.string().optional(),
  /**
   * The test is FAILED, but Feishu may still create the card. It is looked for until this time (docs/lessons.md 34).
   */
  searchUntil: z.string().optional(),
});
export const testSchema = storedSchema(testMembers);
export type TestApproval = z.infer<typeof testSchema>;

export const isOpen = ({ state }: TestApproval): boolean => state === 'REQUESTED' || state === 'PENDING';

/** Stores a new test. Rejects with `STALE` if its id is taken. */
export const addTest = (place: SettingsPlace, test: TestApproval): Promise<void> =>
  put(place, test, { ConditionExpression: 'attribute_not_exists(pk)' });

/** Replaces a test. Rejects with `STALE` if its state has changed since it was read. */
export const changeTest = (place: SettingsPlace, from: TestApproval, to: TestApproval): Promise<void> =>
  put(place, to, {
    ConditionExpression: '#state = :from',
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: { ':from': from.state },
  });

async function put(
  { documents, tableName }: SettingsPlace,
  test: TestApproval,
  condition: Pick<
    PutCommandInput,
    'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
  >,
): Promise<void> {
  const Item = itemOf(testKey(test.testId), test);
  await refuseStale(() => documents.send(new PutCommand({ TableName: tableName, Item, ...condition })));
}

/** Returns the tests whose card may be open: undecided, not withdrawn, or still looked for. */
export async function readOpenTests({ documents, tableName }: SettingsPlace): Promise<TestApproval[]> {
  const items = await queryAll(documents, {
    TableName: tableName,
    KeyConditionExpression: 'pk = :tests',
    FilterExpression: '#state IN (:requested, :pending) OR attribute_exists(searchUntil)',
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: {
      ':tests': PARTITIONS.tests,
      ':requested': 'REQUESTED',
      ':pending': 'PENDING',
    },
    ConsistentRead: true,
  });
  const tests = items.map((item) => readItem(testSchema, item));
  // This version does not know what to do about a state of a newer version.
  return tests.filter(({ state }) => isKnown(testStateSchema.options, state));
}

/** Returns a test, or undefined if there is none. Strongly consistent. */
export async function findTest(
  { documents, tableName }: SettingsPlace,
  testId: string,
): Promise<TestApproval | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: tableName, Key: testKey(testId), ConsistentRead: true }),
  );
  return Item && readItem(testSchema, Item);
}
