import type { DynamoDBRecord, SQSRecord } from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import { processQueue, processStream } from '../../../shared/runtime/batch.ts';

const failure = new Error('no');

/** Works through the names, failing at some; tells the order in which they were tried. */
function aWorker(...failing: string[]) {
  const tried: string[] = [];
  const work = async (name: string) => {
    tried.push(name);
    if (failing.includes(name)) throw failure;
  };
  return { tried, work };
}

describe('the loop over a stream', () => {
  const records: DynamoDBRecord[] = ['1', '2', '3', '4', '5'].map((SequenceNumber) => ({
    dynamodb: { SequenceNumber },
  }));
  const nameOf = (record: DynamoDBRecord) => record.dynamodb?.SequenceNumber ?? '';

  it('works in order and reports nothing when nothing fails', async () => {
    const { tried, work } = aWorker();

    expect(await processStream(records, (record) => work(nameOf(record)), vi.fn())).toEqual({
      batchItemFailures: [],
    });
    expect(tried).toEqual(['1', '2', '3', '4', '5']);
  });

  it('stops at record 3 of 5 and asks to be started again there (docs/lessons.md 14)', async () => {
    const { tried, work } = aWorker('3', '5');
    const onFailure = vi.fn();

    expect(await processStream(records, (record) => work(nameOf(record)), onFailure)).toEqual({
      batchItemFailures: [{ itemIdentifier: '3' }],
    });
    expect(tried).toEqual(['1', '2', '3']);
    expect(onFailure.mock.calls).toEqual([[failure, records[2]]]);
  });

  it('fails the whole batch when the failed record has no number', async () => {
    const { work } = aWorker('');

    await expect(processStream([{}], (record) => work(nameOf(record)), vi.fn())).rejects.toBe(failure);
  });
});

describe('the loop over a queue', () => {
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

  it('reports nothing when nothing fails', async () => {
    const { tried, work } = aWorker();

    expect(await processQueue(messages, ({ messageId }) => work(messageId), vi.fn())).toEqual({
      batchItemFailures: [],
    });
    expect(tried).toEqual(['a', 'b', 'c']);
  });

  it('gives back the failed message with all that follow, untried, so that none overtakes it', async () => {
    const { tried, work } = aWorker('b');
    const onFailure = vi.fn();

    expect(await processQueue(messages, ({ messageId }) => work(messageId), onFailure)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'b' }, { itemIdentifier: 'c' }],
    });
    expect(tried).toEqual(['a', 'b']);
    expect(onFailure.mock.calls).toEqual([[failure, messages[1]]]);
  });
});
