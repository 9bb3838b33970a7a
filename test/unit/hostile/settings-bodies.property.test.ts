import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { hostileJson, hostileMembers } from '../../support/hostile-json.ts';
import { aPost } from '../../support/http-event.ts';
import { declareSecret } from '../../support/secrets.ts';

/** The settings API with any bodies. Its callers are authenticated, but may still send invalid ones. */

const HUSH = 'hush-this-value-is-secret';
declareSecret('app secret', HUSH);
const before = Reflect.ownKeys(Object.prototype).join();
const aws = { secrets: mockClient(SecretsManagerClient), documents: mockClient(DynamoDBDocumentClient) };
let handler: typeof import('../../../functions/manage-settings/handler.ts').handler;
/** Feishu's answer to every call. */
let feishu: () => Response;

beforeAll(async () => {
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
  vi.stubEnv('APPROVAL_TABLE_NAME', 'approvals');
  vi.stubEnv('WORK_QUEUE_URL', 'http://127.0.0.1:9/work.fifo');
  vi.stubEnv('FEISHU_SECRET_ARN', 'feishu');
  vi.stubEnv('EXTERNAL_SECRET_ARN', 'external');
  vi.stubGlobal('fetch', async () => feishu());
  aws.secrets
    .on(GetSecretValueCommand, { SecretId: 'feishu' })
    .resolves({ VersionId: 'v1', SecretString: '{"apps":{}}' })
    .on(GetSecretValueCommand, { SecretId: 'external' })
    .resolves({ VersionId: 'v1', SecretString: '{"nodes":{}}' });
  aws.documents.resolves({});
  // The answer of DynamoDB before the first save.
  aws.documents
    .on(UpdateCommand, { ConditionExpression: 'attribute_exists(appId)' })
    .rejects(new ConditionalCheckFailedException({ message: 'no', $metadata: {} }));
  ({ handler } = await import('../../../functions/manage-settings/handler.ts'));
});
afterAll(() => {
  for (const mock of Object.values(aws)) mock.restore();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

const answerSchema = z.object({ statusCode: z.number(), body: z.string() });
const failureSchema = z.strictObject({ code: z.string(), message: z.string().max(10_000) });
const refused = () => Response.json({ code: 10014, msg: 'app secret invalid' });

async function call(method: string, path: string, body: string | undefined, isBase64Encoded = false) {
  const event = aPost(path, { body, isBase64Encoded });
  event.requestContext.http.method = method;
  return answerSchema.parse(await handler(event, {} as Context));
}

const keys = { appId: 'cli_a', appSecret: HUSH, encryptKey: HUSH, verificationToken: HUSH };
const odd = fc.oneof(fc.jsonValue(), fc.constantFrom('', ' ', HUSH, `${HUSH}\0`, HUSH.repeat(40), '\ud800'));

/** Valid settings, some attributes of which have any value, with hostile members before or after them. */
const almost = fc
  .tuple(
    fc.dictionary(
      fc.constantFrom(
        ...Object.keys(keys),
        'domain',
        'approvalCode',
        'replaceDefinition',
        'cutForms',
        'withdrawalComments',
        '__proto__',
        'constructor',
      ),
      odd,
    ),
    hostileMembers('appSecret').map((text) => text.slice(1, -1)),
    fc.boolean(),
  )
  .map(([changes, members, first]) => {
    const text = JSON.stringify({ ...keys, ...changes });
    return first ? text.replace('{', () => `{${members},`) : text.replace(/\}$/, () => `,${members}}`);
  });

const body = fc.oneof(
  hostileJson(),
  hostileMembers('encryptKey').map((text) => text.replace('ENCRYPTKEY', HUSH)),
  almost,
  fc.constantFrom(undefined, '', ' '.repeat(256 * 1024 + 1), '语'.repeat(90_000)),
);

it('answers any body with 4xx, a code and none of its values, or with the result of the checks', async () => {
  feishu = refused;
  await fc.assert(
    fc.asyncProperty(body, fc.boolean(), async (text, isBase64Encoded) => {
      const sent = isBase64Encoded && text !== undefined ? Buffer.from(text).toString('base64') : text;
      const answer = await call('PUT', '/settings/feishu', sent, isBase64Encoded);
      expect([400, 413, 422]).toContain(answer.statusCode);
      if (answer.statusCode !== 422) failureSchema.parse(JSON.parse(answer.body));
      expect(answer.body).not.toContain('hush');
      expect(Reflect.ownKeys(Object.prototype).join()).toBe(before);
    }),
    { numRuns: 1_500 },
  );
});

const node = { title: HUSH, endpoint: `https://oa.example.com/${HUSH}`, signingSecret: HUSH };

/** An external node, some attributes of which have any value. */
const almostNode = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...Object.keys(node), 'rotate', '__proto__', 'constructor', 'length'), odd),
    hostileMembers('endpoint').map((text) => text.slice(1, -1)),
  )
  .map(([changes, members]) => JSON.stringify({ ...node, ...changes }).replace(/\}$/, () => `,${members}}`));

