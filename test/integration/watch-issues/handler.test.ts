import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, DeleteBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient, SQSServiceException } from '@aws-sdk/client-sqs';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { listKeys, readFailed } from '../../../infra/cli/failed-records.ts';
import { parseHint } from '../../../shared/approval/work-queue.ts';
import type { StreamEvent } from '../../../shared/runtime/failed-records.ts';
import { type LocalQueue, startQueue } from '../../support/fauxqs.ts';
import { anIssue, imageOf } from '../../support/issue.ts';
import { aContext } from '../../support/lambda-context.ts';
import { aFakeAwsKey } from '../../support/secrets.ts';

let queue: LocalQueue;
let handler: typeof import('../../../functions/watch-issues/handler.ts').handler;

beforeAll(async () => {
  queue = await startQueue();
  vi.stubEnv('AWS_ENDPOINT_URL_SQS', queue.endpoint);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', aFakeAwsKey().secretAccessKey);
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'DEBUG');
  vi.stubEnv('WORK_QUEUE_URL', queue.queueUrl);
  ({ handler } = await import('../../../functions/watch-issues/handler.ts'));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await queue.stop();
});

let serial = 0;
/** Returns the stream record of a new issue. */
function inserted(issueId: string, item: object = anIssue({ issueId })): DynamoDBRecord {
  serial += 1;
  return {
    eventID: `event-${serial}`,
    eventName: 'INSERT',
    dynamodb: {
      Keys: { issueId: { S: issueId } },
      NewImage: JSON.parse(JSON.stringify(imageOf(item))),
      SequenceNumber: String(serial),
    },
  };
}

const invoke = (...Records: DynamoDBRecord[]) =>
  handler({ Records } satisfies DynamoDBStreamEvent, aContext());

async function hintsOnTheQueue() {
  return (await queue.receiveAll()).map(({ Body = '' }) => parseHint(Body));
}

describe('watch-issues', () => {
  it('sends a hint of a new issue to the queue, in the message group of the issue', async () => {
    const record = inserted('issue 语');

    expect(await invoke(record)).toEqual({ batchItemFailures: [] });

    const messages = await queue.receiveAll();
    expect(messages.map(({ Body = '' }) => parseHint(Body))).toEqual([
      {
        kind: 'RECORD_CHANGED',
        issueId: 'issue 语',
        triggers: ['NEW_STAGE'],
        arrived: { stageId: 'stage-1', bellSeq: 0 },
      },
    ]);
    expect(messages[0]?.Attributes).toMatchObject({
      MessageGroupId: '4b5d60c3e4c351b8382ab483f17322a20ba84057209b98a565695311b29d07de',
      MessageDeduplicationId: record.eventID,
    });
  });

  it('sends hints of a malformed record and of its neighbours (docs/lessons.md 13)', async () => {
    const answer = await invoke(
      inserted('before'),
      inserted('broken', { issueId: 'broken', stages: 'none', 'huge number': 1 }),
      inserted('after'),
    );

    expect(answer).toEqual({ batchItemFailures: [] });
    expect((await hintsOnTheQueue()).map((hint) => 'issueId' in hint && hint.issueId)).toEqual([
      'before',
      'broken',
      'after',
    ]);
  });

  it('sends one message if a record is delivered twice (docs/lessons.md 14)', async () => {
    const record = inserted('twice');

    await invoke(record);
    await invoke(record);

    expect(await hintsOnTheQueue()).toHaveLength(1);
  });
});

describe('watch-issues while the queue is down', () => {
  const mock = () => mockClient(SQSClient);
  let sqs: ReturnType<typeof mock>;
  beforeEach(() => {
    sqs = mock();
  });
  afterEach(() => sqs.restore());

  it('stops at the failed record and reports its number, so that the order is kept (docs/lessons.md 14)', async () => {
    const records = ['a', 'b', 'c'].map((issueId) => inserted(issueId));
    sqs.on(SendMessageCommand).resolvesOnce({}).rejectsOnce(new Error('down')).resolves({});

    expect(await invoke(...records)).toEqual({
      batchItemFailures: [{ itemIdentifier: records[1]?.dynamodb?.SequenceNumber }],
    });

    expect(sqs.commandCalls(SendMessageCommand)).toHaveLength(2);
  });
});

