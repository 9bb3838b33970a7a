import { readFileSync, statSync } from 'node:fs';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  entryOf,
  FEISHU_CALLERS,
  FUNCTION_NAMES,
  type FunctionName,
} from '../../infra/aws/constructs/bundling.ts';
import type { BusEvent } from '../../infra/local/aws/event-bus.ts';
import { startJsonServices } from '../../infra/local/aws/json-services.ts';
import { startLambdaEndpoint } from '../../infra/local/aws/lambda-endpoint.ts';
import { roundKey } from '../../shared/tables/approval-keys.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../support/dynamodb-local.ts';
import { type LocalQueue, startQueue } from '../support/fauxqs.ts';
import { anIssue, imageOf } from '../support/issue.ts';
import { signedByOa } from '../support/oa-push.ts';
import { aRound } from '../support/round.ts';
import { declareSecret } from '../support/secrets.ts';
import { invokeAsset, SynthesisedAssets } from './assets.ts';

const SECRET = 'frabit-feishu';
const EXTERNAL_SECRET = 'frabit-external';
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

let assets: SynthesisedAssets;
let dynamodb: DynamoDbLocal;
let queue: LocalQueue;
let lambda: { url: string; close(): Promise<void> };
let endpoints: { url: string; close(): Promise<void> };
let tables: { issueTableName: string; approvalTableName: string };
const published: BusEvent[] = [];

beforeAll(async () => {
  assets = new SynthesisedAssets();
  const { EVENT_SOURCE_MAPPINGS = '' } = assets.environmentOf('sweep-approvals', {});
  const mappings = EVENT_SOURCE_MAPPINGS.split(',').map((id) => ({
    id,
    functionName: 'watched',
    isOn: true,
  }));
  lambda = await startLambdaEndpoint(() => undefined, mappings);
  dynamodb = await startDynamoDbLocal();
  queue = await startQueue();
  endpoints = await startJsonServices({
    secretName: SECRET,
    externalSecretName: EXTERNAL_SECRET,
    onEvent: (event) => published.push(event),
  });
  tables = await dynamodb.createTables();
  const secrets = new SecretsManagerClient({
    endpoint: endpoints.url,
    region: 'us-east-1',
    credentials: CREDENTIALS,
  });
  await secrets.send(new PutSecretValueCommand({ SecretId: SECRET, SecretString: '{"apps":{}}' }));
  secrets.destroy();
}, 180_000);

afterAll(async () => {
  await lambda?.close();
  await endpoints?.close();
  await queue?.stop();
  await dynamodb?.stop();
  assets?.remove();
});

/** Uses the environment that the stack gives the function, with the local endpoints. */
const invoke = (name: FunctionName, event: unknown): Promise<unknown> =>
  invokeAsset(
    assets.fileOf(name),
    {
      ...assets.environmentOf(name, {
        TablesIssues: tables.issueTableName,
        TablesApprovals: tables.approvalTableName,
        WorkQueueHints: queue.queueUrl,
        WorkQueueDeadLetters: queue.deadLetterUrl,
        FeishuSecret: SECRET,
        ExternalNodesSecret: EXTERNAL_SECRET,
      }),
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      AWS_ENDPOINT_URL_SQS: queue.endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.url,
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    },
    event,
  );

