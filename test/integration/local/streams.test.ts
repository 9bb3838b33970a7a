import { DescribeTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { dynamoDbStream } from '../../../infra/local/aws/dynamodb-stream.ts';
import { type Pump, type StreamSource, startStreamPump } from '../../../infra/local/aws/stream-pump.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../../support/dynamodb-local.ts';

const aRecord = (sequenceNumber: string): DynamoDBRecord => ({
  eventID: `event-${sequenceNumber}`,
  eventName: 'MODIFY',
  dynamodb: { SequenceNumber: sequenceNumber },
});

/** Some emulators do not distinguish these. */
const EMPTY = {
  map: { M: {} },
  list: { L: [] },
  text: { S: '' },
  nothing: { NULL: true },
  inside: { M: { map: { M: {} } } },
};

const numbersOf = (event: DynamoDBStreamEvent) =>
  event.Records.map((record) => record.dynamodb?.SequenceNumber ?? '');

/** Shards with records that are ready; a closed shard has no next iterator at its end. */
function aStream(
  shards: { shardId: string; parentShardId?: string; records: DynamoDBRecord[]; closed?: boolean }[],
): StreamSource {
  const shardOf = (iterator: string) => shards.find(({ shardId }) => iterator.startsWith(`${shardId}@`));
  return {
    shards: async () => shards.map(({ shardId, parentShardId }) => ({ shardId, parentShardId })),
    iterator: async (shardId, after) => {
      const records = shards.find((shard) => shard.shardId === shardId)?.records ?? [];
      return `${shardId}@${records.findIndex((record) => record.dynamodb?.SequenceNumber === after) + 1}`;
    },
    read: async (iterator, limit) => {
      const shard = shardOf(iterator);
      const from = Number(iterator.split('@')[1]);
      const records = shard?.records.slice(from, from + limit) ?? [];
      const end = from + records.length;
      const over = shard?.closed === true && end === shard.records.length;
      return { records, next: over ? undefined : `${shard?.shardId}@${end}` };
    },
  };
}

const fiveRecords = () => aStream([{ shardId: 's', records: ['1', '2', '3', '4', '5'].map(aRecord) }]);
const breathe = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a stream pump', () => {
  let pump: Pump | undefined;
  const start = (options: Partial<Parameters<typeof startStreamPump>[0]> & { source: StreamSource }) => {
    const batches: string[][] = [];
    const givenUp: string[] = [];
    pump = startStreamPump({
      deliver: async (event) => {
        batches.push(numbersOf(event));
        return options.deliver?.(event);
      },
      giveUp: (records) => givenUp.push(...records.map((record) => record.dynamodb?.SequenceNumber ?? '')),
      pause: breathe,
      ...(options.batchSize && { batchSize: options.batchSize }),
      ...(options.maxRetries !== undefined && { maxRetries: options.maxRetries }),
      ...(options.observe && { observe: options.observe }),
      source: options.source,
    });
    return { batches, givenUp };
  };
  const stop = () => pump?.stop();

  it('restarts at the third of five records when the function reports that it failed', async () => {
    let failures = 1;
    const { batches } = start({
      source: fiveRecords(),
      deliver: async () => ({ batchItemFailures: failures-- > 0 ? [{ itemIdentifier: '3' }] : [] }),
    });
    await vi.waitFor(() => expect(batches).toHaveLength(2));
    await stop();
    expect(batches).toEqual([
      ['1', '2', '3', '4', '5'],
      ['3', '4', '5'],
    ]);
  });

  it('restarts at the lowest of several reported failures', async () => {
    let failures = 1;
    const { batches } = start({
      source: fiveRecords(),
      deliver: async () => ({
        batchItemFailures: failures-- > 0 ? [{ itemIdentifier: '4' }, { itemIdentifier: '2' }] : [],
      }),
    });
    await vi.waitFor(() => expect(batches).toHaveLength(2));
    await stop();
    expect(batches[1]).toEqual(['2', '3', '4', '5']);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('no'))],
    ['names an unknown record', async () => ({ batchItemFailures: [{ itemIdentifier: '9' }] })],
    ['names an empty identifier', async () => ({ batchItemFailures: [{ itemIdentifier: '' }] })],
    ['returns another answer', async () => 'done'],
  ])('treats the whole batch as failed when the function %s', async (_what, answer) => {
    let failures = 1;
    const { batches } = start({
      source: fiveRecords(),
      deliver: async () => (failures-- > 0 ? answer() : undefined),
    });
    await vi.waitFor(() => expect(batches.flat().at(-1)).toBe('5'));
    await vi.waitFor(() => expect(batches.length).toBeGreaterThan(2));
    await stop();
    expect(batches[1]?.[0]).toBe('1');
  });

  it('gives up one record after its retries and continues with the others', async () => {
    const { batches, givenUp } = start({
      source: fiveRecords(),
      maxRetries: 4,
      deliver: async (event) => {
        if (numbersOf(event).includes('3')) throw new Error('poison');
      },
    });
    await vi.waitFor(() => expect(batches.at(-1)?.at(-1)).toBe('5'));
    await vi.waitFor(() => expect(givenUp).toEqual(['3']));
    await stop();
    expect(batches.filter((batch) => batch[0] === '3')).toHaveLength(5);
  });

  it('passes every record to the observer once, however often it is delivered', async () => {
    const seen: string[] = [];
    let failures = 2;
    const { batches } = start({
      source: fiveRecords(),
      observe: (record) => seen.push(record.dynamodb?.SequenceNumber ?? ''),
      deliver: async () => ({ batchItemFailures: failures-- > 0 ? [{ itemIdentifier: '3' }] : [] }),
    });
    await vi.waitFor(() => expect(batches.length).toBeGreaterThan(2));
    await stop();
    expect(seen).toEqual(['1', '2', '3', '4', '5']);
  });

  it('reads a child shard only after its parent has been delivered to the end', async () => {
    const { batches } = start({
      batchSize: 1,
      source: aStream([
        { shardId: 'child', parentShardId: 'parent', records: [aRecord('3')] },
        { shardId: 'parent', parentShardId: 'trimmed', records: [aRecord('1'), aRecord('2')], closed: true },
      ]),
    });
    await vi.waitFor(() => expect(batches).toHaveLength(3));
    await stop();
    expect(batches).toEqual([['1'], ['2'], ['3']]);
  });

  it('continues after the last delivered record when the iterator has expired', async () => {
    const stream = fiveRecords();
    let reads = 0;
    const { batches } = start({
      batchSize: 2,
      source: {
        ...stream,
        read: async (iterator, limit) => {
          reads += 1;
          if (reads === 2) throw new Error('ExpiredIteratorException');
          return stream.read(iterator, limit);
        },
      },
    });
    await vi.waitFor(() => expect(batches).toHaveLength(3));
    await stop();
    expect(batches).toEqual([['1', '2'], ['3', '4'], ['5']]);
  });
});

