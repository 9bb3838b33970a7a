import { describe, expect, test } from 'vitest';
import { type Caller, startCaller } from './raw-caller.ts';

/** Calls with one token, so that only the tested API is counted. The answers do not matter. */
async function prepare(method: string, path: string, options: Parameters<typeof startCaller>[0] = {}) {
  const caller = await startCaller(options);
  const headers = { Authorization: `Bearer ${await caller.token()}` };
  const body = method === 'POST' ? {} : undefined;
  const once = () => caller.call(method, path, body, headers);
  const countPassed = async (calls: number) => {
    const replies = await Promise.all(Array.from({ length: calls }, once));
    return replies.filter(({ status }) => status !== 429).length;
  };
  return { caller, once, countPassed, headers };
}

describe('100 a minute', () => {
  test.each([
    ['GET', '/approval/v4/approvals/x'],
    ['POST', '/approval/v4/approvals/x/subscribe'],
    ['POST', '/approval/v4/approvals/x/unsubscribe'],
    ['POST', '/approval/v4/instances'],
    ['POST', '/approval/v4/instances/cancel'],
  ])('are allowed at %s %s, and no more until the first is a minute old', async (method, path) => {
    const { caller, once, countPassed } = await prepare(method, path);
    expect(await countPassed(60)).toBe(60);
    caller.clock.advance(20_500);
    expect(await countPassed(50)).toBe(40);

    const refused = await once();
    expect(refused).toMatchObject({ status: 429, code: 99991400 });
    expect(refused.headers.get('x-ogw-ratelimit-limit')).toBe('100');
    expect(refused.headers.get('x-ogw-ratelimit-reset')).toBe('40');
    expect(refused.headers.get('x-tt-logid')).not.toBeNull();

    caller.clock.advance(39_499);
    expect((await once()).status).toBe(429);
    caller.clock.advance(1);
    expect(await countPassed(70)).toBe(60);
  });
});

describe('50 a second and 1000 a minute', () => {
  test.each([
    ['POST', '/contact/v3/users/batch_get_id'],
    ['POST', '/approval/v4/approvals'],
    ['GET', '/approval/v4/instances/x'],
    ['POST', '/approval/v4/instances/x/comments'],
    ['GET', '/approval/v4/instances/x/comments'],
    ['POST', '/im/v1/messages'],
  ])('allow 50 calls within a second at %s %s', async (method, path) => {
    const { caller, once, countPassed } = await prepare(method, path);
    expect(await countPassed(60)).toBe(50);
    const refused = await once();
    expect(refused.headers.get('x-ogw-ratelimit-limit')).toBe('50');
    expect(refused.headers.get('x-ogw-ratelimit-reset')).toBe('1');
    caller.clock.advance(1000);
    expect(await countPassed(60)).toBe(50);
  });

  test('allow 1000 calls within a minute', async () => {
    const { caller, once, countPassed } = await prepare('GET', '/approval/v4/instances/x');
    for (let second = 0; second < 20; second += 1) {
      expect(await countPassed(50)).toBe(50);
      caller.clock.advance(1000);
    }
    const refused = await once();
    expect(refused.headers.get('x-ogw-ratelimit-limit')).toBe('1000');
    expect(refused.headers.get('x-ogw-ratelimit-reset')).toBe('40');
  });
});

test('each API has its own limit', async () => {
  const { caller, countPassed, headers } = await prepare('POST', '/approval/v4/instances');
  expect(await countPassed(101)).toBe(100);
  const other = await caller.call('POST', '/approval/v4/instances/cancel', {}, headers);
  expect(other.code).toBe(1390001);
});

test('a limit can be set for a run', async () => {
  const limits = { createInstance: { perMinute: 2 } };
  const { countPassed } = await prepare('POST', '/approval/v4/instances', { limits });
  expect(await countPassed(5)).toBe(2);
});

describe('the monthly quota', () => {
  const read = (caller: Caller) => caller.call('GET', '/approval/v4/instances/none');

  test('counts successful approval calls, but not refused ones nor contact and token calls', async () => {
    const caller = await startCaller({ limits: { monthlyQuota: 2 } });
    await read(caller);
    await read(caller);
    const code = await caller.createInstance();
    expect(await caller.call('GET', `/approval/v4/instances/${code}`)).toMatchObject({
      status: 429,
      code: 99991403,
    });
    expect((await caller.call('GET', '/bot/v3/info')).code).toBe(0);
    await expect(caller.openId('boss@example.com')).resolves.toMatch(/^ou_/);
  });

  test('can be set to used up', async () => {
    const caller = await startCaller();
    caller.simulator.control.setQuotaUsedUp(true);
    expect(await read(caller)).toMatchObject({ status: 429, code: 99991403 });
    caller.simulator.control.behave();
    expect(await read(caller)).toMatchObject({ code: 1390003 });
  });
});
