import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, expect, test } from 'vitest';
import { createFeishuSecretReader, storeCredentials } from '../../../shared/settings/feishu-secret.ts';

const HOUR = 60 * 60_000;
const START = Date.parse('2026-03-01T00:00:00.000Z');
const secretsManager = mockClient(SecretsManagerClient);
afterEach(() => secretsManager.reset());

const keys = (name: string) => ({
  appSecret: `${name}-secret`,
  encryptKey: `${name}-key`,
  verificationToken: name,
});
const aSecret = (name: string) => JSON.stringify({ apps: { cli_a: keys(name) } });
const notFound = (message: string) => new ResourceNotFoundException({ message, $metadata: {} });

function stands(stage: string, versionId: string, text: string, createdAt = START): void {
  secretsManager
    .on(GetSecretValueCommand, { VersionStage: stage })
    .resolves({ VersionId: versionId, SecretString: text, CreatedDate: new Date(createdAt) });
}

function aReader() {
  const clock = { now: START };
  const reader = createFeishuSecretReader({
    secretsManager: new SecretsManagerClient({ region: 'us-east-1' }),
    secretId: 'feishu',
    now: () => clock.now,
  });
  return { reader, clock };
}

const reads = () => secretsManager.commandCalls(GetSecretValueCommand).length;

test('reads the secret once in five minutes', async () => {
  stands('AWSCURRENT', 'v1', aSecret('one'));
  const { reader, clock } = aReader();
  await reader.current();
  clock.now += 5 * 60_000 - 1;
  expect((await reader.current()).apps.cli_a).toEqual(keys('one'));
  expect(reads()).toBe(1);
  clock.now += 1;
  await reader.current();
  expect(reads()).toBe(2);
});

test('the previous version is a candidate for 24 hours after a rotation (docs/lessons.md 17)', async () => {
  stands('AWSCURRENT', 'v2', aSecret('two'));
  stands('AWSPREVIOUS', 'v1', aSecret('one'));
  const { reader, clock } = aReader();
  expect((await reader.candidates()).map(({ stage, secret }) => [stage, secret.apps.cli_a])).toEqual([
    ['AWSCURRENT', keys('two')],
    ['AWSPREVIOUS', keys('one')],
  ]);
  await reader.candidates();
  expect(reads()).toBe(2);
  clock.now += 24 * HOUR;
  expect((await reader.candidates()).map(({ stage }) => stage)).toEqual(['AWSCURRENT']);
});

test('an invalid or absent previous version is no candidate and no error', async () => {
  stands('AWSCURRENT', 'v2', aSecret('two'));
  stands('AWSPREVIOUS', 'v1', 'not json');
  expect(await aReader().reader.candidates()).toHaveLength(1);
  secretsManager
    .on(GetSecretValueCommand, { VersionStage: 'AWSPREVIOUS' })
    .rejects(
      notFound("Secrets Manager can't find the specified secret value for staging label: AWSPREVIOUS"),
    );
  expect(await aReader().reader.candidates()).toHaveLength(1);
});

test('finds a rotated key with a forced read, but forces only one a minute (docs/lessons.md 17)', async () => {
  stands('AWSCURRENT', 'v1', aSecret('one'));
  const { reader, clock } = aReader();
  await reader.current();
  expect(await reader.refresh()).toBe(false);
  stands('AWSCURRENT', 'v2', aSecret('two'));
  expect(await reader.refresh()).toBe(false);
  expect(reads()).toBe(2);
  clock.now += 60_000;
  expect(await reader.refresh()).toBe(true);
  expect((await reader.current()).apps.cli_a).toEqual(keys('two'));
});

test('makes one read of two forced reads at the same time, and both see the new version', async () => {
  stands('AWSCURRENT', 'v1', aSecret('one'));
  const { reader } = aReader();
  await reader.current();
  stands('AWSCURRENT', 'v2', aSecret('two'));
  expect(await Promise.all([reader.refresh(), reader.refresh()])).toEqual([true, true]);
  expect(reads()).toBe(2);
});

test('a secret without a value yet has no apps', async () => {
  secretsManager
    .on(GetSecretValueCommand)
    .rejects(notFound("Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"));
  expect(await aReader().reader.candidates()).toEqual([{ secret: { apps: {} }, stage: 'AWSCURRENT' }]);
});

test('a missing secret is SECRET_MISSING', async () => {
  secretsManager
    .on(GetSecretValueCommand)
    .rejects(notFound("Secrets Manager can't find the specified secret."));
  await expect(aReader().reader.current()).rejects.toMatchObject({
    code: 'SECRET_MISSING',
    retryable: false,
  });
});

test('rejects with a retryable SECRET_UNAVAILABLE if Secrets Manager cannot be reached', async () => {
  secretsManager.on(GetSecretValueCommand).rejects(new Error('socket hang up'));
  await expect(aReader().reader.current()).rejects.toMatchObject({
    code: 'SECRET_UNAVAILABLE',
    retryable: true,
  });
});

test.each([
  ['AccessDeniedException', 'RIGHT_MISSING'],
  ['InvalidRequestException', 'SECRET_REFUSED'],
  ['ThrottlingException', 'SECRET_UNAVAILABLE'],
])('%s of Secrets Manager is a retryable %s', async (name, code) => {
  const said = { message: 'hush', $fault: 'client' as const, $metadata: { httpStatusCode: 400 } };
  secretsManager.on(GetSecretValueCommand).rejects(new SecretsManagerServiceException({ name, ...said }));
  await expect(aReader().reader.current()).rejects.toMatchObject({ code, retryable: true });
});

test('names a missing key by its path and shows no value', async () => {
  stands(
    'AWSCURRENT',
    'v1',
    JSON.stringify({ apps: { cli_a: { appSecret: 'hush', verificationToken: 'quiet' } } }),
  );
  const error = await aReader()
    .reader.current()
    .catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'SECRET_INVALID' });
  expect(String(error)).toContain('apps.cli_a.encryptKey');
  expect(String(error)).not.toMatch(/hush|quiet/);
});

test('stores an app beside the others, and writes nothing if nothing changes', async () => {
  stands('AWSCURRENT', 'v1', JSON.stringify({ apps: { cli_b: keys('other') } }));
  secretsManager
    .on(GetSecretValueCommand, { VersionStage: 'AWSPREVIOUS' })
    .rejects(notFound('no such secret value'));
  secretsManager.on(PutSecretValueCommand).resolves({});
  const place = { secretsManager: new SecretsManagerClient({ region: 'us-east-1' }), secretId: 'feishu' };
  await storeCredentials(place, 'cli_a', keys('one'));
  const stored = secretsManager.commandCalls(PutSecretValueCommand)[0]?.args[0].input.SecretString ?? '';
  expect(JSON.parse(stored)).toEqual({ apps: { cli_a: keys('one'), cli_b: keys('other') } });
  stands('AWSCURRENT', 'v2', stored);
  await storeCredentials(place, 'cli_a', keys('one'));
  expect(secretsManager.commandCalls(PutSecretValueCommand)).toHaveLength(1);
});