const streamEvent = (NewImage: ReturnType<typeof imageOf>, Keys: ReturnType<typeof imageOf>) => ({
  Records: [
    {
      eventID: 'event-1',
      eventName: 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      dynamodb: {
        ApproximateCreationDateTime: 1_700_000_000,
        Keys,
        NewImage,
        SequenceNumber: '111',
        SizeBytes: 100,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    },
  ],
});

const queueEvent = (hint: unknown) => ({
  Records: [
    {
      messageId: 'message-1',
      receiptHandle: 'receipt-1',
      body: JSON.stringify(hint),
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1700000000000', MessageGroupId: 'group' },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:work.fifo',
      awsRegion: 'us-east-1',
    },
  ],
});

const httpEvent = (method: string, path: string, body?: string) => ({
  version: '2.0',
  routeKey: `${method} ${path}`,
  rawPath: path,
  rawQueryString: '',
  headers: { 'content-type': 'application/json', host: 'api.example.com' },
  requestContext: {
    accountId: '000000000000',
    apiId: 'api',
    domainName: 'api.example.com',
    domainPrefix: 'api',
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
    requestId: 'request-1',
    routeKey: `${method} ${path}`,
    stage: '$default',
    time: '14/Nov/2023:22:13:20 +0000',
    timeEpoch: 1_700_000_000_000,
  },
  ...(body === undefined ? {} : { body }),
  isBase64Encoded: false,
});

const hints = async (): Promise<unknown[]> =>
  (await queue.receiveAll()).map(({ Body }) => JSON.parse(Body ?? 'null'));

describe('each built function, imported by Node 24 in a fresh process and given a raw Lambda event', () => {
  it('watch-issues puts a hint on the queue', async () => {
    const issue = anIssue({ issueId: 'watched' });
    const answer = await invoke(
      'watch-issues',
      streamEvent(imageOf(issue), imageOf({ issueId: issue.issueId })),
    );
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(await hints()).toEqual([
      expect.objectContaining({ kind: 'RECORD_CHANGED', issueId: 'watched', triggers: ['NEW_STAGE'] }),
    ]);
  });

  it('receive-feishu-events refuses a body without a signature', async () => {
    const answer = await invoke('receive-feishu-events', httpEvent('POST', '/feishu/events', '{"a":1}'));
    expect(answer).toMatchObject({ statusCode: 401, body: expect.stringContaining('"UNAUTHORIZED"') });
  });

  it('receive-external-events refuses an unknown node, and accepts a valid signature of a known one', async () => {
    const event = (headers: Record<string, string> = {}) => {
      const body = '{"approvalId":"unknown"}';
      const made = httpEvent('POST', '/external-approvals/oa/events', body);
      return { ...made, headers, pathParameters: { nodeId: 'oa' } };
    };
    expect(await invoke('receive-external-events', event())).toMatchObject({ statusCode: 404 });

    const saved = await invoke('manage-settings', {
      ...httpEvent(
        'PUT',
        '/settings/external-approvals/oa',
        '{"title":"OA","endpoint":"https://8.8.8.8/approvals"}',
      ),
      pathParameters: { nodeId: 'oa' },
    });
    const { body } = z.object({ body: z.string() }).parse(saved);
    const { signingSecret } = z.object({ signingSecret: z.string() }).parse(JSON.parse(body));
    declareSecret('signing secret', signingSecret);

    expect(await invoke('receive-external-events', event())).toMatchObject({ statusCode: 401 });
    const signed = signedByOa(signingSecret, '{"approvalId":"unknown"}');
    expect(await invoke('receive-external-events', event(signed))).toMatchObject({ statusCode: 200 });
  });

  it('manage-settings returns the settings', async () => {
    const answer = await invoke('manage-settings', httpEvent('GET', '/settings/feishu'));
    expect(answer).toMatchObject({ statusCode: 200, body: expect.stringContaining('"enabled":false') });
  });

  it('reconcile-issues succeeds for an issue that does not exist', async () => {
    const answer = await invoke(
      'reconcile-issues',
      queueEvent({ kind: 'DUE', issueId: 'nowhere', approvalIds: [] }),
    );
    expect(answer).toEqual({ batchItemFailures: [] });
  });

  it('sweep-approvals finds an issue without a hint, and reconcile-issues writes why it is held', async () => {
    const issueId = 'forgotten';
    await dynamodb.documents.send(
      new PutCommand({ TableName: tables.issueTableName, Item: anIssue({ issueId }) }),
    );
    const tick = {
      version: '0',
      id: 'tick-1',
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      account: '000000000000',
      region: 'us-east-1',
      time: '2026-01-01T00:00:00Z',
      resources: [],
      detail: {},
    };
    expect(await invoke('sweep-approvals', tick)).toBeNull();
    const [hint] = await hints();
    expect(hint).toEqual({ kind: 'DUE', issueId, approvalIds: [] });

    expect(await invoke('reconcile-issues', queueEvent(hint))).toEqual({ batchItemFailures: [] });
    const { Item } = await dynamodb.documents.send(
      new GetCommand({ TableName: tables.issueTableName, Key: { issueId } }),
    );
    expect(Item).toMatchObject({ approvalHold: 'DISABLED' });
  });

  it('publish-approval-events publishes a new round on the event bus', async () => {
    const round = aRound({ state: 'REQUESTED' });
    const key = roundKey(round);
    const answer = await invoke(
      'publish-approval-events',
      streamEvent(imageOf({ ...key, ...round }), imageOf(key)),
    );
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(published.map(({ Source, DetailType }) => [Source, DetailType])).toEqual([
      ['frabit.im-approval', 'Approval Requested'],
    ]);
    expect(JSON.parse(published[0]?.Detail ?? '')).toMatchObject({ issueId: 'issue-1', stageId: 'stage-1' });
  });
});

describe('bundles', () => {
  it.each(['receive-feishu-events', 'receive-external-events'] as const)('of %s is under 600 KB', (name) => {
    expect(statSync(assets.fileOf(name)).size).toBeLessThan(600_000);
  });

  it.each(['watch-issues', 'publish-approval-events'] as const)('of %s is under 700 KB', (name) => {
    expect(statSync(assets.fileOf(name)).size).toBeLessThan(700_000);
  });

  it('are minified', () => {
    for (const name of FUNCTION_NAMES) {
      const lines = readFileSync(assets.fileOf(name), 'utf8').split('\n');
      expect(lines.length).toBeLessThan(5_000);
    }
  });

  it('contain the Feishu SDK and the client of OAs only where they are used', async () => {
    const found: FunctionName[] = [];
    const callOas: FunctionName[] = [];
    for (const name of FUNCTION_NAMES) {
      const { metafile } = await build({
        entryPoints: [entryOf(name)],
        bundle: true,
        metafile: true,
        write: false,
        platform: 'node',
        logLevel: 'silent',
      });
      const holds = (part: string) => Object.keys(metafile.inputs).some((path) => path.includes(part));
      if (holds('@larksuiteoapi/')) found.push(name);
      if (holds('shared/external/transport.ts')) callOas.push(name);
    }
    expect(found.sort()).toEqual(FEISHU_CALLERS.toSorted());
    expect(callOas).toEqual(['reconcile-issues']);
  });
});
