import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test, vi } from 'vitest';
import * as z from 'zod';
import { startFeishuSimulator } from '../../../infra/local/simulators/feishu/server.ts';
import { buildTestForm } from '../../../shared/feishu/form/test-form.ts';
import { createFeishuSetup } from '../../../shared/feishu/setup-client.ts';
import { dropCredentials } from '../../../shared/settings/feishu-secret.ts';
import { CHECK_NAMES } from '../../../shared/settings/settings.ts';
import { createWebhookLog, fingerprintOf } from '../../../shared/settings/webhook-log.ts';
import { removeFormerApps } from '../../../shared/setup/former-apps.ts';
import { aCounter } from '../../support/counter.ts';
import { failing, gatewayAt, type SettingsApi } from '../../support/settings-api.ts';
import { useSettingsApi } from '../../support/use-settings-api.ts';

const CHECK = '/settings/feishu/check';
const APPROVER = 'dba@example.com';

let api: SettingsApi;
const database = useSettingsApi((made) => {
  api = made;
});

const check = (body: object = {}) => api.call('POST', CHECK, JSON.stringify(body));
const sentSchema = z.object({ testId: z.string() });
async function sendTest(email = APPROVER): Promise<string> {
  const answer = await check({ email });
  expect(answer.status).toBe(202);
  return sentSchema.parse(JSON.parse(answer.text)).testId;
}
const stateOf = async (testId: string): Promise<unknown> =>
  JSON.parse((await api.call('GET', `${CHECK}/${testId}`)).text);
/** A create that Feishu processes only now. */
const createCardOf = async (uuid: string) => {
  const { appId } = api.simulator.app;
  const settings = await api.settings();
  const gateway = gatewayAt(api.simulator)(api.simulator.app.appSecret);
  const app = { appId, domain: 'feishu' } as const;
  const people = await gateway.findPeople(app, [APPROVER]);
  await gateway.createInstance(app, {
    definitionCode: settings?.definitionCode ?? '',
    initiator: settings?.bot.openId ?? '',
    approver: people.get(APPROVER) ?? '',
    uuid,
    ...buildTestForm(),
  });
};
const cards = () => api.simulator.control.inbox(APPROVER).pending;

test('the doctor says so before the first save', async () => {
  const answer = await check();
  expect([answer.status, answer.body.code]).toEqual([409, 'NOT_SET_UP']);
});

test('a save or a check that passes ends the alarms on Feishu; one that fails counts nothing', async () => {
  const counting = () => ({ ...api.work, counter: aCounter() });
  const [saved, passed, failed] = [counting(), counting(), counting()];
  const ends = { FeishuSetupRefused: 0, FeishuUnreachable: 0 };

  await api.put({}, saved);
  await api.call('POST', CHECK, '{}', passed);
  api.simulator.control.setScopes(['approval:approval', 'approval:approval:readonly']);
  await api.call('POST', CHECK, '{}', failed);

  expect([saved, passed, failed].map(({ counter }) => counter.counted)).toEqual([ends, ends, {}]);
});

test('the doctor runs the checks again, and GET returns the results', async () => {
  await api.put();
  api.simulator.control.setScopes(['approval:approval', 'approval:approval:readonly']);
  const answer = await check();
  expect(answer.status).toBe(200);
  expect(failing(answer)).toEqual(['scope:contact:user.id:readonly', 'encryption', 'events']);
  expect((await api.get()).body).toEqual(answer.body);
});

