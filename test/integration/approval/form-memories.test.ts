import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, it } from 'vitest';
import { NOTHING_KNOWN, type SizedForm } from '../../../shared/approval/channels/feishu/form-memory.ts';
import {
  createDynamoFormMemories,
  type FormMemories,
} from '../../../shared/approval/channels/feishu/form-memory-store.ts';
import { formMemoryKey } from '../../../shared/tables/approval-keys.ts';
import { useDatabase } from '../../support/use-core.ts';

const database = useDatabase();
let memories: FormMemories;
let tableName: string;
beforeEach(async () => {
  tableName = (await database().createTables()).approvalTableName;
  memories = createDynamoFormMemories(database().documents, tableName);
});

const NOW = new Date('2026-03-01T08:00:00.000Z');
const form = (bytes: number): SizedForm => ({ level: 'FULL', wording: 'KEYS', bytes });
const learn = (appId: string, bytes: number, now = NOW) =>
  memories.learn(appId, form(bytes), [form(bytes * 3)], { now, created: true });
const sizes = async (appId: string, now = NOW) => {
  const { passed, refused } = (await memories.read(appId, now)).KEYS;
  return [passed?.bytes, refused?.bytes];
};

it('knows nothing of an app at first, and later what was learnt of that app only', async () => {
  expect(await memories.read('one', NOW)).toEqual(NOTHING_KNOWN);
  await learn('one', 40_000);
  expect(await sizes('one')).toEqual([40_000, 120_000]);
  expect(await sizes('two')).toEqual([undefined, undefined]);
});

it('ignores entries that are older than a week', async () => {
  await learn('one', 10_000);
  const later = new Date(NOW.getTime() + 8 * 24 * 60 * 60_000);
  expect(await sizes('one', later)).toEqual([undefined, undefined]);
  await learn('one', 50_000, later);
  expect(await sizes('one', later)).toEqual([50_000, 150_000]);
});

it('replaces an entry that it cannot read', async () => {
  const { documents } = database();
  await documents.send(
    new PutCommand({ TableName: tableName, Item: { ...formMemoryKey('one'), memory: 'x', revision: 7 } }),
  );
  await learn('one', 40_000);
  expect(await sizes('one')).toEqual([40_000, 120_000]);
});

it('continues when another worker was faster, and keeps what that worker learnt', async () => {
  await learn('one', 10_000);
  const quicker = createDynamoFormMemories(
    between(database().documents, 'PutCommand', () => learn('one', 20_000)),
    tableName,
  );
  await expect(quicker.learn('one', form(15_000), [], { now: NOW, created: true })).resolves.toBeUndefined();
  expect(await sizes('one')).toEqual([20_000, 30_000]);
});

/** Wraps the database so that something happens just before the first command of a kind. */
function between(
  documents: DynamoDBDocumentClient,
  name: string,
  happen: () => Promise<void>,
): DynamoDBDocumentClient {
  let done = false;
  return new Proxy(documents, {
    get(target, key) {
      if (key !== 'send') return Reflect.get(target, key);
      return async (command: Parameters<typeof target.send>[0]) => {
        if (command.constructor.name === name && !done) {
          done = true;
          await happen();
        }
        return target.send(command);
      };
    },
  });
}
