import { describe, expect, test } from 'vitest';
import { type Caller, startCaller } from './raw-caller.ts';

const BOSS = 'boss@example.com';

async function prepare(
  options: Parameters<typeof startCaller>[0] = {},
  settings: object = { revert_interval: 0 },
) {
  const caller = await startCaller(options);
  const definition = await caller.createDefinition({ settings });
  const code = await caller.createInstance({ approval_code: definition });
  const asker = await caller.openId('asker@example.com');
  const cancel = (changes: Record<string, unknown> = {}, query = '?user_id_type=open_id') =>
    caller.call('POST', `/approval/v4/instances/cancel${query}`, {
      approval_code: definition,
      instance_code: code,
      user_id: asker,
      ...changes,
    });
  return { caller, control: caller.simulator.control, definition, code, cancel };
}
const statusOf = async (caller: Caller, code: string) => (await caller.getInstance(code)).status;

describe('an open instance', () => {
  test('is withdrawn by its initiator: CANCELED, its task closed without a decision', async () => {
    const { caller, code, cancel } = await prepare();
    expect((await cancel()).code).toBe(0);
    expect(await caller.getInstance(code)).toMatchObject({
      status: 'CANCELED',
      reverted: false,
      task_list: [{ status: 'DONE' }],
      timeline: [{ type: 'START' }, { type: 'CANCEL' }],
    });
  });

  test('of the bot can be withdrawn only by the bot', async () => {
    const caller = await startCaller();
    const definition = await caller.createDefinition();
    const bot = await caller.botOpenId();
    const code = await caller.createInstance({ approval_code: definition, open_id: bot });
    const cancel = (user_id: string) =>
      caller.call('POST', '/approval/v4/instances/cancel', {
        approval_code: definition,
        instance_code: code,
        user_id,
      });
    expect(await cancel(await caller.openId('asker@example.com'))).toMatchObject({
      status: 403,
      code: 1390009,
    });
    expect((await cancel(bot)).code).toBe(0);
  });

  test('cannot be withdrawn by its approver', async () => {
    const { caller, code, cancel } = await prepare();
    expect(await cancel({ user_id: await caller.openId(BOSS) })).toMatchObject({
      status: 403,
      code: 1390009,
    });
    expect(await statusOf(caller, code)).toBe('PENDING');
  });

  test('cannot be withdrawn if its creation forbade that', async () => {
    const { caller, definition, cancel } = await prepare();
    const instance_code = await caller.createInstance({ approval_code: definition, forbid_revoke: true });
    expect(await cancel({ instance_code })).toMatchObject({ status: 400, code: 1390001 });
  });

  test('needs the code of its definition', async () => {
    const { caller, code, cancel } = await prepare();
    expect(await cancel({ approval_code: 'NONE' })).toMatchObject({ status: 400, code: 1390002 });
    const other = await caller.createDefinition();
    expect(await cancel({ approval_code: other })).toMatchObject({ status: 400, code: 1390002 });
    expect(await statusOf(caller, code)).toBe('PENDING');
  });

  test.each([
    ['an unknown instance', { instance_code: 'NONE' }, 1390003],
    ['an unknown person', { user_id: 'ou_x' }, 1390004],
    ['no person', { user_id: undefined }, 1390001],
    ['no instance', { instance_code: undefined }, 1390001],
    ['no definition', { approval_code: undefined }, 1390001],
  ])('is not withdrawn with %s', async (_, changes, code) => {
    const { cancel } = await prepare();
    expect(await cancel(changes)).toMatchObject({ status: 400, code });
  });

  test('is not withdrawn with an unknown type of id', async () => {
    const { cancel } = await prepare();
    expect(await cancel({}, '?user_id_type=email')).toMatchObject({ code: 99992402 });
  });
});

describe('a finished instance', () => {
  test.each([
    ['rejected', 'reject'],
    ['approved, if its definition does not allow revoking', 'approve'],
  ] as const)('that was %s cannot be withdrawn', async (_, act) => {
    const { caller, control, code, cancel } = await prepare();
    control[act](code, BOSS);
    const before = await statusOf(caller, code);
    expect(await cancel()).toMatchObject({ status: 400, code: 1390001 });
    expect(await statusOf(caller, code)).toBe(before);
  });

  test('that was withdrawn, deleted or timed out cannot be withdrawn', async () => {
    for (const act of ['withdraw', 'deleteInstance', 'overtimeClose'] as const) {
      const { control, code, cancel } = await prepare();
      control[act](code);
      expect((await cancel()).code, act).toBe(1390001);
    }
  });

  test('that was approved is open again after a late cancel if the definition allows it', async () => {
    const { caller, control, code, cancel } = await prepare({}, {});
    control.approve(code, BOSS);
    expect((await cancel()).code).toBe(0);
    expect(await caller.getInstance(code)).toMatchObject({
      status: 'PENDING',
      reverted: true,
      task_list: [{ status: 'DONE' }, { status: 'PENDING' }],
    });
    control.approve(code, BOSS);
    expect(await caller.getInstance(code)).toMatchObject({ status: 'APPROVED' });
  });

  test('that was approved can be revoked only within the interval of its definition', async () => {
    const { caller, control, code, cancel } = await prepare({}, { revert_interval: 60 });
    control.approve(code, BOSS);
    caller.clock.advance(60_000);
    expect((await cancel()).code).toBe(1390001);
    expect(await statusOf(caller, code)).toBe('APPROVED');
  });

  test('that was revoked may also be CANCELED in GET, as the FAQ says', async () => {
    const { caller, control, code, cancel } = await prepare(
      { undocumented: { revertedShowsAs: 'CANCELED' } },
      {},
    );
    control.approve(code, BOSS);
    await cancel();
    expect(await caller.getInstance(code)).toMatchObject({ status: 'CANCELED', reverted: true });
  });
});
