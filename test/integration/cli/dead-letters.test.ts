import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalQueue, startQueue } from '../../support/fauxqs.ts';
import { imageOf } from '../../support/issue.ts';
import { aFakeAwsKey, declareStatement } from '../../support/secrets.ts';
import {
  type Answer,
  aLocalStack,
  cli,
  type FakeServer,
  type LocalFake,
  serve,
} from '../../unit/cli/support.ts';

const BUCKET = 'failed-records';
const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:watch-issues';
const SQL = 'DELETE FROM customers WHERE told = 1';

let queue: LocalQueue;
let s3: S3Client;
let lambda: FakeServer;
let answers: Answer[];
let stack: LocalFake;

beforeEach(async () => {
  queue = await startQueue();
  s3 = new S3Client({
    endpoint: queue.endpoint,
    region: 'us-east-1',
    credentials: aFakeAwsKey(),
    forcePathStyle: true,
  });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  answers = [];
  lambda = await serve(() => answers.shift() ?? { body: { batchItemFailures: [] } });
  stack = await aLocalStack(
    () => undefined,
    {
      WorkQueueUrl: queue.queueUrl,
      DeadLetterQueueUrl: queue.deadLetterUrl,
      FailedRecordsBucketName: BUCKET,
    },
    { sqs: queue.endpoint, s3: queue.endpoint, lambda: lambda.url },
  );
});
afterEach(async () => {
  s3.destroy();
  await Promise.all([stack.close(), lambda.close(), queue.stop()]);
});

const run = (...argv: string[]) => cli(['dead-letters', ...argv, '--local', stack.url]);

const letter = (body: string, group: string) =>
  queue.sqs.send(
    new SendMessageCommand({
      QueueUrl: queue.deadLetterUrl,
      MessageBody: body,
      MessageGroupId: group,
      MessageDeduplicationId: randomUUID(),
      MessageAttributes: { correlationId: { DataType: 'String', StringValue: `of ${group}` } },
    }),
  );
const hint = (issueId: string) => JSON.stringify({ kind: 'DUE', issueId, approvalIds: [] });

async function failedBatch(key: string, ...issueIds: string[]): Promise<string> {
  declareStatement(SQL);
  const payload = JSON.stringify({
    Records: issueIds.map((issueId) => ({
      dynamodb: { Keys: { issueId: { S: issueId } }, NewImage: imageOf({ issueId, statement: SQL }) },
    })),
  });
  const record = {
    requestContext: {
      functionArn: `${FUNCTION_ARN}:live`,
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 21,
    },
    timestamp: '2026-03-01T08:00:00.000Z',
    DDBStreamBatchInfo: { streamArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/issues', batchSize: 1 },
    payload,
  };
  await keepObject(key, JSON.stringify(record));
  return payload;
}
const keepObject = (key: string, body: string) =>
  s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
const keysLeft = async () =>
  ((await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }))).Contents ?? []).map(({ Key }) => Key);

describe('dead-letters list', () => {
  it('shows the issue of an event that an OA sent', async () => {
    const event = { kind: 'EXTERNAL_EVENT', issueId: 'issue-9', approvalId: 'approval-9', eventId: 'e9' };
    await letter(JSON.stringify(event), 'a');
    const result = await run('list', '--json');
    expect(result.json().messages).toEqual([
      expect.objectContaining({ kind: 'EXTERNAL_EVENT', issueId: 'issue-9' }),
    ]);
  });

  it('shows each hint and each batch, but nothing of the records', async () => {
    await letter(hint('issue-1'), 'a');
    await letter('not a hint', 'b');
    await failedBatch('aws/lambda/1', 'issue-2', 'issue-3');
    await keepObject('aws/lambda/2', 'nonsense');
    await keepObject('elsewhere', 'none of Lambda');

    const result = await run('list', '--json');

    expect(result).toMatchObject({ exit: 0, err: '' });
    expect(result.out.includes('customers')).toBe(false);
    const found = result.json();
    expect(found.messages).toHaveLength(2);
    expect(found.messages).toContainEqual({
      messageId: expect.any(String),
      kind: 'DUE',
      issueId: 'issue-1',
      sentAt: expect.stringMatching(/^\d{4}-.*Z$/),
      received: 1,
    });
    expect(found.messages).toContainEqual(expect.objectContaining({ kind: 'unreadable' }));
    expect(found.failedRecords).toEqual([
      {
        function: 'watch-issues',
        key: 'aws/lambda/1',
        condition: 'RetryAttemptsExhausted',
        at: '2026-03-01T08:00:00.000Z',
        issueIds: ['issue-2', 'issue-3'],
        records: 2,
      },
      { key: 'aws/lambda/2', unreadable: true },
    ]);
  });

  it('leaves every message visible for the next reader', async () => {
    await letter(hint('issue-1'), 'a');
    await run('list');
    const { out } = await run('list');
    expect(out).toContain('1 hint in the dead-letter queue');
    expect(out).toMatch(/DUE {2}issue-1 {2}received 2×/);
  });

  it('says when the stack has no output for its bucket', async () => {
    await stack.close();
    stack = await aLocalStack(
      () => undefined,
      { DeadLetterQueueUrl: queue.deadLetterUrl },
      { sqs: queue.endpoint },
    );
    const { exit, out } = await run('list');
    expect(exit).toBe(0);
    expect(out).toContain('has no output for its bucket');
  });
});