it('answers any body of an external node with 400 or 413, a code and none of its values', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(body, almostNode), fc.boolean(), async (text, isBase64Encoded) => {
      const sent = isBase64Encoded && text !== undefined ? Buffer.from(text).toString('base64') : text;
      const answer = await call('PUT', '/settings/external-approvals/oa', sent, isBase64Encoded);
      expect([400, 413]).toContain(answer.statusCode);
      failureSchema.parse(JSON.parse(answer.body));
      expect(answer.body).not.toContain('hush');
      expect(Reflect.ownKeys(Object.prototype).join()).toBe(before);
    }),
    { numRuns: 1_500 },
  );
});

it('answers any method and path without an internal error', async () => {
  feishu = refused;
  const path = fc.oneof(
    fc.constantFrom(
      '/settings/feishu',
      '/settings',
      '/settings/feishu/',
      '/settings/feishu/check',
      '/settings/external-approvals',
      '/settings/external-approvals/',
      '/settings/external-approvals/constructor',
      '/settings//feishu',
      '',
    ),
    fc.string({ unit: 'binary' }).map((text) => `/settings/${text}`),
    fc.string({ unit: 'binary' }).map((text) => `/settings/external-approvals/${text}`),
    fc
      .string({ unit: 'binary' })
      .map((text) => `/settings/external-approvals/${encodeURIComponent(text.toWellFormed())}`),
    fc
      .string({ unit: 'binary' })
      .map((text) => `/settings/feishu/check/${encodeURIComponent(text.toWellFormed())}`),
  );
  const method = fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'PATCH', '', 'get', '__proto__');
  await fc.assert(
    fc.asyncProperty(method, path, hostileJson(), async (verb, place, text) => {
      const { statusCode } = await call(verb, place, text);
      expect(statusCode).toBeGreaterThanOrEqual(200);
      expect(statusCode).toBeLessThan(500);
    }),
    { numRuns: 500 },
  );
});

it('answers valid settings with 200, 422 or 503, whatever Feishu answers to the checks', async () => {
  const said = fc.oneof(
    hostileJson(),
    fc
      .tuple(fc.constantFrom('data', 'bot', 'tenant_access_token'), hostileJson())
      .map(
        ([name, one]) =>
          `{"code":0,"tenant_access_token":"t-0123456789abcdef","expire":7200,"${name}":${one}}`,
      ),
  );
  await fc.assert(
    fc.asyncProperty(said, fc.constantFrom(200, 400, 500), async (text, status) => {
      feishu = () => new Response(text, { status });
      const answer = await call('PUT', '/settings/feishu', JSON.stringify(keys));
      expect([422, 503]).toContain(answer.statusCode);
      expect(answer.body).not.toContain('hush');
    }),
    { numRuns: 30 },
  );
});
