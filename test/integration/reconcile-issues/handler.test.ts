import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { aContext } from '../../support/lambda-context.ts';
import { aFakeAwsKey } from '../../support/secrets.ts';

const WORK_QUEUE = 'http://127.0.0.1:9/work.fifo';
const DEAD_LETTERS = 'http://127.0.0.1:9/dead.fifo';
const HOUR = 60 * 60_000;

const sqs = mockClient(SQSClient);
const documents = mockClient(DynamoDBDocumentClient);

beforeAll(() => {
  const environment = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: aFakeAwsKey().secretAccessKey,
    POWERTOOLS_METRICS_DISABLED: 'true',
    ISSUE_TABLE_NAME: 'issues',
    APPROVAL_TABLE_NAME: 'approvals',
    WORK_QUEUE_URL: WORK_QUEUE,
    FEISHU_SECRET_ARN: 'feishu',
    EXTERNAL_SECRET_ARN: 'external',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
beforeEach(() => {
  sqs.reset();
  documents.reset();
  sqs.onAnyCommand().resolves({});
});
afterAll(() => {
  vi.unstubAllEnvs();
  sqs.restore();
  documents.restore();
});

const HINT = JSON.stringify({ kind: 'DUE', issueId: 'issue-1', approvalIds: [] });

function aMessage({ body = HINT, receives = 1, firstReceivedAgo = 0 } = {}): SQSRecord {
  return {
    messageId: 'message-1',
    receiptHandle: 'receipt-1',
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      ApproximateFirstReceiveTimestamp: String(Date.now() - firstReceivedAgo),
      SentTimestamp: '1700000000000',
      SenderId: 'x',
      MessageGroupId: 'group-1',
    },
    messageAttributes: { correlationId: { dataType: 'String', stringValue: 'change-1' } },
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:work.fifo',
    awsRegion: 'us-east-1',
  };
}

async function invoke(message: SQSRecord, deadLetters = DEAD_LETTERS) {
  vi.stubEnv('DEAD_LETTER_QUEUE_URL', deadLetters);
  vi.resetModules();
  const { handler } = await import('../../../functions/reconcile-issues/handler.ts');
  const { batchItemFailures } = await handler({ Records: [message] }, aContext('reconcile-issues'));
  return { stays: batchItemFailures.length > 0, pauses: pauses() };
}

const pauses = () =>
  sqs.commandCalls(ChangeMessageVisibilityCommand).map(({ args }) => args[0].input.VisibilityTimeout);
const setAside = () => sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input);

const answer = (name: string) =>
  new DynamoDBServiceException({ name, $fault: 'client', message: 'x', $metadata: { httpStatusCode: 400 } });

describe('a hint that cannot succeed', () => {
  it('is set aside at once, with its group and attributes', async () => {
    const body = '{"kind":"OF_A_NEWER_VERSION"}';

    expect(await invoke(aMessage({ body }))).toEqual({ stays: false, pauses: [] });

    expect(setAside()).toEqual([
      {
        QueueUrl: DEAD_LETTERS,
        MessageBody: body,
        MessageGroupId: 'group-1',
        MessageDeduplicationId: 'message-1',
        MessageAttributes: { correlationId: { DataType: 'String', StringValue: 'change-1' } },
      },
    ]);
  });

  it('is set aside at once if the cause is a bug', async () => {
    documents.onAnyCommand().rejects(new TypeError('x is not a function'));

    expect(await invoke(aMessage())).toEqual({ stays: false, pauses: [] });
    expect(setAside()).toMatchObject([{ MessageBody: HINT }]);
  });

  it('stays on the queue if the dead-letter queue does not take it', async () => {
    sqs.on(SendMessageCommand).rejects(new Error('down'));

    expect(await invoke(aMessage({ body: 'no hint', receives: 3 }))).toEqual({ stays: true, pauses: [4] });
  });

  it('stays on the queue without a dead-letter queue', async () => {
    expect(await invoke(aMessage({ body: 'no hint' }), '')).toEqual({ stays: true, pauses: [1] });
    expect(setAside()).toEqual([]);
  });
});

describe('a hint that may still succeed', () => {
  it.each([
    [1, 1],
    [2, 2],
    [5, 16],
    [9, 90],
    [300, 90],
  ])('after %i receives pauses for %i seconds', async (receives, seconds) => {
    documents.onAnyCommand().rejects(new Error('socket hang up'));

    expect(await invoke(aMessage({ receives }))).toEqual({ stays: true, pauses: [seconds] });
    expect(setAside()).toEqual([]);
  });

  it.each(['AccessDeniedException', 'ValidationException', 'ResourceNotFoundException'])(
    'pauses for ten minutes after %s, because a person must act',
    async (name) => {
      documents.onAnyCommand().rejects(answer(name));

      expect(await invoke(aMessage())).toEqual({ stays: true, pauses: [600] });
      expect(setAside()).toEqual([]);
    },
  );

  it('is set aside when it has failed for six hours, whatever the error', async () => {
    documents.onAnyCommand().rejects(answer('AccessDeniedException'));

    expect(await invoke(aMessage({ firstReceivedAgo: 6 * HOUR - 60_000 }))).toMatchObject({ stays: true });
    expect(await invoke(aMessage({ firstReceivedAgo: 6 * HOUR }))).toMatchObject({ stays: false });
    expect(setAside()).toHaveLength(1);
  });
});
