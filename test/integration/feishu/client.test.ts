import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FeishuSimulator, startFeishuSimulator } from '../../../infra/local/simulators/feishu/server.ts';
import { createFeishuGateway } from '../../../shared/feishu/client.ts';
import { buildDefinition, WIDGETS } from '../../../shared/feishu/definition.ts';
import type { FeishuApp, FeishuGateway, InstanceRequest } from '../../../shared/feishu/gateway.ts';
import { createFeishuSetup } from '../../../shared/feishu/setup-client.ts';

let simulator: FeishuSimulator;
let app: FeishuApp;
let gateway: FeishuGateway;
let request: InstanceRequest;

beforeEach(async () => {
  simulator = await startFeishuSimulator();
  app = { appId: simulator.app.appId, domain: 'feishu' };
  const options = {
    credentials: async () => simulator.app,
    baseUrl: simulator.url,
    sleep: async () => {},
    timeoutMs: 1_000,
  };
  const setup = createFeishuSetup(options);
  gateway = createFeishuGateway(options);
  const definitionCode = await setup.saveDefinition(app, buildDefinition());
  const people = await gateway.findPeople(app, ['creator@example.com', 'approver@example.com']);
  request = {
    definitionCode,
    initiator: people.get('creator@example.com') ?? '',
    approver: people.get('approver@example.com') ?? '',
    uuid: randomUUID(),
    form: JSON.stringify([{ id: WIDGETS[0]?.id, type: WIDGETS[0]?.type, value: 'SELECT 1' }]),
    title: '@i18n@title',
    i18nResources: [
      { locale: 'zh-CN', is_default: true, texts: [{ key: '@i18n@title', value: 'a title' }] },
      { locale: 'en-US', is_default: false, texts: [{ key: '@i18n@title', value: 'a title' }] },
    ],
  };
});
afterEach(() => simulator.close());

test('creates a card, finds it by its uuid, comments on it and withdraws it', async () => {
  const { instanceCode } = await gateway.createInstance(app, request);
  expect(await gateway.getInstance(app, request.uuid)).toMatchObject({
    instanceCode,
    definitionCode: request.definitionCode,
    initiator: request.initiator,
    status: 'PENDING',
    tasks: [{ openId: request.approver, status: 'PENDING', customNodeId: 'frabit-approver' }],
  });
  await gateway.addComment(app, { instanceCode, author: request.initiator, text: 'a remark' });
  const { definitionCode, initiator } = request;
  await gateway.cancelInstance(app, { definitionCode, instanceCode, initiator });
  expect(await gateway.getInstance(app, instanceCode)).toMatchObject({
    status: 'CANCELED',
    comments: ['a remark'],
  });
});

test('returns undefined for an instance that does not exist', async () => {
  expect(await gateway.getInstance(app, randomUUID())).toBeUndefined();
});

test('leaves out an unknown person', async () => {
  expect(await gateway.findPeople(app, ['who@nowhere.example'])).toEqual(new Map());
});

test('renews a token that ends between calls (docs/lessons.md 12)', async () => {
  simulator.control.expireTokens();
  await gateway.createInstance(app, request);
  expect(simulator.control.calls()).toMatchObject({
    calls: { createInstance: 2 },
    refused: { createInstance: 1 },
  });
});

test('rejects a uuid that was used before as a conflict', async () => {
  await gateway.createInstance(app, request);
  await expect(gateway.createInstance(app, request)).rejects.toMatchObject({ code: 'UUID_CONFLICT' });
});

test('rejects a create whose answer is lost with UNAVAILABLE, and finds its card by uuid', async () => {
  simulator.control.misbehave({ kind: 'RESET_AFTER', endpoint: 'createInstance', times: 1 });
  await expect(gateway.createInstance(app, request)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await gateway.getInstance(app, request.uuid)).toMatchObject({ initiator: request.initiator });
  expect(simulator.control.instances()).toHaveLength(1);
});

test.each([
  ['HTML with 502', { kind: 'BAD_GATEWAY' }],
  ['HTTP 200 with 1395001', { kind: 'ERROR_CODE', code: 1395001, status: 200 }],
  ['no answer', { kind: 'HANG' }],
  ['a reset', { kind: 'RESET_BEFORE' }],
] as const)(
  '%s twice: a read works at the third try, a create is given back (docs/lessons.md 26)',
  async (_, fault) => {
    await gateway.createInstance(app, request);
    simulator.control.misbehave({ ...fault, endpoint: 'getInstance', times: 2 });
    expect(await gateway.getInstance(app, request.uuid)).toMatchObject({ status: 'PENDING' });
    simulator.control.resetCalls();
    simulator.control.misbehave({ ...fault, endpoint: 'createInstance' });
    await expect(gateway.createInstance(app, { ...request, uuid: randomUUID() })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(simulator.control.calls().calls.createInstance).toBe(1);
  },
);

test.each([
  ['a missing scope', { kind: 'SCOPE_MISSING' }, 99991672],
  ['a quota used up', { kind: 'QUOTA_USED_UP' }, 99991403],
  ['a disabled app', { kind: 'APP_DISABLED' }, 99991662],
  ['a disabled definition', { kind: 'DEFINITION_DISABLED' }, 1390015],
] as const)('%s is SETUP', async (_, fault, feishuCode) => {
  simulator.control.misbehave({ ...fault, endpoint: 'createInstance' });
  await expect(gateway.createInstance(app, request)).rejects.toMatchObject({ code: 'SETUP', feishuCode });
});

test('names a missing scope', async () => {
  simulator.control.setScopes(['contact:user.id:readonly']);
  await expect(gateway.createInstance(app, request)).rejects.toThrow(/approval:approval\b/);
});

test('returns how long a longer rate limit lasts', async () => {
  simulator.control.misbehave({ kind: 'RATE_LIMITED', endpoint: 'cancelInstance', resetSeconds: 42 });
  await expect(
    gateway.cancelInstance(app, { definitionCode: 'D', instanceCode: 'I', initiator: 'ou' }),
  ).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 42 });
});
