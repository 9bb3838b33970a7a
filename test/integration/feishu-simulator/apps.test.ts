import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import type { SimulatedApp } from '../../../infra/local/simulators/feishu/server.ts';
import { startEventSink } from './event-sink.ts';
import { aDefinition, anInstance, type Caller, startCaller } from './raw-caller.ts';

const answerSchema = z.looseObject({ code: z.number(), tenant_access_token: z.string().optional() });

interface Call {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

async function callAt(url: string, path: string, { method = 'GET', body, headers = {} }: Call = {}) {
  const response = await fetch(`${url}/open-apis${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: answerSchema.parse(await response.json()) };
}

const askForToken = (url: string, app: { appId: string; appSecret: string }) =>
  callAt(url, '/auth/v3/tenant_access_token/internal', {
    method: 'POST',
    body: { app_id: app.appId, app_secret: app.appSecret },
  });

async function bearer(url: string, { app }: SimulatedApp) {
  const { body } = await askForToken(url, app);
  return { Authorization: `Bearer ${body.tenant_access_token}` };
}

async function control(url: string, method: string, path: string, body?: unknown) {
  const response = await fetch(`${url}/simulator${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: z.record(z.string(), z.unknown()).parse(await response.json()) };
}

const botOf = async (url: string, headers: Record<string, string>) =>
  (await callAt(url, '/bot/v3/info', { headers })).body.bot;

const codeAt = async (url: string, headers: Record<string, string>) =>
  (await callAt(url, '/bot/v3/info', { headers })).body.code;

describe('a second app', () => {
  test('is found by its own token, and has another bot and other people', async () => {
    const { simulator } = await startCaller();
    const second = simulator.addApp({ appName: 'Second' });
    const [ours, theirs] = [await bearer(simulator.url, simulator), await bearer(simulator.url, second)];
    expect(await botOf(simulator.url, ours)).toMatchObject({ app_name: 'Frabit' });
    expect(await botOf(simulator.url, theirs)).toMatchObject({ app_name: 'Second' });
    const lookUp = async (headers: Record<string, string>) =>
      JSON.stringify(
        (
          await callAt(simulator.url, '/contact/v3/users/batch_get_id?user_id_type=open_id', {
            method: 'POST',
            body: { emails: ['boss@example.com'] },
            headers,
          })
        ).body.data,
      );
    expect(await lookUp(ours)).not.toBe(await lookUp(theirs));
  });

  // docs/feishu.md 3.2, recorded: the definition of another app returns HTTP 400, 1390002, like an unknown one.
  test.each<[string, (code: string) => [path: string, call: Call]]>([
    ['read', (code) => [`/approvals/${code}`, {}]],
    ['subscribe to', (code) => [`/approvals/${code}/subscribe`, { method: 'POST' }]],
    ['unsubscribe from', (code) => [`/approvals/${code}/unsubscribe`, { method: 'POST' }]],
    ['overwrite', (code) => ['/approvals', { method: 'POST', body: aDefinition({ approval_code: code }) }]],
    [
      'create an instance of',
      (code) => [
        '/instances',
        { method: 'POST', body: anInstance({ definition: code, initiator: 'ou_x', approver: 'ou_x' }) },
      ],
    ],
  ])('cannot %s a definition of the first one', async (_what, request) => {
    const caller = await startCaller();
    const { simulator } = caller;
    const second = simulator.addApp();
    const code = await caller.createDefinition();
    const [path, call] = request(code);
    const headers = await bearer(simulator.url, second);
    expect(await callAt(simulator.url, `/approval/v4${path}`, { ...call, headers })).toMatchObject({
      status: 400,
      body: { code: 1390002 },
    });
    expect((await caller.call('GET', `/approval/v4/approvals/${code}`)).code).toBe(0);
    expect(simulator.control.definitions()).toMatchObject([{ writes: 1 }]);
  });

  test('has the same switches as the first one', async () => {
    const caller = await startCaller({ keysRefused: true, instancesShownAs: 'AS_IN_2022' });
    const { url } = caller.simulator;
    const headers = await bearer(url, caller.simulator.addApp());
    const dataSchema = z.record(z.string(), z.unknown());
    const post = (path: string, body: unknown) => callAt(url, path, { method: 'POST', body, headers });
    const idOf = async (email: string) => {
      const { body } = await post('/contact/v3/users/batch_get_id?user_id_type=open_id', { emails: [email] });
      const found = z.object({ user_list: z.array(z.object({ user_id: z.string() })) }).parse(body.data);
      return found.user_list[0]?.user_id ?? '';
    };
    const made = await post('/approval/v4/approvals', aDefinition());
    const people = {
      definition: String(dataSchema.parse(made.body.data).approval_code),
      initiator: await idOf('asker@example.com'),
      approver: await idOf('boss@example.com'),
    };
    const create = (value: string) =>
      post(
        '/approval/v4/instances',
        anInstance(people, { form: JSON.stringify([{ id: 'issue', type: 'input', value }]) }),
      );
    expect(await create('@i18n@value')).toMatchObject({ status: 400, body: { code: 1390001 } });
    const created = await create('plain text');
    const code = String(dataSchema.parse(created.body.data).instance_code);
    const shown = await callAt(url, `/approval/v4/instances/${code}`, { headers });
    expect(shown.body.data).toMatchObject({ uuid: '' });
    expect(shown.body.data).not.toHaveProperty('comment_list');
  });

  test('counts its own calls', async () => {
    const { simulator } = await startCaller();
    const second = simulator.addApp();
    await botOf(simulator.url, await bearer(simulator.url, second));
    expect(second.control.calls()).toEqual({ calls: { token: 1, bot: 1 }, refused: {} });
    expect(simulator.control.calls()).toEqual({ calls: {}, refused: {} });
  });

  test('has its own faults, also for its token call', async () => {
    const { simulator } = await startCaller();
    const second = simulator.addApp();
    second.control.misbehave({ kind: 'ERROR_CODE', code: 2200, status: 200 });
    expect((await askForToken(simulator.url, second.app)).body.code).toBe(2200);
    expect((await askForToken(simulator.url, simulator.app)).body.code).toBe(0);
  });

  test('is still recognised by its expired tokens', async () => {
    const { simulator } = await startCaller();
    const second = simulator.addApp();
    const headers = await bearer(simulator.url, second);
    second.control.expireTokens();
    expect(await codeAt(simulator.url, headers)).toBe(99991663);
    expect(second.control.calls().refused).toEqual({ bot: 1 });
  });
});

describe('a call that names no app of its platform', () => {
  const unknownApp = { appId: 'cli_00000000000000aa', appSecret: 'x' };

  test('for a token is refused as for an unknown app, with the faults of the first one', async () => {
    const { simulator } = await startCaller();
    expect(await askForToken(simulator.url, unknownApp)).toMatchObject({
      status: 200,
      body: { code: 10014, msg: 'app id not exists' },
    });
    simulator.control.misbehave({ kind: 'BAD_GATEWAY', times: 1 });
    const { app_id, app_secret } = { app_id: unknownApp.appId, app_secret: 'x' };
    const response = await fetch(`${simulator.url}/open-apis/auth/v3/tenant_access_token/internal`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ app_id, app_secret }),
    });
    expect(response.status).toBe(502);
  });

