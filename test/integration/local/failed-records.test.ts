import { DescribeTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startEventSourceMappings } from '../../../infra/local/aws/event-source-mappings.ts';
import {
  FAILED_RECORDS_BUCKET as Bucket,
  type FailedRecords,
  failedRecord,
  openFailedRecords,
} from '../../../infra/local/aws/failed-records.ts';
import type { Functions } from '../../../infra/local/aws/functions.ts';
import { type LocalQueue, startWorkQueue } from '../../../infra/local/aws/work-queue.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../../support/dynamodb-local.ts';

describe('the object for a batch that was given up', () => {
  const record = (number: string, second: number) => ({
    eventName: 'MODIFY' as const,
    dynamodb: { SequenceNumber: number, ApproximateCreationDateTime: second },
  });
  const records = [record('11', 1_767_607_200), record('12', 1_767_607_201)];
  const { key, body } = failedRecord(
    {
      functionName: 'watch-issues',
      mappingId: 'the-mapping',
      streamArn: 'arn:of-the-stream',
      shardId: 'shardId-1',
      attempts: 11,
      records,
    },
    new Date('2026-01-05T10:00:05.678Z'),
    () => 'new-id',
  );

  it('is named after mapping, shard and time', () => {
    expect(key).toBe('aws/lambda/the-mapping/shardId-1/2026/01/05/2026-01-05T10.00.05-new-id');
  });

  it('contains the function, the number of attempts, the position and the event as text', () => {
    expect(body).toEqual({
      requestContext: {
        requestId: 'new-id',
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:watch-issues:$LATEST',
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 11,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: '2026-01-05T10:00:05.678Z',
      DDBStreamBatchInfo: {
        shardId: 'shardId-1',
        startSequenceNumber: '11',
        endSequenceNumber: '12',
        approximateArrivalOfFirstRecord: '2026-01-05T10:00:00.000Z',
        approximateArrivalOfLastRecord: '2026-01-05T10:00:01.000Z',
        batchSize: 2,
        streamArn: 'arn:of-the-stream',
      },
      payload: JSON.stringify({ Records: records }),
    });
  });
});

describe('the event source mappings of a stack', () => {
  let database: DynamoDbLocal;
  let queue: LocalQueue;
  let failedRecords: FailedRecords;
  let s3: S3Client;
  beforeAll(async () => {
    [database, queue] = await Promise.all([startDynamoDbLocal(), startWorkQueue()]);
    failedRecords = await openFailedRecords(queue.endpoint);
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    s3 = new S3Client({ endpoint: queue.endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
  });
  afterAll(async () => {
    s3.destroy();
    failedRecords.close();
    await Promise.all([database.stop(), queue.stop()]);
  });

  it('store in the bucket what watch-issues could not process, and report it', async () => {
    const { issueTableName, approvalTableName } = await database.createTables();
    const streamOf = async (TableName: string) =>
      (await database.client.send(new DescribeTableCommand({ TableName }))).Table?.LatestStreamArn ?? '';
    const issueStreamArn = await streamOf(issueTableName);
    const delivered: DynamoDBStreamEvent[] = [];
    const idle = async () => undefined;
    const functions: Functions = {
      async watchIssues(event) {
        delivered.push(event);
        throw new Error('never works');
      },
      publishApprovalEvents: idle,
      reconcileIssues: idle,
      sweepApprovals: idle,
      receiveFeishuEvents: async () => ({}),
      receiveExternalEvents: async () => ({}),
      manageSettings: async () => ({}),
    };
    const givenUp: string[] = [];
    const stop = startEventSourceMappings(functions, {
      database: {
        endpoint: database.endpoint,
        issueStreamArn,
        approvalStreamArn: await streamOf(approvalTableName),
      },
      queue,
      failedRecords,
      observer: {
        onIssueChange: () => undefined,
        onHint: () => undefined,
        onGivenUp: (text) => givenUp.push(text),
      },
      maxRetries: 1,
    });
    await database.client.send(
      new PutItemCommand({ TableName: issueTableName, Item: { issueId: { S: 'i' } } }),
    );
    const Key = await vi.waitFor(
      async () => {
        const [object] =
          (await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'aws/lambda/' }))).Contents ?? [];
        expect(object?.Key).toBeTypeOf('string');
        return object?.Key;
      },
      { timeout: 20_000 },
    );
    await stop();

    const object = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const kept = JSON.parse((await object.Body?.transformToString()) ?? '');
    expect(kept).toMatchObject({
      requestContext: { approximateInvokeCount: 2 },
      DDBStreamBatchInfo: { batchSize: 1, streamArn: issueStreamArn },
    });
    expect(JSON.parse(kept.payload)).toEqual(delivered[0]);
    expect(givenUp).toContain('watch-issues gave up 1 record(s): see the log of the functions');
  });
});