describe('dead-letters redrive', () => {
  it('sends hints back with their body, group and attributes, and invokes functions with their records', async () => {
    for (let count = 0; count < 12; count += 1) await letter(hint(`issue-${count}`), 'one-group');
    const payload = await failedBatch('aws/lambda/1', 'issue-2');

    const { exit, out } = await run('redrive', '--yes');

    expect(exit).toBe(0);
    expect(out).toContain('12 hints sent back to the work queue.');
    const sent = await queue.receiveAll();
    expect(sent.map(({ Body }) => Body)).toEqual(Array.from({ length: 12 }, (_, at) => hint(`issue-${at}`)));
    expect(new Set(sent.map(({ Attributes }) => Attributes?.MessageGroupId))).toEqual(new Set(['one-group']));
    expect(sent.map(({ MessageAttributes }) => MessageAttributes?.correlationId?.StringValue)).toEqual(
      sent.map(() => 'of one-group'),
    );
    expect(lambda.requests).toHaveLength(1);
    expect(decodeURIComponent(lambda.requests[0]?.path ?? '')).toBe(
      `/2015-03-31/functions/${FUNCTION_ARN}/invocations`,
    );
    const event = { ...JSON.parse(payload), redriven: true };
    expect(JSON.stringify(lambda.requests[0]?.body) === JSON.stringify(event)).toBe(true);
    expect(await keysLeft()).toEqual([]);
    expect((await run('list', '--json')).json()).toMatchObject({
      messages: [],
      behind: 0,
      failedRecords: [],
    });
  });

  it.each([
    ['fails on some records', { body: { batchItemFailures: [{ itemIdentifier: '1' }] } }],
    ['throws', { body: { errorMessage: 'no' }, headers: { 'x-amz-function-error': 'Unhandled' } }],
    ['cannot be invoked', { status: 404, body: { Type: 'User', Message: 'no such function' } }],
    ['returns an unknown answer', { body: '"what"' }],
  ])('keeps a batch whose function %s, names it and ends with 1', async (_what, answer) => {
    await failedBatch('aws/lambda/1', 'issue-2');
    await failedBatch('aws/lambda/2', 'issue-3');
    answers = [answer];
    const result = await run('redrive', '--yes', '--json');
    expect(result.exit).toBe(1);
    expect(result.json()).toMatchObject({
      failedRecords: { redriven: 1, failures: [{ item: 'aws/lambda/1', why: expect.any(String) }] },
      error: { code: 'NOT_ALL_REDRIVEN' },
    });
    expect(await keysLeft()).toEqual(['aws/lambda/1']);
  });

  it('keeps and names a dead letter that is not a hint', async () => {
    await letter('not a hint', 'a');
    await letter(hint('issue-1'), 'b');
    const result = await run('redrive', '--yes', '--json');
    expect(result.exit).toBe(1);
    expect(result.json()).toMatchObject({
      messages: { redriven: 1, failures: [{ why: expect.stringContaining('not a hint') }] },
    });
    expect((await queue.receiveAll()).map(({ Body }) => Body)).toEqual([hint('issue-1')]);
    expect((await run('list')).out).toContain('unreadable');
  });

  it('changes no dead letter when the bucket cannot be read', async () => {
    await letter(hint('issue-1'), 'a');
    await stack.close();
    stack = await aLocalStack(
      () => undefined,
      {
        WorkQueueUrl: queue.queueUrl,
        DeadLetterQueueUrl: queue.deadLetterUrl,
        FailedRecordsBucketName: 'no-such-bucket',
      },
      { sqs: queue.endpoint, s3: queue.endpoint },
    );
    expect((await run('redrive', '--yes')).exit).toBe(3);
    expect(await queue.receiveAll()).toEqual([]);
  });

  it('keeps a dead letter that the work queue refuses', async () => {
    await letter(hint('issue-1'), 'a');
    await stack.close();
    stack = await aLocalStack(
      () => undefined,
      { WorkQueueUrl: `${queue.queueUrl}-gone`, DeadLetterQueueUrl: queue.deadLetterUrl },
      { sqs: queue.endpoint },
    );
    expect(await run('redrive', '--yes')).toMatchObject({ exit: 1 });
    expect((await run('list')).out).toContain('1 hint in the dead-letter queue');
  });

  it('only shows what it would do with --dry-run', async () => {
    await letter(hint('issue-1'), 'a');
    await failedBatch('aws/lambda/1', 'issue-2');
    const result = await run('redrive', '--dry-run', '--json');
    expect(result.json()).toMatchObject({ dryRun: true, messages: [{ issueId: 'issue-1' }] });
    expect([await queue.receiveAll(), await keysLeft(), lambda.requests]).toEqual([[], ['aws/lambda/1'], []]);
  });

  it('does nothing when the answer is no', async () => {
    await letter(hint('issue-1'), 'a');
    const asked: string[] = [];
    const confirm = async (message: string) => {
      asked.push(message);
      return false;
    };
    const ask = { text: async () => '', secret: async () => '', confirm };
    const { exit } = await cli(['dead-letters', 'redrive', '--local', stack.url], { ask });
    expect(exit).toBe(130);
    expect(asked[0]).toContain('1 hint and 0 batches');
    expect(await queue.receiveAll()).toEqual([]);
  });
});
