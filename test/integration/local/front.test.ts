import { type OutgoingHttpHeaders, request } from 'node:http';
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2 } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Front, startFront } from '../../../infra/local/aws/http-front.ts';
import { writeJson } from '../../../infra/local/http.ts';
import { describeStack } from '../../../infra/local/start/stack-outputs.ts';
import { webPages } from '../../support/web-page.ts';

let front: Front;
let ready: boolean;
let events: APIGatewayProxyEventV2[];
/** The function that got each event. */
let targets: string[];
let answer: APIGatewayProxyResultV2 | Error;

const A_STACK = describeStack({
  frontUrl: 'http://127.0.0.1:3000',
  database: { endpoint: 'http://127.0.0.1:8000', issueStreamArn: 'arn:of-the-stream' },
  queue: {
    endpoint: 'http://127.0.0.1:4',
    queueUrl: 'http://127.0.0.1:4/q',
    deadLetterUrl: 'http://127.0.0.1:4/d',
  },
  secretArn: 'arn:of-the-secret',
  externalSecretArn: 'arn:of-the-nodes-secret',
  lambdaUrl: 'http://127.0.0.1:5',
  logFile: '/state/functions-3000.log',
});

beforeEach(async () => {
  ready = false;
  events = [];
  targets = [];
  answer = { statusCode: 200, headers: { 'content-type': 'application/json' }, body: '{}' };
  const invoke = (name: string) => async (event: APIGatewayProxyEventV2) => {
    events.push(event);
    targets.push(name);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  front = await startFront(0, {
    functions: {
      receiveFeishuEvents: invoke('receive-feishu-events'),
      receiveExternalEvents: invoke('receive-external-events'),
      manageSettings: invoke('manage-settings'),
    },
    isReady: () => ready,
    describe: () => A_STACK,
    console: async (_request, response, path) => {
      if (path !== '/console/about') return false;
      writeJson(response, 200, {});
      return true;
    },
  });
});
afterEach(() => front.close());

/** Sends a request over raw HTTP: fetch would correct the headers. */
function send(
  method: string,
  path: string,
  headers: OutgoingHttpHeaders = {},
  body?: Buffer | string,
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port: front.port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    call.on('error', reject);
    call.end(body);
  });
}

const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' };

describe('the event of a function', () => {
  it('is an HTTP API event of payload format 2.0 with the body byte for byte', async () => {
    const body = '{ "encrypt" :\n "x" }\n';
    await send('POST', '/feishu/events?a=1', { ...JSON_TYPE, 'X-Lark-Signature': 's' }, body);
    expect(events[0]).toMatchObject({
      version: '2.0',
      routeKey: 'POST /feishu/events',
      rawPath: '/feishu/events',
      rawQueryString: 'a=1',
      headers: { 'x-lark-signature': 's', 'content-type': JSON_TYPE['Content-Type'] },
      requestContext: { http: { method: 'POST', path: '/feishu/events' } },
      body,
      isBase64Encoded: false,
    });
  });

  it('has repeated headers joined by a comma', async () => {
    await send('POST', '/feishu/events', { 'X-Twice': ['a', 'b'] }, '{}');
    expect(events[0]?.headers).toMatchObject({ 'x-twice': 'a,b' });
  });

  it.each([
    ['without a content type', {}, Buffer.from('{}')],
    ['of a binary content type', { 'content-type': 'application/octet-stream' }, Buffer.from('{}')],
    ['that is not UTF-8', JSON_TYPE, Buffer.from([0xff, 0xfe, 0x00])],
  ])('has a body %s in base64', async (_what, headers, body) => {
    await send('POST', '/feishu/events', headers, body);
    expect(events[0]).toMatchObject({ isBase64Encoded: true, body: body.toString('base64') });
  });

  it.each([
    ['POST', '/feishu/events', 'receive-feishu-events', 'POST /feishu/events'],
    [
      'POST',
      '/external-approvals/demo-oa/events',
      'receive-external-events',
      'POST /external-approvals/{nodeId}/events',
    ],
    ['GET', '/settings/feishu', 'manage-settings', 'GET /settings/feishu'],
    ['GET', '/settings/external-approvals', 'manage-settings', 'GET /settings/external-approvals'],
    [
      'PUT',
      '/settings/external-approvals/demo-oa',
      'manage-settings',
      'PUT /settings/external-approvals/{nodeId}',
    ],
  ])('for %s %s goes to %s', async (method, path, target, routeKey) => {
    await send(method, path, JSON_TYPE, method === 'GET' ? undefined : '{}');
    expect(targets).toEqual([target]);
    expect(events[0]).toMatchObject({ routeKey });
  });

  it('contains decoded path parameters', async () => {
    await send('GET', '/settings/feishu/check/a%2Fb');
    expect(events[0]).toMatchObject({
      routeKey: 'GET /settings/feishu/check/{testId}',
      pathParameters: { testId: 'a/b' },
    });
  });
});