describe('a record of watch-issues that cannot succeed', () => {
  const nameless = (): DynamoDBRecord => ({ ...inserted('x'), dynamodb: { SequenceNumber: '7' } });
  let s3: S3Client;
  let bucket: string;
  let invokeWithBucket: (event: StreamEvent) => ReturnType<typeof handler>;

  beforeEach(async () => {
    s3 = new S3Client({ endpoint: queue.endpoint });
    bucket = `failed-records-${randomUUID()}`;
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    vi.stubEnv('AWS_ENDPOINT_URL_S3', queue.endpoint);
    vi.stubEnv('FAILED_RECORDS_BUCKET', bucket);
    vi.resetModules();
    const module = await import('../../../functions/watch-issues/handler.ts');
    invokeWithBucket = (event) => module.handler(event, aContext('watch-issues'));
  });
  afterEach(() => {
    vi.stubEnv('FAILED_RECORDS_BUCKET', '');
    s3.destroy();
  });

  const objects = async () => {
    const place = { s3, bucket };
    return Promise.all((await listKeys(place)).map((key) => readFailed(place, key)));
  };

  it('is set aside as an object that dead-letters can read, and the batch goes on behind it', async () => {
    const record = nameless();

    expect(await invokeWithBucket({ Records: [record, inserted('behind')] })).toEqual({
      batchItemFailures: [],
    });

    expect(await objects()).toEqual([
      {
        key: expect.stringMatching(/^aws\/lambda\/watch-issues\/set-aside\/\d{4}\/\d\d\/\d\d\//),
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:watch-issues',
        condition: 'SetAside',
        at: expect.any(String),
        issueIds: [],
        records: 1,
        payload: JSON.stringify({ Records: [record] }),
      },
    ]);
    expect((await hintsOnTheQueue()).map((hint) => 'issueId' in hint && hint.issueId)).toEqual(['behind']);
  });

  it('stays with the stream if it cannot be set aside', async () => {
    await s3.send(new DeleteBucketCommand({ Bucket: bucket }));

    expect(await invokeWithBucket({ Records: [nameless(), inserted('behind')] })).toEqual({
      batchItemFailures: [{ itemIdentifier: '7' }],
    });
    expect(await hintsOnTheQueue()).toEqual([]);
  });

  it('is reported as failed when it is redriven, so that its object stays', async () => {
    expect(await invokeWithBucket({ Records: [nameless()], redriven: true })).toEqual({
      batchItemFailures: [{ itemIdentifier: '7' }],
    });
    expect(await objects()).toEqual([]);
  });

  it('is skipped without a bucket if it names no issue', async () => {
    expect(await invoke(nameless())).toEqual({ batchItemFailures: [] });
  });

  it.each([
    ['is set aside if SQS refuses its hint', 'InvalidMessageContents', 1],
    ['stays with the stream if the queue does not exist', 'QueueDoesNotExist', 0],
    ['stays with the stream if the right to send is missing', 'AccessDenied', 0],
    ['stays with the stream if SQS is busy', 'RequestThrottled', 0],
  ])('%s', async (_, name, setAside) => {
    const said = { message: 'x', $fault: 'client' as const, $metadata: { httpStatusCode: 400 } };
    const sqs = mockClient(SQSClient);
    sqs.on(SendMessageCommand).rejects(new SQSServiceException({ name, ...said }));

    const answer = await invokeWithBucket({ Records: [inserted('a')] });

    sqs.restore();
    expect(answer.batchItemFailures).toHaveLength(1 - setAside);
    expect(await objects()).toHaveLength(setAside);
  });
});
