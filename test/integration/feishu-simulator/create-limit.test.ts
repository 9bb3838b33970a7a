import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { CreateLimit } from '../../../infra/local/simulators/feishu/instance-switches.ts';
import { anInstance, type Caller, startCaller } from './raw-caller.ts';

/**
 * Tenants that refuse large creates, or i18n keys as values. No limit is documented (docs/feishu.md 3.4), and no known
 * client sends keys as values (docs/feishu.md 3.1), so a real tenant may behave like this.
 */

const PATH = '/approval/v4/instances';
const CODES = [1390001, 60001, 60006, 40001, 99992353, 99992402, 1395001] as const;

/** A create of exactly `bytes` bytes. Its text has characters of three bytes, so it has fewer characters. */
async function prepare(caller: Caller) {
  const people = {
    definition: await caller.createDefinition(),
    initiator: await caller.openId('asker@example.com'),
    approver: await caller.openId('boss@example.com'),
  };
  const bodyWith = (value: string, uuid: string) =>
    anInstance(people, { uuid, form: JSON.stringify([{ id: 'issue', type: 'input', value }]) });
  const sizeOf = (value: string, uuid: string) => Buffer.byteLength(JSON.stringify(bodyWith(value, uuid)));
  const post = (uuid: string, bytes: number, headers?: Record<string, string>) => {
    const start = '语句'.repeat(20);
    const value = start.padEnd(start.length + bytes - sizeOf(start, uuid), 'x');
    expect(sizeOf(value, uuid)).toBe(bytes);
    return caller.call('POST', PATH, bodyWith(value, uuid), headers);
  };
  const postRaw = (bytes: number, headers: Record<string, string>) =>
    caller.fetchRaw('POST', `/open-apis${PATH}`, { body: 'x'.repeat(bytes), headers });
  return { ...people, post, postRaw, control: caller.simulator.control };
}
const limit = (answer: CreateLimit['answer']): CreateLimit => ({ bytes: 2000, answer });

describe('a create with more bytes than the tenant allows', () => {
  test.each(CODES)('is refused with %i, and does not use its uuid up', async (code) => {
    const caller = await startCaller({ createLimit: limit(code) });
    const { post, control } = await prepare(caller);
    expect(await post('abc', 2001)).toMatchObject({ status: 400, code });
    expect(control.instances()).toEqual([]);
    expect(await caller.call('GET', `${PATH}/abc`)).toMatchObject({ code: 1390003 });
    expect(await post('abc', 2000)).toMatchObject({ status: 200, code: 0 });
    expect(control.calls().refused).toMatchObject({ createInstance: 1 });
  });

  test('is refused with HTTP 413 by a proxy, without a code', async () => {
    const caller = await startCaller({ createLimit: limit('HTTP_413') });
    const { post, postRaw, control } = await prepare(caller);
    const headers = { Authorization: `Bearer ${await caller.token()}`, 'Content-Type': 'application/json' };
    const response = await postRaw(2001, headers);
    expect(response.status).toBe(413);
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(await response.text()).toContain('413 Request Entity Too Large');
    expect(control.instances()).toEqual([]);
    expect(await post('abc', 2000)).toMatchObject({ status: 200, code: 0 });
    expect(control.calls()).toMatchObject({ calls: { createInstance: 2 }, refused: { createInstance: 1 } });
  });

  test('is refused by the proxy before any other check, and uses no fault up', async () => {
    const caller = await startCaller({ createLimit: limit('HTTP_413') });
    const { postRaw, control } = await prepare(caller);
    control.misbehave({ kind: 'RATE_LIMITED', endpoint: 'createInstance', times: 1, resetSeconds: 1 });
    expect((await postRaw(2001, {})).status).toBe(413);
    expect(control.faults()).toHaveLength(1);
    expect((await postRaw(2000, {})).status).toBe(429);
  });

  test('is checked for token, quota, rate and scope before its size', async () => {
    const caller = await startCaller({
      createLimit: limit(60006),
      limits: { createInstance: { perMinute: 2 } },
    });
    const { post, control } = await prepare(caller);
    expect(await post('abc', 2001, { Authorization: 'Bearer t-x' })).toMatchObject({ code: 99991663 });
    control.setQuotaUsedUp(true);
    expect(await post('abc', 2001)).toMatchObject({ code: 99991403 });
    control.setQuotaUsedUp(false);
    control.setScopes(['contact:user.id:readonly']);
    expect(await post('abc', 2001)).toMatchObject({ code: 99991672 });
    control.setScopes(['approval:instance']);
    expect(await post('abc', 2001)).toMatchObject({ status: 429, code: 99991400 });
    caller.clock.advance(60_000);
    expect(await post('abc', 2001)).toMatchObject({ code: 60006 });
  });

  test('is refused for its size before its content is checked', async () => {
    const caller = await startCaller({ createLimit: { bytes: 10, answer: 60006 } });
    expect(await caller.call('POST', PATH, { approval_code: 'NONE' })).toMatchObject({ code: 60006 });
  });

  test('does not affect other calls', async () => {
    const caller = await startCaller({ createLimit: { bytes: 10, answer: 'HTTP_413' } });
    expect(await caller.createDefinition()).toMatch(/-/);
    expect(await caller.openId('boss@example.com')).toMatch(/^ou_/);
  });
});

