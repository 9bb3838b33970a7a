import { expect, test } from 'vitest';
import type { SettingsApi } from '../../support/settings-api.ts';
import { useSettingsApi } from '../../support/use-settings-api.ts';

let api: SettingsApi;
useSettingsApi((made) => {
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

test('a missing secret is a clear error, and nothing is saved', async () => {
  const answer = await api.put(
    {},
    { ...api.work, secret: { ...api.work.secret, secretId: 'no-such-secret' } },
  );
  expect([answer.status, answer.body.code]).toEqual([500, 'SECRET_MISSING']);
  expect(await api.settings()).toBeUndefined();
});
