import type { DynamoDBRecord, SQSRecord } from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import { processQueue, processStream } from '../../../shared/runtime/batch.ts';

const failure = new Error('no');

/** Processes names and fails at some. Returns the order in which they were tried. */
function aWorker(...failing: string[]) {
  const tried: string[] = [];
  const work = async (name: string) => {
    tried.push(name);
    if (failing.includes(name)) throw failure;
  };
  return { tried, work };
}

describe('processing a stream', () => {
  const records: DynamoDBRecord[] = ['1', '2', '3', '4', '5'].map((SequenceNumber) => ({
    dynamodb: { SequenceNumber },
  }));
  const nameOf = (record: DynamoDBRecord) => record.dynamodb?.SequenceNumber ?? '';

  it('processes records in order and reports nothing if nothing fails', async () => {
    const { tried, work } = aWorker();

    expect(await processStream(records, (record) => work(nameOf(record)), vi.fn())).toEqual({
      batchItemFailures: [],
    });
    expect(tried).toEqual(['1', '2', '3', '4', '5']);
  });

  it('stops at failed record 3 of 5 and reports it, so that Lambda starts there again (docs/lessons.md 14)', async () => {
    const { tried, work } = aWorker('3', '5');
    const onFailure = vi.fn();

    expect(await processStream(records, (record) => work(nameOf(record)), onFailure)).toEqual({
      batchItemFailures: [{ itemIdentifier: '3' }],
    });
    expect(tried).toEqual(['1', '2', '3']);
    expect(onFailure.mock.calls).toEqual([[failure, records[2]]]);
  });

  it('fails the whole batch if the failed record has no sequence number', async () => {
    const { work } = aWorker('');

    await expect(processStream([{}], (record) => work(nameOf(record)), vi.fn())).rejects.toBe(failure);
  });
});

describe('processing a queue', () => {
  const message = (messageId: string): SQSRecord => ({
    messageId,
    receiptHandle: messageId,
    body: '',
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 'x',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn',
    awsRegion: 'us-east-1',
  });
  const messages = ['a', 'b', 'c'].map(message);

  it('reports nothing if nothing fails', async () => {
    const { tried, work } = aWorker();

    expect(await processQueue(messages, ({ messageId }) => work(messageId), vi.fn())).toEqual({
      batchItemFailures: [],
    });
    expect(tried).toEqual(['a', 'b', 'c']);
  });

  it('reports the failed message and all later ones, without trying them, so that none overtakes it', async () => {
    const { tried, work } = aWorker('b');
    const onFailure = vi.fn();

    expect(await processQueue(messages, ({ messageId }) => work(messageId), onFailure)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'b' }, { itemIdentifier: 'c' }],
    });
    expect(tried).toEqual(['a', 'b']);
    expect(onFailure.mock.calls).toEqual([[failure, messages[1]]]);
  });
});
