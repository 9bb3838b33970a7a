import { describe, expect, test } from 'vitest';
import type { CallFault } from '../../../infra/local/simulators/feishu/faults.ts';
import { anInstance, type Caller, startCaller } from './raw-caller.ts';

const BOSS = 'boss@example.com';

/** One call that goes well unless the simulator was told otherwise, with a token fetched before. */
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
  ])('%o holds for as many calls as it says, and then no more', async (fault, status, code) => {
    const { control, bot } = await prepare();
    control.misbehave({ ...fault, times: 2 });
    expect(await bot()).toMatchObject({ status, code });
    expect(await bot()).toMatchObject({ status, code });
    expect(await bot()).toMatchObject({ status: 200, code: 0 });
  });

  test('without a number holds until it is cleared', async () => {
    const { control, bot } = await prepare();
    control.misbehave({ kind: 'TOKEN_INVALID' });
    for (let call = 0; call < 5; call += 1) expect((await bot()).code).toBe(99991663);
    control.behave();
    expect((await bot()).code).toBe(0);
  });

  test('for one endpoint leaves the others alone', async () => {
    const { caller, control, bot } = await prepare();
    control.misbehave({ kind: 'ERROR_CODE', endpoint: 'getInstance', code: 1395001, status: 200 });
    expect((await bot()).code).toBe(0);
    expect(await caller.call('GET', '/approval/v4/instances/x')).toMatchObject({
      status: 200,
      code: 1395001,
    });
  });

  test('that concerns tokens never hits the call that gets one', async () => {
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

  test('502 comes as an HTML page', async () => {
    const { caller, control, headers } = await prepare();
    control.misbehave({ kind: 'BAD_GATEWAY', times: 1 });
    const response = await caller.fetchRaw('GET', '/open-apis/bot/v3/info', { headers });
    expect(response.status).toBe(502);
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(await response.text()).toContain('<h1>502 Bad Gateway</h1>');
  });

  test('hang never answers and carries nothing out; closing cuts it off', async () => {
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
    // A later call is answered meanwhile, so the hanging one has had its turn.
    await expect.poll(() => control.calls().refused.createInstance).toBe(1);
    await caller.call('GET', '/bot/v3/info');
    expect(settled).toBe(false);
    expect(control.instances()).toEqual([]);
    await caller.simulator.close();
    expect(await hanging).toBe('cut off');
  });

  test('reset before commit leaves nothing behind', async () => {
    const { control, create } = await prepareCreate();
    control.misbehave({ kind: 'RESET_BEFORE', endpoint: 'createInstance', times: 1 });
    await expect(create()).rejects.toThrow();
    expect(control.instances()).toEqual([]);
    expect((await create()).code).toBe(0);
  });

  test('docs/lessons.md 5: reset after commit leaves one instance, its uuid is taken, and GET by uuid finds it', async () => {
    const { caller, control, create } = await prepareCreate();
    control.misbehave({ kind: 'RESET_AFTER', endpoint: 'createInstance', times: 1 });
    await expect(create()).rejects.toThrow();
    expect(control.instances()).toHaveLength(1);
    expect(await create()).toMatchObject({ status: 400, code: 60012 });
    expect(await caller.getInstance('round-1')).toMatchObject({ status: 'PENDING', uuid: 'round-1' });
  });

  test('docs/lessons.md 34: committed late, there is no instance while the caller waits, and one afterwards', async () => {
    const { caller, control, create } = await prepareCreate();
    control.misbehave({ kind: 'COMMIT_LATE', endpoint: 'createInstance', ms: 60_000, times: 1 });
    void create().catch(() => {});
    await expect.poll(() => caller.clock.dueIn()).toEqual([60_000]);
    expect(control.instances()).toHaveLength(0);
    caller.clock.advance(60_000);
    expect(control.instances()).toHaveLength(1);
  });

  test('slow carries out at once and answers late', async () => {
    const { caller, control, create } = await prepareCreate();
    control.misbehave({ kind: 'SLOW', endpoint: 'createInstance', ms: 9000, times: 1 });
    const answer = create();
    await expect.poll(() => control.instances().length).toBe(1);
    await expect.poll(() => caller.clock.dueIn()).toEqual([9000]);
    caller.clock.advance(9000);
    expect((await answer).code).toBe(0);
  });

  test('expired early ends the token in hand; a new one is good', async () => {
    const { caller, control, bot } = await prepare();
    control.misbehave({ kind: 'TOKEN_EXPIRED_EARLY', times: 1 });
    expect((await bot()).code).toBe(99991663);
    expect((await bot()).code).toBe(99991663);
    expect((await caller.call('GET', '/bot/v3/info')).code).toBe(0);
  });

  test('a disabled definition concerns only what uses it', async () => {
    const { caller, control, create, definition } = await prepareCreate();
    control.misbehave({ kind: 'DEFINITION_DISABLED' });
    expect(await create()).toMatchObject({ status: 400, code: 1390015 });
    expect((await caller.call('GET', `/approval/v4/approvals/${definition}`)).code).toBe(0);
  });

  test('a GET that lags says PENDING for the next reads of what was decided, and then the truth', async () => {
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

  test('a lost decision is answered as if it had worked, and nothing is decided', async () => {
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
