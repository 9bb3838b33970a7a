import type { Context } from 'aws-lambda';
import { expect, test, vi } from 'vitest';
import { aFakeAwsKey } from '../../support/secrets.ts';
import { anEvent, type SettingsApi } from '../../support/settings-api.ts';
import { useSettingsApi } from '../../support/use-settings-api.ts';

let api: SettingsApi;
const database = useSettingsApi((made) => {
  api = made;
});

test.each([
  ['not JSON', '{', 'The body is not JSON.'],
  ['no body', undefined, 'The body is not JSON.'],
  [
    'a missing key',
    JSON.stringify({ appId: 'cli_a', appSecret: 'hush', verificationToken: 'hush' }),
    'encryptKey',
  ],
  [
    'an unknown domain',
    JSON.stringify({
      appId: 'cli_a',
      appSecret: 'hush',
      encryptKey: 'hush',
      verificationToken: 'hush',
      domain: 'hush',
    }),
    'domain',
  ],
  [
    'an app id with a slash',
    JSON.stringify({ appId: 'cli/hush', appSecret: 'hush', encryptKey: 'hush', verificationToken: 'hush' }),
    'appId',
  ],
])('%s is 400, naming path and rule and no value', async (_, body, named) => {
  const answer = await api.call('PUT', '/settings/feishu', body);
  expect(answer.status).toBe(400);
  expect(answer.body.code).toBe('BAD_REQUEST');
  expect(answer.body.message).toContain(named);
  expect(answer.text).not.toContain('hush');
});

test('a body over 256 KiB is 413', async () => {
  const answer = await api.call('PUT', '/settings/feishu', ' '.repeat(256 * 1024 + 1));
  expect([answer.status, answer.body.code]).toEqual([413, 'TOO_LARGE']);
});

test.each([
  ['POST', '/settings/feishu', 405, 'METHOD_NOT_ALLOWED'],
  ['GET', '/settings/other', 404, 'NOT_FOUND'],
])('%s %s is %i %s', async (method, path, status, code) => {
  const answer = await api.call(method, path);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
});

test('a missing secret is a clear error, and nothing is enabled', async () => {
  const answer = await api.put(
    {},
    { ...api.work, secret: { ...api.work.secret, secretId: 'no-such-secret' } },
  );
  expect([answer.status, answer.body.code]).toEqual([500, 'SECRET_MISSING']);
  expect(await api.settings()).toBeUndefined();
});

test('the handler works from its environment, and answers GET before anything was enabled', async () => {
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', aFakeAwsKey().secretAccessKey);
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', database().endpoint);
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'DEBUG');
  vi.stubEnv('APPROVAL_TABLE_NAME', api.work.place.tableName);
  vi.stubEnv('WORK_QUEUE_URL', 'http://127.0.0.1:9/work.fifo');
  vi.stubEnv('FEISHU_SECRET_ARN', 'feishu');
  vi.stubEnv('EXTERNAL_SECRET_ARN', 'external');
  vi.stubEnv('FEISHU_BASE_URL', '');
  try {
    const { handler } = await import('../../../functions/manage-settings/handler.ts');
    const answer = await handler(anEvent('GET', '/settings/feishu'), {} as Context);
    expect(answer).toMatchObject({ statusCode: 200, body: '{"enabled":false,"checks":[],"withdrawing":0}' });
    expect(await handler(anEvent('PUT', '/settings/feishu', '{'), {} as Context)).toMatchObject({
      statusCode: 400,
    });
  } finally {
    vi.unstubAllEnvs();
  }
});
