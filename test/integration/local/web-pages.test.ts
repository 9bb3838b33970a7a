import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startJsonServices } from '../../../infra/local/aws/json-services.ts';
import { startLambdaEndpoint } from '../../../infra/local/aws/lambda-endpoint.ts';
import { startFeishuSimulator } from '../../../infra/local/simulators/feishu/server.ts';
import { startOaSimulator } from '../../../infra/local/simulators/oa/server.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../../support/dynamodb-local.ts';
import { type LocalQueue, startQueue } from '../../support/fauxqs.ts';
import { aSigningSecret } from '../../support/secrets.ts';
import { statusOf, webPages } from '../../support/web-page.ts';

interface Service {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** The status for a client of this machine, whose request may still be invalid. */
  answers: number;
}

const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=local/20260105/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});
const call = (service: string, target: string, version: string) => ({
  method: 'POST',
  headers: {
    ...signed(service),
    'x-amz-target': target,
    'content-type': `application/x-amz-json-${version}`,
  },
});

let database: DynamoDbLocal;
let queue: LocalQueue;
let tableName: string;
let services: Record<string, Service>;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  [database, queue] = await Promise.all([startDynamoDbLocal(), startQueue()]);
  const aws = await startJsonServices({ secretName: 'a-secret', onEvent: () => undefined });
  const lambda = await startLambdaEndpoint(() => undefined);
  const feishu = await startFeishuSimulator();
  const oa = await startOaSimulator({ signingSecret: aSigningSecret() });
  stops.push(database.stop, queue.stop, aws.close, lambda.close, feishu.close, oa.close);
  tableName = (await database.createTables()).issueTableName;
  services = {
    database: {
      url: database.endpoint,
      ...call('dynamodb', 'DynamoDB_20120810.PutItem', '1.0'),
      body: JSON.stringify({ TableName: tableName, Item: { issueId: { S: 'of a web page' } } }),
      answers: 200,
    },
    queue: {
      url: queue.endpoint,
      ...call('sqs', 'AmazonSQS.ListQueues', '1.0'),
      body: '{}',
      answers: 200,
    },
    bucket: { url: `${queue.endpoint}/a-bucket`, method: 'PUT', headers: signed('s3'), answers: 200 },
    'list of the queues': { url: `${queue.endpoint}/_fauxqs/queues`, answers: 200 },
    secrets: {
      url: aws.url,
      ...call('secretsmanager', 'secretsmanager.DescribeSecret', '1.1'),
      body: '{"SecretId":"a-secret"}',
      answers: 200,
    },
    functions: {
      url: `${lambda.url}/2015-03-31/functions/watch-issues/invocations`,
      method: 'POST',
      body: '{}',
      answers: 404,
    },
    'control of the Feishu simulator': { url: `${feishu.url}/simulator/inbox`, answers: 200 },
    'control of its Lark side': { url: `${feishu.larkUrl}/simulator/inbox`, answers: 200 },
    'control of the OA simulator': { url: `${oa.url}/simulator/approvals`, answers: 200 },
  };
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

const NAMES = [
  'database',
  'queue',
  'bucket',
  'list of the queues',
  'secrets',
  'functions',
  'control of the Feishu simulator',
  'control of its Lark side',
  'control of the OA simulator',
];

function find(name: string): Service {
  const service = services[name];
  if (!service) throw new Error(`no service ${name}`);
  return service;
}

describe.each(NAMES)('the %s', (name) => {
  it.each(webPages)('refuses %s', async (_what, headersAt) => {
    const { url, headers, ...request } = find(name);
    expect(await statusOf(url, { ...request, headers: { ...headers, ...headersAt(url) } })).toBe(403);
  });

  it.each(['127.0.0.1', 'localhost'])('serves this machine under the name %s', async (host) => {
    const { url, headers, answers, ...request } = find(name);
    const address = `${host}:${new URL(url).port}`;
    for (const mine of [{ host: address }, { host: address, origin: `http://${address}` }]) {
      expect(await statusOf(url, { ...request, headers: { ...headers, ...mine } })).toBe(answers);
    }
  });
});

describe('a refused request of a web page', () => {
  it('has no effect', async () => {
    const { url, headers, ...request } = find('database');
    const body = JSON.stringify({ TableName: tableName, Item: { issueId: { S: 'refused' } } });
    for (const [, headersAt] of webPages) {
      await statusOf(url, { ...request, body, headers: { ...headers, ...headersAt(url) } });
    }
    const Key = { issueId: 'refused' };
    expect(await database.documents.send(new GetCommand({ TableName: tableName, Key }))).not.toHaveProperty(
      'Item',
    );
  });

  it('is not allowed by a preflight request either', async () => {
    for (const { url } of [find('database'), find('queue')]) {
      const headers = {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-amz-target',
      };
      expect(await statusOf(url, { method: 'OPTIONS', headers })).toBe(403);
    }
  });
});
