import { describe, expect, test } from 'vitest';
import type { CallFault } from '../../../infra/local/simulators/feishu/faults.ts';
import { anInstance, type Caller, startCaller } from './raw-caller.ts';

const BOSS = 'boss@example.com';

/** A call that succeeds without faults, with a token that was fetched before. */
async function prepare() {
  const caller = await startCaller();
  const headers = { Authorization: `Bearer ${await caller.token()}` };
  const bot = () => caller.call('GET', '/bot/v3/info', undefined, headers);
  return { caller, control: caller.simulator.control, bot, headers };
}

async function prepareCreate() {
  const { caller, control, headers } = await prepare();
  const people = {
    definition: await caller.createDefinition(),
    initiator: await caller.openId('asker@example.com'),
    approver: await caller.openId(BOSS),
  };
  const create = () =>
    caller.call('POST', '/approval/v4/instances', anInstance(people, { uuid: 'round-1' }), headers);
  return { caller, control, create, definition: people.definition };
}

describe('a switch', () => {
  test.each<[CallFault, number, number]>([
    [{ kind: 'RATE_LIMITED', resetSeconds: 7 }, 429, 99991400],
    [{ kind: 'TOKEN_INVALID' }, 400, 99991663],
    [{ kind: 'QUOTA_USED_UP' }, 429, 99991403],
    [{ kind: 'APP_DISABLED' }, 400, 99991662],
    [{ kind: 'ERROR_CODE', code: 1395001, status: 200 }, 200, 1395001],
    [{ kind: 'ERROR_CODE', code: 2200, status: 500 }, 500, 2200],
  ])('%o applies to the given number of calls', async (fault, status, code) => {
    const { control, bot } = await prepare();
    control.misbehave({ ...fault, times: 2 });
    expect(await bot()).toMatchObject({ status, code });
    expect(await bot()).toMatchObject({ status, code });
    expect(await bot()).toMatchObject({ status: 200, code: 0 });
  });

  test('without a number applies until it is cleared', async () => {
    const { control, bot } = await prepare();
    control.misbehave({ kind: 'TOKEN_INVALID' });
    for (let call = 0; call < 5; call += 1) expect((await bot()).code).toBe(99991663);
    control.behave();
    expect((await bot()).code).toBe(0);
  });

  test('for one endpoint does not affect others', async () => {
    const { caller, control, bot } = await prepare();
    control.misbehave({ kind: 'ERROR_CODE', endpoint: 'getInstance', code: 1395001, status: 200 });
    expect((await bot()).code).toBe(0);
    expect(await caller.call('GET', '/approval/v4/instances/x')).toMatchObject({
      status: 200,
      code: 1395001,
    });
  });

  test('about tokens never applies to the call that gets one', async () => {
    const { caller, control } = await prepare();
    control.misbehave({ kind: 'TOKEN_INVALID' }, { kind: 'SCOPE_MISSING' });
    await expect(caller.token()).resolves.toMatch(/^t-/);
  });

  test('429 carries both rate headers', async () => {
    const { control, bot } = await prepare();
    control.misbehave({ kind: 'RATE_LIMITED', resetSeconds: 7 });
    const { headers } = await bot();
    expect(headers.get('x-ogw-ratelimit-reset')).toBe('7');
    expect(headers.get('x-ogw-ratelimit-limit')).toBe('100');
  });

  test('99991672 names the scopes of the endpoint', async () => {
    const { caller, control } = await prepare();
    control.misbehave({ kind: 'SCOPE_MISSING', times: 1 });
    const reply = await caller.call('POST', '/contact/v3/users/batch_get_id', { emails: [] });
    expect(reply).toMatchObject({ status: 400, code: 99991672 });
    expect(reply.body.error).toMatchObject({
      permission_violations: [{ subject: 'contact:user.id:readonly' }],
    });
  });

  test('502 is an HTML page', async () => {
    const { caller, control, headers } = await prepare();
    control.misbehave({ kind: 'BAD_GATEWAY', times: 1 });
    const response = await caller.fetchRaw('GET', '/open-apis/bot/v3/info', { headers });
    expect(response.status).toBe(502);
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(await response.text()).toContain('<h1>502 Bad Gateway</h1>');
  });

  test('HANG never answers and carries nothing out; closing ends it', async () => {
    const { caller, control, create } = await prepareCreate();
    control.misbehave({ kind: 'HANG', endpoint: 'createInstance' });
    let settled = false;
    const hanging = create().then(
      () => 'answered',
      () => 'cut off',
    );
    void hanging.finally(() => {
      settled = true;
    });
    // A later call is answered, so the hanging one was processed before.
    await expect.poll(() => control.calls().refused.createInstance).toBe(1);
    await caller.call('GET', '/bot/v3/info');
    expect(settled).toBe(false);
    expect(control.instances()).toEqual([]);
    await caller.simulator.close();
    expect(await hanging).toBe('cut off');
  });

  test('RESET_BEFORE carries nothing out', async () => {
    const { control, create } = await prepareCreate();
    control.misbehave({ kind: 'RESET_BEFORE', endpoint: 'createInstance', times: 1 });
    await expect(create()).rejects.toThrow();
    expect(control.instances()).toEqual([]);
    expect((await create()).code).toBe(0);
  });

  test('docs/lessons.md 5: RESET_AFTER leaves one instance, its uuid is used up, and GET by uuid finds it', async () => {
    const { caller, control, create } = await prepareCreate();
    control.misbehave({ kind: 'RESET_AFTER', endpoint: 'createInstance', times: 1 });
    await expect(create()).rejects.toThrow();
    expect(control.instances()).toHaveLength(1);
    expect(await create()).toMatchObject({ status: 400, code: 60012 });
    expect(await caller.getInstance('round-1')).toMatchObject({ status: 'PENDING', uuid: 'round-1' });
  });

  test('docs/lessons.md 34: COMMIT_LATE creates the instance only after the caller has given up', async () => {
    const { caller, control, create } = await prepareCreate();
    control.misbehave({ kind: 'COMMIT_LATE', endpoint: 'createInstance', ms: 60_000, times: 1 });
    void create().catch(() => {});
    await expect.poll(() => caller.clock.dueIn()).toEqual([60_000]);
    expect(control.instances()).toHaveLength(0);
    caller.clock.advance(60_000);
    expect(control.instances()).toHaveLength(1);
  });

  test('SLOW carries out at once and answers late', async () => {
    const { caller, control, create } = await prepareCreate();
    control.misbehave({ kind: 'SLOW', endpoint: 'createInstance', ms: 9000, times: 1 });
    const answer = create();
    await expect.poll(() => control.instances().length).toBe(1);
    await expect.poll(() => caller.clock.dueIn()).toEqual([9000]);
    caller.clock.advance(9000);
    expect((await answer).code).toBe(0);
  });

  test('TOKEN_EXPIRED_EARLY expires the present token; a new one is valid', async () => {
    const { caller, control, bot } = await prepare();
    control.misbehave({ kind: 'TOKEN_EXPIRED_EARLY', times: 1 });
    expect((await bot()).code).toBe(99991663);
    expect((await bot()).code).toBe(99991663);
    expect((await caller.call('GET', '/bot/v3/info')).code).toBe(0);
  });

  test('DEFINITION_DISABLED applies only to calls that use a definition', async () => {
    const { caller, control, create, definition } = await prepareCreate();
    control.misbehave({ kind: 'DEFINITION_DISABLED' });
    expect(await create()).toMatchObject({ status: 400, code: 1390015 });
    expect((await caller.call('GET', `/approval/v4/approvals/${definition}`)).code).toBe(0);
  });

  test('STALE_READ returns PENDING for the next reads of a decided instance, then the right state', async () => {
    const caller = await startCaller();
    const { control } = caller.simulator;
    const statusOf = async (code: string) => (await caller.getInstance(code)).status;
    const [decided, open] = [
      await caller.createInstance({ uuid: 'a' }),
      await caller.createInstance({ uuid: 'b' }),
    ];
    control.misbehave({ kind: 'STALE_READ', times: 2 });
    expect(await statusOf(open)).toBe('PENDING');
    control.approve(decided, BOSS);
    expect(await statusOf(decided)).toBe('PENDING');
    expect((await caller.getInstance(decided)).task_list).toMatchObject([{ status: 'PENDING' }]);
    expect(await statusOf(decided)).toBe('APPROVED');
  });

  test('LOSE_DECISION seems to succeed, but nothing is decided', async () => {
    const caller: Caller = await startCaller();
    const { control } = caller.simulator;
    const code = await caller.createInstance();
    control.misbehave({ kind: 'LOSE_DECISION', times: 1 });
    const tap = await caller.fetchRaw('POST', `/simulator/instances/${code}/approve`, {
      body: JSON.stringify({ email: BOSS }),
    });
    expect(tap.status).toBe(200);
    expect(await caller.getInstance(code)).toMatchObject({ status: 'PENDING' });
    expect(control.inbox(BOSS).pending).toHaveLength(1);
    control.approve(code, BOSS);
    expect(await caller.getInstance(code)).toMatchObject({ status: 'APPROVED' });
  });
});
