import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { startFeishuSimulator } from '../../../infra/local/simulators/feishu/server.ts';
import { buildDefinition } from '../../../shared/feishu/definition.ts';
import { createFeishuSetup } from '../../../shared/feishu/setup-client.ts';
import { lockSettings } from '../../../shared/settings/settings-lock.ts';
import { json, routeOf, stubFetch } from '../../support/feishu-answers.ts';
import { failing, type SettingsApi, setupOf } from '../../support/settings-api.ts';
import { useSettingsApi } from '../../support/use-settings-api.ts';

const UNPROVEN = ['encryption', 'events'];

let api: SettingsApi;
const database = useSettingsApi((made) => {
  api = made;
});

test('saved twice: one definition, the same code, one version of the secret (docs/lessons.md 18)', async () => {
  const first = await api.put();
  const second = await api.put();
  expect(second.body.approvalCode).toBe(first.body.approvalCode);
  expect(api.simulator.control.definitions()).toHaveLength(1);
  expect(api.simulator.control.definitions()[0]?.writes).toBe(1);
  expect((await api.settings())?.revision).toBe(2);
  await expect(
    api.work.secret.secretsManager.send(
      new GetSecretValueCommand({ SecretId: 'feishu', VersionStage: 'AWSPREVIOUS' }),
    ),
  ).rejects.toThrow();
});

test('saved four times at the same moment: one definition (docs/lessons.md 18)', async () => {
  api.simulator.control.misbehave({ kind: 'SLOW', endpoint: 'createDefinition', ms: 100 });
  const answers = await Promise.all([api.put(), api.put(), api.put(), api.put()]);
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
  expect(new Set(answers.map((answer) => answer.body.approvalCode)).size).toBe(1);
  expect(api.simulator.control.definitions()).toHaveLength(1);
});

test('two apps that are saved at the same moment both keep their keys', async () => {
  const other = await startFeishuSimulator();
  try {
    const [mine, theirs] = await Promise.all([
      api.put(),
      api.put(other.app, { ...api.work, createSetup: setupOf(other) }),
    ]);
    expect([mine.status, theirs.status]).toEqual([200, 200]);
    expect(await api.secret()).toHaveProperty(['apps', api.simulator.app.appId]);
    expect(await api.secret()).toHaveProperty(['apps', other.app.appId]);
  } finally {
    await other.close();
  }
});

test('a higher version: one overwrite with the same code (docs/lessons.md 18)', async () => {
  const { body } = await api.put();
  const raised = { ...api.work, definitionVersion: 2 };
  const answers = [await api.put({}, raised), await api.put({}, raised)];
  expect(answers.map((answer) => answer.body.approvalCode)).toEqual([body.approvalCode, body.approvalCode]);
  expect(api.simulator.control.definitions()).toHaveLength(1);
  expect(api.simulator.control.definitions()[0]?.writes).toBe(2);
});

test('a definition made by a save that failed afterwards is used by the next one (docs/lessons.md 18)', async () => {
  api.simulator.control.misbehave({
    kind: 'ERROR_CODE',
    endpoint: 'subscribe',
    code: 1390009,
    status: 403,
    times: 1,
  });
  const refused = await api.put();
  expect(refused.status).toBe(422);
  expect(failing(refused)).toEqual(['subscription', ...UNPROVEN]);
  expect((await api.get()).body).toEqual({ enabled: false, checks: [], withdrawing: 0 });
  expect(await api.secret()).toBeUndefined();
  expect((await api.put()).status).toBe(200);
  expect(api.simulator.control.definitions()).toHaveLength(1);
});

test('a definition of an earlier life is taken over by its code, whole', async () => {
  const { body } = await api.put();
  const { approvalTableName } = await database().createTables();
  const elsewhere = { ...api.work, place: { ...api.work.place, tableName: approvalTableName } };
  const answer = await api.put({ approvalCode: body.approvalCode }, elsewhere);
  expect(answer.body.approvalCode).toBe(body.approvalCode);
  expect(api.simulator.control.definitions()[0]?.writes).toBe(1);
});