describe('on DynamoDB Local', () => {
  let database: DynamoDbLocal;
  beforeAll(async () => {
    database = await startDynamoDbLocal();
  });
  afterAll(() => database.stop());

  it('delivers records written before and after its start, in order and in the format of Lambda', async () => {
    const { issueTableName } = await database.createTables();
    const put = (status: string) =>
      database.client.send(
        new PutItemCommand({
          TableName: issueTableName,
          Item: {
            issueId: { S: 'i' },
            status: { S: status },
            bytes: { B: new Uint8Array([1, 2, 3]) },
            ...EMPTY,
          },
        }),
      );
    await put('first');
    const table = await database.client.send(new DescribeTableCommand({ TableName: issueTableName }));
    const arn = table.Table?.LatestStreamArn ?? '';
    const client = new DynamoDBStreamsClient({
      endpoint: database.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const delivered: DynamoDBRecord[] = [];
    const pump = startStreamPump({
      source: dynamoDbStream(client, arn, 'us-east-1'),
      deliver: async (event) => {
        delivered.push(...event.Records);
      },
      giveUp: () => undefined,
    });
    await vi.waitFor(() => expect(delivered).toHaveLength(1), { timeout: 10_000 });
    await put('second');
    await vi.waitFor(() => expect(delivered).toHaveLength(2), { timeout: 10_000 });
    await pump.stop();
    client.destroy();

    expect(delivered.map((record) => record.dynamodb?.NewImage?.status?.S)).toEqual(['first', 'second']);
    expect(delivered[1]).toMatchObject({
      eventName: 'MODIFY',
      eventSource: 'aws:dynamodb',
      eventSourceARN: arn,
      dynamodb: {
        Keys: { issueId: { S: 'i' } },
        NewImage: EMPTY,
        OldImage: { status: { S: 'first' }, bytes: { B: 'AQID' } },
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
    expect(delivered[1]?.dynamodb?.ApproximateCreationDateTime).toBeTypeOf('number');
    expect(new Set(delivered.map((record) => record.eventID)).size).toBe(2);
  });
});