test.each([
  ['the secret is refused', () => ({ kind: 'credentials' }), 'credentials'],
  ['the bot is off', () => api.simulator.control.setBotEnabled(false), 'bot'],
  [
    'the definition is disabled',
    async () => {
      const [made] = api.simulator.control.definitions();
      api.simulator.control.setDefinitionStatus(made?.approvalCode ?? '', 'INACTIVE');
    },
    'definition',
  ],
  [
    'the subscription is refused',
    () =>
      api.simulator.control.misbehave({
        kind: 'ERROR_CODE',
        endpoint: 'subscribe',
        code: 1390009,
        status: 403,
      }),
    'subscription',
  ],
] as const)('%s: the doctor names it with what to do, and sends no test', async (_, spoil, name) => {
  await api.put();
  const spoilt = await spoil();
  if (spoilt && 'kind' in spoilt) {
    api.simulator.control.misbehave({ kind: 'ERROR_CODE', endpoint: 'token', code: 10014, status: 200 });
  }
  const answer = await check({ email: APPROVER });
  expect([answer.status, answer.body.code]).toEqual([422, 'CHECKS_FAILED']);
  const found = answer.body.checks?.find((one) => one.name === name);
  expect(found).toMatchObject({ ok: false, fix: expect.stringMatching(/→|Admin/) });
  expect(cards()).toEqual([]);
});

test('a secret without the keys of the app: every check is named, the credentials with what to do', async () => {
  await api.put();
  await dropCredentials(api.work.secret, [api.simulator.app.appId]);
  const answer = await check();
  expect(answer.status).toBe(200);
  expect(answer.body.checks?.map((one) => one.name)).toEqual(
    CHECK_NAMES.filter((name) => name !== 'scope:im:message:send_as_bot'),
  );
  expect(answer.body.checks?.[0]).toMatchObject({
    name: 'credentials',
    ok: false,
    fix: expect.stringContaining('frabit-im enable'),
  });
});

test('a test that cannot be withdrawn stops neither the other tests nor the request', async () => {
  await api.put();
  await sendTest();
  await sendTest('other@example.com');
  api.simulator.control.misbehave({
    kind: 'ERROR_CODE',
    endpoint: 'cancelInstance',
    code: 1390009,
    status: 403,
    times: 1,
  });
  expect((await api.call('DELETE', '/settings/feishu')).status).toBe(202);
  expect(
    api.simulator.control
      .instances()
      .map((card) => card.status)
      .toSorted(),
  ).toEqual(['CANCELED', 'PENDING']);
});

test('a test approval is a card of our definition, from the bot, that says that nothing runs', async () => {
  await api.put();
  const testId = await sendTest();
  const [card] = cards();
  expect(card).toMatchObject({ uuid: testId, status: 'PENDING' });
  expect(JSON.stringify(card?.form)).toContain('Nothing is run');
  expect(await stateOf(testId)).toEqual({
    testId,
    email: APPROVER,
    state: 'PENDING',
    sentAt: expect.any(String),
  });
});

test.each(['approve', 'reject'] as const)('returns who tapped and when: %s', async (act) => {
  await api.put();
  const testId = await sendTest();
  api.simulator.control[act](testId, APPROVER);
  expect(await stateOf(testId)).toMatchObject({
    state: act === 'approve' ? 'APPROVED' : 'REJECTED',
    decidedBy: { email: APPROVER, userId: expect.stringMatching(/^ou_/) },
    closedAt: expect.any(String),
  });
});

test('returns when the event of the tap came to the webhook', async () => {
  await api.put();
  const testId = await sendTest();
  api.simulator.control.approve(testId, APPROVER);
  expect(await stateOf(testId)).not.toHaveProperty('eventAt');
  const notes = createWebhookLog(api.work.place, () => new Date());
  await notes.record(api.simulator.app, 'APPROVAL');
  // Any other event proves nothing about this tap.
  expect(await stateOf(testId)).not.toHaveProperty('eventAt');
  await notes.recordTestEvent(testId.toUpperCase());
  expect(await stateOf(testId)).toHaveProperty('eventAt');
  expect(failing(await check())).toEqual([]);
});

test('a challenge proves the keys, but no events; a request with other keys proves nothing', async () => {
  await api.put();
  const notes = createWebhookLog(api.work.place, () => new Date());
  await notes.record({ ...api.simulator.app, encryptKey: 'another-key' }, 'APPROVAL');
  expect(failing(await api.get())).toEqual(['encryption', 'events']);
  await notes.record(api.simulator.app, 'CHALLENGE');
  expect(failing(await api.get())).toEqual(['events']);
});