  test.each([
    ['without a token', {}, 99991661],
    ['with an invalid token', { Authorization: 'Bearer x' }, 99991671],
    ['with an unknown token', { Authorization: 'Bearer t-1' }, 99991663],
  ])('is refused %s, at a side with apps and at one without', async (_what, headers, code) => {
    const { simulator } = await startCaller();
    simulator.addApp();
    expect(await codeAt(simulator.url, headers)).toBe(code);
    expect(await codeAt(simulator.larkUrl, headers)).toBe(code);
  });
});

describe('the Lark platform', () => {
  test('knows only its own apps, and Feishu does not know them', async () => {
    const { simulator } = await startCaller();
    const lark = simulator.addApp({ platform: 'lark' });
    expect((await askForToken(simulator.larkUrl, lark.app)).body.code).toBe(0);
    const refused = { status: 200, body: { code: 10014, msg: 'app id not exists' } };
    expect(await askForToken(simulator.url, lark.app)).toMatchObject(refused);
    expect(await askForToken(simulator.larkUrl, simulator.app)).toMatchObject(refused);
  });

  test('does not accept tokens of Feishu', async () => {
    const { simulator } = await startCaller();
    simulator.addApp({ platform: 'lark' });
    expect(await codeAt(simulator.larkUrl, await bearer(simulator.url, simulator))).toBe(99991663);
  });

  test('has the first app if that is configured', async () => {
    const { simulator } = await startCaller({ platform: 'lark' });
    expect(simulator.platform).toBe('lark');
    expect((await askForToken(simulator.larkUrl, simulator.app)).body.code).toBe(0);
    expect((await askForToken(simulator.url, simulator.app)).body.code).toBe(10014);
  });

  test('has the same control and the same page', async () => {
    const { simulator } = await startCaller();
    expect((await control(simulator.larkUrl, 'GET', '/inbox')).status).toBe(200);
    expect(await (await fetch(`${simulator.larkUrl}/`)).text()).toBe(
      await (await fetch(`${simulator.url}/`)).text(),
    );
  });
});

