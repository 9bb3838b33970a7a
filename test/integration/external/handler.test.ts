import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseHint } from '../../../shared/approval/work-queue.ts';
import { writeExternalNode } from '../../../shared/settings/external-nodes.ts';
import { approvalPointerKey } from '../../../shared/tables/approval-keys.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../../support/dynamodb-local.ts';
import { type LocalQueue, startQueue } from '../../support/fauxqs.ts';
import { aPost } from '../../support/http-event.ts';
import { signedByOa } from '../../support/oa-push.ts';
import { aFakeAwsKey, aSigningSecret } from '../../support/secrets.ts';

const SECRET = aSigningSecret();
const BODY = '{"approvalId":"APPROVAL-1"}';
let dynamo: DynamoDbLocal;
let queue: LocalQueue;
let handler: typeof import('../../../functions/receive-external-events/handler.ts').handler;

const secretsManager = mockClient(SecretsManagerClient);

beforeAll(async () => {
  [dynamo, queue] = await Promise.all([startDynamoDbLocal(), startQueue()]);
  const { approvalTableName: tableName } = await dynamo.createTables();
  const environment = {
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    AWS_ENDPOINT_URL_SQS: queue.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: aFakeAwsKey().secretAccessKey,
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_LOG_LEVEL: 'DEBUG',
    APPROVAL_TABLE_NAME: tableName,
    WORK_QUEUE_URL: queue.queueUrl,
    EXTERNAL_SECRET_ARN: 'external',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  secretsManager.on(GetSecretValueCommand, { SecretId: 'external' }).resolves({
    VersionId: 'v1',
    SecretString: JSON.stringify({ nodes: { oa: { signingSecret: SECRET } } }),
  });
  const { documents } = dynamo;
  const node = { nodeId: 'oa', title: 'OA', endpoint: 'https://oa.example.com', revision: 1 };
  await writeExternalNode({ documents, tableName }, node);
  const pointer = { ...approvalPointerKey('approval-1'), issueId: 'issue-1', approvalId: 'approval-1' };
  await documents.send(new PutCommand({ TableName: tableName, Item: pointer }));
  ({ handler } = await import('../../../functions/receive-external-events/handler.ts'));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  secretsManager.restore();
  await Promise.all([dynamo.stop(), queue.stop()]);
});

interface Sent {
  body?: string;
  headers?: Record<string, string>;
  isBase64Encoded?: boolean;
}

const post = (nodeId: string, request: Sent = {}, pathParameters?: Record<string, string>) =>
  handler(
    { ...aPost(`/external-approvals/${nodeId}/events`, request), ...(pathParameters && { pathParameters }) },
    {} as Context,
  );
const push = (body = BODY, id = 'msg-1') => post('oa', { body, headers: signedByOa(SECRET, body, { id }) });
const stored = async () => (await queue.receiveAll()).map(({ Body }) => parseHint(Body ?? ''));

const answered = (statusCode: number, body: object) => ({
  statusCode,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
});
const OK = answered(200, {});
const UNAUTHORIZED = answered(401, {
  code: 'UNAUTHORIZED',
  message: 'Invalid signature.',
});

describe('an event of an OA', () => {
  it('is stored for the issue of its approval, whose id may be in any case', async () => {
    expect(await push()).toEqual(OK);
    expect(await stored()).toEqual([
      {
        kind: 'EXTERNAL_EVENT',
        issueId: 'issue-1',
        approvalId: 'approval-1',
        nodeId: 'oa',
        eventId: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
  });

  it('that comes twice is answered 200 twice and stored once (docs/lessons.md 1)', async () => {
    expect(await Promise.all([push(BODY, 'twice'), push(BODY, 'twice')])).toEqual([OK, OK]);
    expect(await stored()).toHaveLength(1);
  });

  it('of an unknown approval is answered 200 and not stored', async () => {
    expect(await push('{"approvalId":"unknown"}')).toEqual(OK);
    expect(await stored()).toEqual([]);
  });

  it('is verified on the bytes of a base64 body, with header names in any case (docs/lessons.md 15)', async () => {
    const body = ' {"approvalId" : "approval-1", "note":"语"}\n';
    const headers = Object.fromEntries(
      Object.entries(signedByOa(SECRET, body, { id: 'base64' })).map(([name, value]) => [
        name.replace('webhook', 'Webhook'),
        value,
      ]),
    );
    const sent = { body: Buffer.from(body).toString('base64'), headers, isBase64Encoded: true };
    expect(await post('oa', sent)).toEqual(OK);
    expect(await stored()).toHaveLength(1);
  });

  it('finds its node by the path parameter, if there is one', async () => {
    const sent = { body: BODY, headers: signedByOa(SECRET, BODY, { id: 'parameter' }) };
    expect(await post('nobody', sent, { nodeId: 'oa' })).toEqual(OK);
    expect(await stored()).toHaveLength(1);
  });
});

describe('a request that is refused', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['not signed', () => post('oa', { body: BODY })],
    [
      'signed by somebody else',
      () => post('oa', { body: BODY, headers: signedByOa(aSigningSecret(), BODY) }),
    ],
    [
      'signed long ago',
      () => post('oa', { body: BODY, headers: signedByOa(SECRET, BODY, { at: new Date(0) }) }),
    ],
    ['without a body', () => post('oa')],
  ])('is answered 401, always with the same body, if it is %s', async (_, send) => {
    expect(await send()).toEqual(UNAUTHORIZED);
    expect(await stored()).toEqual([]);
  });

  it.each(['nobody', 'constructor', '..', 'a%2Fb', '%ff', 'x'.repeat(3_000)])(
    'is 404 for the node "%s", signed or not',
    async (nodeId) => {
      const headers = signedByOa(SECRET, BODY);
      const unknown = answered(404, { code: 'NOT_FOUND', message: 'There is no such external node.' });
      expect(await post(nodeId, { body: BODY, headers })).toEqual(unknown);
      expect(await post(nodeId)).toEqual(unknown);
    },
  );

  it('is answered 400 if it is signed, but not an event', async () => {
    expect(await push('hello')).toEqual(
      answered(400, { code: 'BAD_REQUEST', message: 'The body is not {"approvalId": …} in JSON.' }),
    );
  });

  it('is answered 413 above 256 KiB of decoded bytes, before any other check', async () => {
    const tooLarge = answered(413, { code: 'TOO_LARGE', message: 'The body is larger than 256 KiB.' });
    expect(await post('nobody', { body: '语'.repeat(90_000) })).toEqual(tooLarge);
    const most = Buffer.alloc(256 * 1024, 'x').toString('base64');
    expect(await post('oa', { body: most, isBase64Encoded: true })).toEqual(UNAUTHORIZED);
  });

  it('is answered 503 if it cannot be stored, so that the OA sends it again (docs/lessons.md 16)', async () => {
    const down = mockClient(SQSClient);
    down.rejects(new Error('down'));
    expect(await push(BODY, 'down')).toEqual(
      answered(503, { code: 'UNAVAILABLE', message: 'The event could not be stored; send it again.' }),
    );
    down.restore();
    expect(await push(BODY, 'down')).toEqual(OK);
    expect(await stored()).toHaveLength(1);
  });
});