describe('a tenant that refuses i18n keys as values', () => {
  const form = (value: string) => ({ form: JSON.stringify([{ id: 'issue', type: 'input', value }]) });

  test('refuses them with 1390001 and the widget even if they have a text, and does not use the uuid up', async () => {
    const caller = await startCaller({ keysRefused: true });
    const definition = await caller.createDefinition();
    const people = {
      definition,
      initiator: await caller.openId('asker@example.com'),
      approver: await caller.openId('boss@example.com'),
    };
    const create = (changes: Record<string, unknown>) =>
      caller.call('POST', PATH, anInstance(people, { uuid: 'abc', ...changes }));
    const refused = await create(form('@i18n@value'));
    expect(refused).toMatchObject({ status: 400, code: 1390001 });
    expect(refused.body.msg).toMatch(/控件=widget\d{11,}$/);
    // The title of `anInstance` is a key, which is allowed.
    expect(await create(form('plain text'))).toMatchObject({ code: 0 });
  });

  test('refuses them also in the rows of a list', async () => {
    const caller = await startCaller({ keysRefused: true });
    const column = { id: 'note', name: '@i18n@issue', type: 'input' };
    const list = { id: 'details', name: '@i18n@issue', type: 'fieldList', value: [column] };
    const definition = await caller.createDefinition({ form: { form_content: JSON.stringify([list]) } });
    const people = {
      definition,
      initiator: await caller.openId('asker@example.com'),
      approver: await caller.openId('boss@example.com'),
    };
    const create = (...rows: string[]) => {
      const value = rows.map((text) => [{ id: 'note', type: 'input', value: text }]);
      const values = [{ id: 'details', type: 'fieldList', value }];
      return caller.call('POST', PATH, anInstance(people, { form: JSON.stringify(values) }));
    };
    expect(await create('plain', '@i18n@value')).toMatchObject({ status: 400, code: 1390001 });
    expect(await create('plain', 'text')).toMatchObject({ code: 0 });
  });

  test('accepts a key in the title', async () => {
    const caller = await startCaller({ keysRefused: true });
    const code = await caller.createInstance(form('plain text'));
    expect(caller.simulator.control.instance(code)?.title).toEqual({ 'zh-CN': '标题', 'en-US': 'Title' });
  });
});

describe('these switches', () => {
  const put = (caller: Caller, body: unknown) =>
    caller.fetchRaw('PUT', '/simulator/misbehave', { body: JSON.stringify(body) });
  const keyed = { form: JSON.stringify([{ id: 'issue', type: 'input', value: '@i18n@value' }]) };
  const attempt = async (caller: Caller) => {
    try {
      await caller.createInstance(keyed);
      return 'created';
    } catch (error) {
      if (error instanceof z.ZodError) return 'refused';
      throw error;
    }
  };

  test.each([
    ['the size', { createLimit: { bytes: 10, answer: 60001 } }, { createLimit: null }],
    ['keys', { keysRefused: true }, { keysRefused: false }],
  ])('are set and reset over HTTP: %s', async (_what, on, off) => {
    const caller = await startCaller();
    expect((await put(caller, on)).status).toBe(200);
    expect(await attempt(caller)).toBe('refused');
    await put(caller, { calls: [] });
    expect(await attempt(caller)).toBe('refused');
    expect((await put(caller, off)).status).toBe(200);
    expect(await attempt(caller)).toBe('created');
    await put(caller, on);
    await caller.fetchRaw('DELETE', '/simulator/misbehave');
    expect(await attempt(caller)).toBe('created');
  });

  test('show instances as in 2022 over HTTP', async () => {
    const caller = await startCaller();
    const code = await caller.createInstance();
    await put(caller, { instancesShownAs: 'AS_IN_2022' });
    expect(await caller.getInstance(code)).toMatchObject({ uuid: '' });
    await caller.fetchRaw('DELETE', '/simulator/misbehave');
    expect(await caller.getInstance(code)).toMatchObject({ instance_code: code });
  });

  test.each([
    { createLimit: { bytes: 10, answer: 1390002 } },
    { createLimit: { bytes: 10, answer: 'HTTP_502' } },
    { createLimit: { bytes: -1, answer: 60001 } },
    { createLimit: { bytes: 1.5, answer: 60001 } },
    { createLimit: { answer: 60001 } },
    { createLimit: { bytes: 10, answer: 60001, per: 'minute' } },
    { createLimit: 10 },
    { keysRefused: 'true' },
    { instancesShownAs: 'OLD' },
    { revocationsSentAs: 'NOTHING' },
  ])('are refused over HTTP when they are malformed: %j', async (body) => {
    expect((await put(await startCaller(), body)).status).toBe(400);
  });

  test('are reset, also those of the start', async () => {
    const caller = await startCaller({ keysRefused: true, createLimit: { bytes: 10, answer: 60001 } });
    expect(await attempt(caller)).toBe('refused');
    caller.simulator.control.behave();
    expect(await attempt(caller)).toBe('created');
  });

  test('of the start apply to added apps, those set at run time only to one app', async () => {
    const { simulator } = await startCaller({ createLimit: { bytes: 10, answer: 60001 } });
    const second = simulator.addApp();
    const createAs = async ({ app }: Pick<typeof second, 'app'>) => {
      const send = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
        const response = await fetch(`${simulator.url}/open-apis${path}`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', ...headers },
          body: JSON.stringify(body),
        });
        return z
          .object({ code: z.number(), tenant_access_token: z.string().optional() })
          .parse(await response.json());
      };
      const { tenant_access_token } = await send('/auth/v3/tenant_access_token/internal', {
        app_id: app.appId,
        app_secret: app.appSecret,
      });
      return (await send(PATH, { approval_code: 'NONE' }, { Authorization: `Bearer ${tenant_access_token}` }))
        .code;
    };
    expect([await createAs(simulator), await createAs(second)]).toEqual([60001, 60001]);
    second.control.setCreateLimit(undefined);
    expect([await createAs(simulator), await createAs(second)]).toEqual([60001, 1390001]);
  });
});