const OUR_FORM = buildDefinition().form.form_content;
test.each([
  [
    'its node by node_id alone',
    { form: OUR_FORM, node_list: [{ node_id: 'frabit-approver', need_approver: true }] },
  ],
  ['no need_approver', { form: OUR_FORM, node_list: [{ node_id: 'X', custom_node_id: 'frabit-approver' }] }],
  ['neither nodes nor form', {}],
  ['empty nodes and form', { form: '[]', node_list: [] }],
])('a definition about which Feishu returns little is accepted: %s', async (_, told) => {
  const { definition, writes } = await judged(told);
  expect(definition).toMatchObject({ ok: true });
  expect(writes).toEqual([]);
});

test.each([
  ['a node of another name', { form: OUR_FORM, node_list: [{ node_id: 'other', need_approver: true }] }],
  [
    'no chosen approver',
    { form: OUR_FORM, node_list: [{ node_id: 'frabit-approver', need_approver: false }] },
  ],
  ['no nodes, but another form', { form: '[{"id":"theirs","type":"input"}]', node_list: [] }],
])('a definition that differs is refused: %s', async (_, told) => {
  const { definition, writes } = await judged(told);
  expect(definition).toMatchObject({ ok: false });
  expect(writes).toEqual([]);
});

/** Returns the check for a definition that Feishu describes like this, and the writes of definitions that follow. */
async function judged(told: object) {
  const { fetch, requests } = stubFetch({
    'GET /bot/v3/info': [() => json({ code: 0, bot: { open_id: 'ou_bot' } })],
    'GET /application/v6/scopes': [
      () =>
        json({
          code: 0,
          data: {
            scopes: ['approval:approval', 'approval:approval:readonly', 'contact:user.id:readonly'].map(
              (scope_name) => ({ scope_name, grant_status: 1 }),
            ),
          },
        }),
    ],
    'GET /approval/v4/approvals/GIVEN': [() => json({ code: 0, data: { status: 'ACTIVE', ...told } })],
    'POST /approval/v4/approvals/GIVEN/subscribe': [() => json({ code: 0 })],
  });
  const answer = await api.put(
    { approvalCode: 'GIVEN' },
    {
      ...api.work,
      createSetup: (appSecret) => createFeishuSetup({ credentials: async () => ({ appSecret }), fetch }),
    },
  );
  return {
    definition: answer.body.checks?.find((check) => check.name === 'definition'),
    writes: requests.filter((request) => routeOf(request) === 'POST /approval/v4/approvals'),
  };
}

test('503 with what to do while somebody else saves; the lock of a stopped save can be taken', async () => {
  const clock = { now: Date.now() };
  const waiting = {
    ...api.work,
    now: () => new Date(clock.now),
    sleep: async (milliseconds: number) => {
      clock.now += milliseconds;
    },
  };
  await lockSettings({ ...api.work.place, owner: 'another', now: () => clock.now, sleep: waiting.sleep });
  const answer = await api.put({}, waiting);
  expect(answer.status).toBe(503);
  expect(answer.body).toMatchObject({ code: 'UNAVAILABLE' });
  clock.now += 65_000;
  expect((await api.put({}, waiting)).status).toBe(200);
});

test('a save that lost its lease neither creates a definition nor saves', async () => {
  const clock = { now: Date.now() };
  const place = { ...api.work.place, now: () => clock.now, sleep: async () => {} };
  const slow = await lockSettings({ ...place, owner: 'slow' });
  clock.now += 65_001;
  const quick = await lockSettings({ ...place, owner: 'quick' });
  await expect(slow.renew()).rejects.toMatchObject({ code: 'SETTINGS_BUSY' });
  await expect(
    slow.storeDefinitions({
      used: { appId: 'cli_a', definition: { code: 'X', version: 1, createdAt: 'now' } },
    }),
  ).rejects.toMatchObject({ code: 'SETTINGS_BUSY' });
  await slow.release();
  await quick.renew();
});