describe('apps over HTTP', () => {
  test('are created with their four values and listed without a secret', async () => {
    const { simulator } = await startCaller();
    const { status, body } = await control(simulator.url, 'POST', '/apps', { platform: 'lark' });
    expect(status).toBe(200);
    expect(body).toEqual({
      appId: expect.stringMatching(/^cli_[0-9a-f]{16}$/),
      appSecret: expect.stringMatching(/^[0-9a-f]{32}$/),
      encryptKey: expect.stringMatching(/^[0-9a-f]{32}$/),
      verificationToken: expect.stringMatching(/^[0-9a-f]{32}$/),
      platform: 'lark',
    });
    expect((await control(simulator.larkUrl, 'GET', '/apps')).body).toEqual({
      apps: [
        { appId: simulator.app.appId, platform: 'feishu' },
        { appId: body.appId, platform: 'lark' },
      ],
    });
  });

  test('have all control routes below their id, also the first one', async () => {
    const caller = await startCaller();
    const { simulator } = caller;
    const second = simulator.addApp();
    const code = await caller.createInstance();
    const email = 'boss@example.com';
    const path = (app: SimulatedApp['app'], act: string) => `/apps/${app.appId}/instances/${code}${act}`;
    expect((await control(simulator.url, 'GET', path(second.app, ''))).status).toBe(404);
    expect(await control(simulator.url, 'POST', path(simulator.app, '/approve'), { email })).toMatchObject({
      status: 200,
      body: { status: 'APPROVED' },
    });
    await control(simulator.url, 'PUT', `/apps/${second.app.appId}/misbehave`, { appEnabled: false });
    expect((await askForToken(simulator.url, second.app)).body.code).toBe(99991662);
  });

  test.each([
    ['an unknown id', 'GET', '/apps/cli_00000000000000aa/inbox', undefined, 404],
    ['an unknown platform', 'POST', '/apps', { platform: 'other' }, 400],
    ['an unknown field', 'POST', '/apps', { appSecret: 'mine' }, 400],
    ['another method', 'DELETE', '/apps', undefined, 404],
  ])('are refused with %s', async (_what, method, path, body, status) => {
    const { simulator } = await startCaller();
    expect((await control(simulator.url, method, path, body)).status).toBe(status);
  });
});

describe('events', () => {
  async function subscribed(caller: Caller, url: string) {
    caller.simulator.control.setEventUrl(url);
    const approval_code = await caller.createDefinition(aDefinition());
    await caller.call('POST', `/approval/v4/approvals/${approval_code}/subscribe`);
    return () => caller.createInstance({ approval_code });
  }

  test('of an app go to its own request URL', async () => {
    const [caller, ours, theirs] = [await startCaller(), await startEventSink(), await startEventSink()];
    caller.simulator.addApp().control.setEventUrl(theirs.url);
    const create = await subscribed(caller, ours.url);
    await create();
    await vi.waitFor(() => expect(ours.received).toHaveLength(2));
    expect(theirs.received).toEqual([]);
  });

  test('are not sent before they are added in the console', async () => {
    const [caller, sink] = [await startCaller(), await startEventSink()];
    const create = await subscribed(caller, sink.url);
    await control(caller.simulator.url, 'PUT', '/misbehave', { eventsAdded: false });
    await create();
    expect(caller.simulator.control.deliveries()).toEqual([]);
    await control(caller.simulator.url, 'PUT', '/misbehave', { eventsAdded: true });
    await create();
    await vi.waitFor(() => expect(sink.received).toHaveLength(2));
  });

  test('count as added again after a reset', async () => {
    const [caller, sink] = [await startCaller(), await startEventSink()];
    const create = await subscribed(caller, sink.url);
    caller.simulator.control.setEventsAdded(false);
    caller.simulator.control.behave();
    await create();
    await vi.waitFor(() => expect(sink.received).toHaveLength(2));
  });
});