test('the table contains nothing from which the keys can be read', async () => {
  await api.put();
  await createWebhookLog(api.work.place, () => new Date()).record(api.simulator.app, 'CHALLENGE');
  const { Items } = await database().documents.send(new ScanCommand({ TableName: api.work.place.tableName }));
  const { appSecret, encryptKey, verificationToken } = api.simulator.app;
  expect(Items?.length).toBeGreaterThanOrEqual(2);
  for (const value of [appSecret, encryptKey, verificationToken]) {
    expect(JSON.stringify(Items)).not.toContain(value);
  }
  const fingerprint = await fingerprintOf(api.simulator.app);
  expect(fingerprint).toMatch(/^[0-9a-f]{32}$/);
  expect(await fingerprintOf({ ...api.simulator.app, verificationToken: 'other' })).not.toBe(fingerprint);
});

test('says that Feishu does not know a person, and sends nothing', async () => {
  await api.put();
  const answer = await check({ email: 'nobody@elsewhere.org' });
  expect([answer.status, answer.body.code]).toEqual([422, 'ASSIGNEE_NOT_IN_FEISHU']);
  expect(answer.body.message).toContain('availability');
  expect(api.simulator.control.instances()).toEqual([]);
});

test.each([
  ['people', 41050],
  ['createInstance', 1390009],
] as const)('returns a refusal of %s without an internal error', async (endpoint, code) => {
  await api.put();
  api.simulator.control.misbehave({ kind: 'ERROR_CODE', endpoint, code, status: 400 });
  const answer = await check({ email: APPROVER });
  expect([answer.status, answer.body.code]).toEqual([422, 'FEISHU_REFUSED']);
  expect(answer.body.message).toContain(String(code));
});

test('a tenant that refuses i18n keys gets the test, and later approvals, in plain text', async () => {
  await api.put();
  api.simulator.control.setKeysRefused(true);
  await sendTest();
  const [card] = cards();
  expect(card?.form.map(({ value }) => value['zh-CN']).join('\n')).toMatch(/测试|管理员[\s\S]*test/i);
  expect(card?.form.map(({ value }) => value['zh-CN'])).toEqual(
    card?.form.map(({ value }) => value['en-US']),
  );
  const { appId } = api.simulator.app;
  expect(await api.work.forms.read(appId, new Date())).toMatchObject({
    KEYS: { refused: { bytes: expect.any(Number) } },
    PLAIN: { passed: { bytes: expect.any(Number) } },
  });

  api.simulator.control.resetCalls();
  await sendTest('other@example.com');
  expect(api.simulator.control.calls().refused.createInstance).toBeUndefined();
});

test('finds a create whose answer is lost by its uuid; a create that never happened is FAILED at the end', async () => {
  await api.put();
  api.simulator.control.misbehave({ kind: 'RESET_AFTER', endpoint: 'createInstance', times: 1 });
  expect(await stateOf(await sendTest())).toMatchObject({ state: 'PENDING' });
  api.simulator.control.misbehave({ kind: 'RESET_BEFORE', endpoint: 'createInstance', times: 1 });
  const lost = await sendTest('other@example.com');
  expect(await stateOf(lost)).toMatchObject({ state: 'REQUESTED' });
  const later = { ...api.work, now: () => new Date(Date.now() + 61_000) };
  const answer = await api.call('GET', `${CHECK}/${lost}`, undefined, later);
  expect(JSON.parse(answer.text)).toMatchObject({ state: 'FAILED' });
});

test.each([
  ['before the create', 'people'],
  ['during the create', 'createInstance'],
] as const)('disabled %s: no card stays open', async (_, endpoint) => {
  await api.put();
  api.simulator.control.misbehave({ kind: 'SLOW', endpoint, ms: 400, times: 1 });
  const sending = check({ email: APPROVER });
  await vi.waitFor(() => expect(api.simulator.control.calls().calls[endpoint]).toBe(1));
  expect((await api.call('DELETE', '/settings/feishu')).status).toBe(202);
  const answer = await sending;
  expect([answer.status, answer.body.code]).toEqual([409, 'DISABLED']);
  expect(cards()).toEqual([]);
});

