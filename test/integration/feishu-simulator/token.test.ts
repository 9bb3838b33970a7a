import { describe, expect, test } from 'vitest';
import { type Caller, startCaller } from './raw-caller.ts';

const PATH = '/auth/v3/tenant_access_token/internal';
const MINUTE = 60_000;

const askFor = (caller: Caller, changes: Record<string, unknown> = {}) => {
  const { appId: app_id, appSecret: app_secret } = caller.simulator.app;
  return caller.call('POST', PATH, { app_id, app_secret, ...changes }, {});
};
const isAccepted = async (caller: Caller, token: unknown) =>
  (await caller.call('GET', '/bot/v3/info', undefined, { Authorization: `Bearer ${token}` })).code === 0;

describe('a tenant access token', () => {
  test('is at the top level, is valid for two hours, and starts with t-', async () => {
    const caller = await startCaller();
    const { status, body } = await askFor(caller);
    expect(status).toBe(200);
    expect(body).toEqual({
      code: 0,
      msg: 'ok',
      expire: 7200,
      tenant_access_token: expect.stringMatching(/^t-[0-9a-f]{40}$/),
    });
  });

  test('is the same one with its remaining life while at least 1800 seconds are left', async () => {
    const caller = await startCaller();
    const first = await askFor(caller);
    caller.clock.advance(90 * MINUTE);
    const second = await askFor(caller);
    expect(second.body).toEqual({ ...first.body, expire: 1800 });
  });

  test('is a new one below 1800 seconds, and both are valid until the old one ends', async () => {
    const caller = await startCaller();
    const old = (await askFor(caller)).body.tenant_access_token;
    caller.clock.advance(90 * MINUTE + 1000);
    const fresh = await askFor(caller);
    expect(fresh.body.expire).toBe(7200);
    expect(fresh.body.tenant_access_token).not.toBe(old);
    expect(await isAccepted(caller, old)).toBe(true);
    expect(await isAccepted(caller, fresh.body.tenant_access_token)).toBe(true);

    caller.clock.advance(30 * MINUTE);
    expect(await isAccepted(caller, old)).toBe(false);
    expect(await isAccepted(caller, fresh.body.tenant_access_token)).toBe(true);
  });

  test.each([
    ['an unknown but well-formed app id', { app_id: 'cli_0123456789abcdef' }, 10014, 'app id not exists'],
    ['a wrong secret', { app_secret: 'no' }, 10014, 'app secret invalid'],
    ['a malformed app id', { app_id: 'nonsense' }, 10003, 'invalid param'],
    ['an empty app id', { app_id: '' }, 10003, 'invalid param'],
    ['a missing secret', { app_secret: undefined }, 10003, 'invalid param'],
  ])('is refused for %s, with HTTP 200', async (_, changes, code, msg) => {
    const caller = await startCaller();
    const reply = await askFor(caller, changes);
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ code, msg });
    expect(reply.body).not.toHaveProperty('tenant_access_token');
  });

  test('cannot be got with GET', async () => {
    const caller = await startCaller();
    expect((await caller.call('GET', PATH)).code).toBe(99991301);
  });

  test('is refused for a disabled app', async () => {
    const caller = await startCaller();
    caller.simulator.control.setAppEnabled(false);
    expect(await askFor(caller)).toMatchObject({ status: 400, code: 99991662 });
  });
});