describe('the answer', () => {
  it('is status, headers and body as the function says', async () => {
    answer = { statusCode: 422, headers: { 'X-One': '1' }, body: '{"checks":[]}' };
    expect(await send('PUT', '/settings/feishu', JSON_TYPE, '{}')).toMatchObject({
      status: 422,
      headers: { 'x-one': '1' },
      body: '{"checks":[]}',
    });
  });

  it('is decoded when the function answers in base64', async () => {
    answer = { statusCode: 200, body: Buffer.from('bytes').toString('base64'), isBase64Encoded: true };
    expect((await send('GET', '/settings/feishu')).body).toBe('bytes');
  });

  it('is 500 when the function throws, without its message', async () => {
    answer = new Error('secret');
    const result = await send('POST', '/feishu/events', JSON_TYPE, '{}');
    expect(result).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
  });

  it('is 413 above the limit of API Gateway, without calling the function', async () => {
    const result = await send('POST', '/feishu/events', JSON_TYPE, Buffer.alloc(10 * 1024 * 1024 + 1, 32));
    expect(result.status).toBe(413);
    expect(events).toEqual([]);
  });

  it.each([
    ['GET', '/feishu/events'],
    ['POST', '/feishu/events/'],
    ['POST', '/elsewhere'],
    ['GET', '/external-approvals/demo-oa/events'],
    ['POST', '/external-approvals//events'],
    ['POST', '/settings/external-approvals'],
    ['GET', '/settings/feishu/check/'],
  ])('is 404 as JSON for %s %s', async (method, path) => {
    const result = await send(method, path);
    expect(result.status).toBe(404);
    expect(JSON.parse(result.body)).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('GET /health', () => {
  it('answers 503 until everything runs, then 200', async () => {
    expect((await send('GET', '/health')).status).toBe(503);
    ready = true;
    expect((await send('GET', '/health')).status).toBe(200);
  });
});

describe('GET /stack', () => {
  it('returns the outputs of a deployed stack, the endpoints of its services and the log file', async () => {
    const { status, body } = await send('GET', '/stack');
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      outputs: {
        IssueTableName: 'frabit-issues',
        IssueTableStreamArn: 'arn:of-the-stream',
        ApprovalTableName: 'frabit-approvals',
        FeishuWebhookUrl: 'http://127.0.0.1:3000/feishu/events',
        SettingsUrl: 'http://127.0.0.1:3000/settings',
        FeishuSecretArn: 'arn:of-the-secret',
        ExternalNodesSecretArn: 'arn:of-the-nodes-secret',
        WorkQueueUrl: 'http://127.0.0.1:4/q',
        DeadLetterQueueUrl: 'http://127.0.0.1:4/d',
        FailedRecordsBucketName: 'frabit-failed-records',
      },
      endpoints: {
        dynamodb: 'http://127.0.0.1:8000',
        sqs: 'http://127.0.0.1:4',
        s3: 'http://127.0.0.1:4',
        lambda: 'http://127.0.0.1:5',
      },
      region: 'us-east-1',
      logFile: '/state/functions-3000.log',
    });
  });
});

describe('a web page of another origin', () => {
  it.each(webPages)('reaches neither settings, console nor stack: %s', async (_what, headersAt) => {
    const headers = headersAt(front.url);
    expect((await send('GET', '/settings/feishu', headers)).status).toBe(403);
    expect((await send('GET', '/settings/external-approvals', headers)).status).toBe(403);
    expect((await send('GET', '/console/about', headers)).status).toBe(404);
    expect((await send('GET', '/stack', headers)).status).toBe(404);
    expect(events).toEqual([]);
  });

  it.each(['/feishu/events', '/external-approvals/demo-oa/events'])(
    'may send signed requests, which may come through a tunnel: POST %s',
    async (path) => {
      expect((await send('POST', path, { host: 'tunnel.example' }, '{}')).status).toBe(200);
    },
  );
});