test('finds a card that Feishu creates late by its uuid and withdraws it (docs/lessons.md 34)', async () => {
  await api.put();
  api.simulator.control.misbehave({ kind: 'RESET_BEFORE', endpoint: 'createInstance', times: 1 });
  const testId = await sendTest();
  const at = (minutes: number) => ({ ...api.work, now: () => new Date(Date.now() + minutes * 60_000) });
  await api.call('GET', `${CHECK}/${testId}`, undefined, at(2));
  await createCardOf(testId);
  expect(cards()).toHaveLength(1);
  await removeFormerApps(at(61));
  expect(cards()).toEqual([]);
  expect(await stateOf(testId)).toMatchObject({ state: 'WITHDRAWN' });
});

test.each([
  [
    'deleted',
    (code: string) => api.simulator.control.setDefinitionStatus(code, 'DELETED'),
    {},
    'is deleted in Feishu',
  ],
  ['of an older version', () => undefined, { definitionVersion: 2 }, 'not as this version needs it'],
] as const)('a definition that is %s: the doctor says to save again', async (_, spoil, change, detail) => {
  await api.put();
  spoil(api.simulator.control.definitions()[0]?.approvalCode ?? '');
  const answer = await api.call('POST', CHECK, '{}', { ...api.work, ...change });
  const found = answer.body.checks?.find((one) => one.name === 'definition');
  expect(found).toMatchObject({
    ok: false,
    detail: expect.stringContaining(detail),
    fix: expect.stringContaining('frabit-im enable'),
  });
});

test('the doctor needs no body', async () => {
  await api.put();
  expect((await api.call('POST', CHECK)).status).toBe(200);
});

test('a second test withdraws the first one; so do disabling and, after an hour, the schedule', async () => {
  await api.put();
  const first = await sendTest();
  const second = await sendTest();
  expect(cards().map((card) => card.uuid)).toEqual([second]);
  expect(await stateOf(first)).toMatchObject({ state: 'WITHDRAWN' });
  await api.call('DELETE', '/settings/feishu');
  expect(cards()).toEqual([]);
  expect(await stateOf(second)).toMatchObject({ state: 'WITHDRAWN' });
});

test('runs the checks and sends no test while approvals are disabled', async () => {
  await api.put();
  await api.call('DELETE', '/settings/feishu');
  expect((await check()).status).toBe(200);
  const answer = await check({ email: APPROVER });
  expect([answer.status, answer.body.code]).toEqual([409, 'DISABLED']);
});

test('answers an unknown test with 404, and an invalid e-mail address with 400, without repeating it', async () => {
  expect((await api.call('GET', `${CHECK}/no-such-test`)).status).toBe(404);
  const answer = await check({ email: 'not an e-mail' });
  expect([answer.status, answer.body.message]).toEqual([400, 'email: must be an e-mail address']);
});

test('credentials of the other platform: the check says which, and which domain to save (docs/lessons.md 12)', async () => {
  const other = await startFeishuSimulator();
  try {
    const work = {
      ...api.work,
      createSetup: (appSecret: string) =>
        createFeishuSetup({
          credentials: async () => ({ appSecret }),
          baseUrl: api.simulator.url,
          larkBaseUrl: other.url,
        }),
    };
    const wrong = await api.put({ ...other.app, domain: 'feishu' }, work);
    expect(wrong.status).toBe(422);
    expect(wrong.body.checks?.[0]).toMatchObject({
      name: 'credentials',
      ok: false,
      detail: expect.stringContaining('Lark (open.larksuite.com)'),
      fix: expect.stringContaining('--domain lark'),
    });
    expect(await api.secret()).toBeUndefined();
    expect((await api.put({ ...other.app, domain: 'lark' }, work)).body).toMatchObject({
      enabled: true,
      domain: 'lark',
    });
  } finally {
    await other.close();
  }
});
