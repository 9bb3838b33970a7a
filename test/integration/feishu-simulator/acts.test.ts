import { describe, expect, test } from 'vitest';
import { type Caller, NODE, startCaller } from './raw-caller.ts';

const BOSS = 'boss@example.com';
const OTHER = 'other@example.com';

async function prepare() {
  const caller = await startCaller();
  const code = await caller.createInstance();
  const [boss, other] = [await caller.openId(BOSS), await caller.openId(OTHER)];
  return { caller, control: caller.simulator.control, code, boss, other };
}

/** An instance with one node of `type` and both people as its approvers. */
async function prepareFor(type: 'AND' | 'OR' | 'SEQUENTIAL') {
  const caller = await startCaller();
  const [boss, other] = [await caller.openId(BOSS), await caller.openId(OTHER)];
  const node = { ...NODE, node_type: type, approver_chosen_multi: true };
  const approval_code = await caller.createDefinition({ node_list: [{ id: 'START' }, node, { id: 'END' }] });
  const node_approver_open_id_list = [{ key: 'approve-here', value: [boss, other] }];
  const code = await caller.createInstance({ approval_code, node_approver_open_id_list });
  return { caller, control: caller.simulator.control, code };
}
const tasksOf = async (caller: Caller, code: string) => {
  const { status, task_list } = await caller.getInstance(code);
  const statuses = Array.isArray(task_list) ? task_list.map((task: { status: string }) => task.status) : [];
  return [status, ...statuses];
};

describe('a person', () => {
  test('approves or rejects only a card that waits for them', async () => {
    const { control, code } = await prepare();
    expect(() => control.approve(code, OTHER)).toThrow(`no task waits for ${OTHER}`);
    expect(() => control.reject(code, 'asker@example.com')).toThrow('no task waits');
    expect(() => control.approve(code, 'boss@elsewhere.org')).toThrow('there is no person');
    expect(() => control.approve('none', BOSS)).toThrow('no such instance');
    control.approve(code, BOSS);
    expect(() => control.reject(code, BOSS)).toThrow('the instance is APPROVED');
  });

  test('who resigned or is frozen cannot act', async () => {
    const { control, code } = await prepare();
    for (const state of ['RESIGNED', 'FROZEN'] as const) {
      control.setPersonState(BOSS, state);
      expect(() => control.approve(code, BOSS)).toThrow('there is no person');
    }
  });

  test('rejects with a reason, which is in the timeline', async () => {
    const { caller, control, code, boss } = await prepare();
    control.reject(code, BOSS, 'not on a Friday');
    expect(await caller.getInstance(code)).toMatchObject({
      status: 'REJECTED',
      end_time: String(caller.clock.now()),
      task_list: [{ status: 'REJECTED', open_id: boss }],
      timeline: [{ type: 'START' }, { type: 'REJECT', open_id: boss, comment: 'not on a Friday' }],
    });
  });

  test('transfers the card: only the other person can decide then', async () => {
    const { caller, control, code, boss, other } = await prepare();
    control.transfer(code, BOSS, OTHER, 'yours');
    expect(() => control.approve(code, BOSS)).toThrow('no task waits');
    control.approve(code, OTHER);
    expect(await caller.getInstance(code)).toMatchObject({
      status: 'APPROVED',
      task_list: [
        { status: 'TRANSFERRED', open_id: boss },
        { status: 'APPROVED', open_id: other },
      ],
      timeline: [
        { type: 'START' },
        { type: 'TRANSFER', open_id: boss, open_id_list: [other] },
        { type: 'PASS' },
      ],
    });
  });

  test('adds a signer with, before or after themselves', async () => {
    const withMe = await prepare();
    withMe.control.addSigner(withMe.code, BOSS, OTHER);
    withMe.control.approve(withMe.code, OTHER);
    expect(await tasksOf(withMe.caller, withMe.code)).toEqual(['PENDING', 'PENDING', 'APPROVED']);

    const before = await prepare();
    before.control.addSigner(before.code, BOSS, OTHER, 'BEFORE');
    expect(() => before.control.approve(before.code, BOSS)).toThrow('no task waits');
    before.control.approve(before.code, OTHER);
    before.control.approve(before.code, BOSS);
    expect(await tasksOf(before.caller, before.code)).toEqual(['APPROVED', 'DONE', 'APPROVED', 'APPROVED']);

    const after = await prepare();
    after.control.addSigner(after.code, BOSS, OTHER, 'AFTER');
    expect(await tasksOf(after.caller, after.code)).toEqual(['PENDING', 'APPROVED', 'PENDING']);
    after.control.approve(after.code, OTHER);
    expect(await tasksOf(after.caller, after.code)).toEqual(['APPROVED', 'APPROVED', 'APPROVED']);
  });

  test('sends it back: the node gets its tasks again', async () => {
    const { caller, control, code } = await prepare();
    control.rollback(code, BOSS, 'again');
    expect(await tasksOf(caller, code)).toEqual(['PENDING', 'DONE', 'PENDING']);
    expect(await caller.getInstance(code)).toMatchObject({
      timeline: [{}, { type: 'ROLLBACK', comment: 'again' }],
    });
  });
});

describe('a card that is sent back to its initiator', () => {
  test('has no task and stays open until they resubmit it', async () => {
    const { caller, control, code, boss } = await prepare();
    expect(() => control.resubmit(code)).toThrow('the instance is PENDING');
    control.rollback(code, BOSS, 'which table?', 'INITIATOR');
    expect(await tasksOf(caller, code)).toEqual(['PENDING', 'DONE']);
    expect(await caller.getInstance(code)).toMatchObject({
      timeline: [{}, { type: 'ROLLBACK', open_id: boss, comment: 'which table?' }],
    });
    expect(() => control.approve(code, BOSS)).toThrow('no task waits');
    control.resubmit(code);
    expect(() => control.resubmit(code)).toThrow();
    control.approve(code, BOSS);
    expect(await tasksOf(caller, code)).toEqual(['APPROVED', 'DONE', 'APPROVED']);
  });

  test('can be revoked instead and is closed then', async () => {
    const { caller, control, code } = await prepare();
    control.rollback(code, BOSS, undefined, 'INITIATOR');
    control.withdraw(code);
    expect(await tasksOf(caller, code)).toEqual(['CANCELED', 'DONE']);
    expect(() => control.resubmit(code)).toThrow('the instance is CANCELED');
  });
});

describe('two approvers', () => {
  test('of an AND node must both approve', async () => {
    const { caller, control, code } = await prepareFor('AND');
    control.approve(code, BOSS);
    expect(await tasksOf(caller, code)).toEqual(['PENDING', 'APPROVED', 'PENDING']);
    control.approve(code, OTHER);
    expect(await tasksOf(caller, code)).toEqual(['APPROVED', 'APPROVED', 'APPROVED']);
  });

  test('of an AND node: one rejection rejects the instance', async () => {
    const { caller, control, code } = await prepareFor('AND');
    control.reject(code, OTHER);
    expect(await tasksOf(caller, code)).toEqual(['REJECTED', 'DONE', 'REJECTED']);
  });

  test('of an OR node: the first one decides, the other is DONE', async () => {
    const { caller, control, code } = await prepareFor('OR');
    control.approve(code, OTHER);
    expect(await tasksOf(caller, code)).toEqual(['APPROVED', 'DONE', 'APPROVED']);
  });

  test('of a SEQUENTIAL node get their tasks one after the other', async () => {
    const { caller, control, code } = await prepareFor('SEQUENTIAL');
    expect(() => control.approve(code, OTHER)).toThrow('no task waits');
    control.approve(code, BOSS);
    expect(await tasksOf(caller, code)).toEqual(['PENDING', 'APPROVED', 'PENDING']);
    control.approve(code, OTHER);
    expect(await tasksOf(caller, code)).toEqual(['APPROVED', 'APPROVED', 'APPROVED']);
  });
});

describe('without a person', () => {
  test.each([
    ['autoPass', 'APPROVED', 'AUTO_PASS'],
    ['autoReject', 'REJECTED', 'AUTO_REJECT'],
  ] as const)('%s ends the instance by a task with an empty open_id', async (act, status, type) => {
    const { caller, control, code } = await prepare();
    control[act](code);
    expect(await caller.getInstance(code)).toMatchObject({
      status,
      task_list: [{ status: 'DONE' }, { status, type, open_id: '' }],
      timeline: [{ type: 'START' }, { type }],
    });
  });

  test('a deleted instance reads as DELETED', async () => {
    const { caller, control, code } = await prepare();
    control.deleteInstance(code);
    expect(await tasksOf(caller, code)).toEqual(['DELETED', 'DONE']);
  });

  test('a time limit closes an instance although GET returns PENDING, until an administrator recovers it', async () => {
    const { caller, control, code } = await prepare();
    control.overtimeClose(code);
    expect(await tasksOf(caller, code)).toEqual(['PENDING', 'DONE']);
    expect(() => control.approve(code, BOSS)).toThrow('closed by a time limit');
    control.overtimeRecover(code);
    control.approve(code, BOSS);
    expect(await tasksOf(caller, code)).toEqual(['APPROVED', 'DONE', 'APPROVED']);
  });

  test('GET may show a time limit as a rejection by nobody, until an administrator recovers it', async () => {
    const { caller, control, code } = await prepare();
    control.overtimeClose(code, 'REJECTED');
    expect(await tasksOf(caller, code)).toEqual(['REJECTED', 'DONE']);
    control.overtimeRecover(code);
    expect(await tasksOf(caller, code)).toEqual(['PENDING', 'DONE', 'PENDING']);
  });

  test.each(['INACTIVE', 'DELETED'] as const)(
    'a definition that becomes %s deletes its own open instances',
    async (status) => {
      const { caller, control, code } = await prepare();
      const decided = await caller.createInstance();
      control.approve(decided, BOSS);
      const elsewhere = await caller.createInstance({ approval_code: await caller.createDefinition() });
      control.setDefinitionStatus(control.instance(code)?.approvalCode ?? '', status);
      expect(await tasksOf(caller, code)).toEqual(['DELETED', 'DONE']);
      expect(await tasksOf(caller, decided)).toEqual(['APPROVED', 'APPROVED']);
      expect(await tasksOf(caller, elsewhere)).toEqual(['PENDING', 'PENDING']);
    },
  );

  test('a closed instance cannot change', async () => {
    const { control, code } = await prepare();
    control.approve(code, BOSS);
    for (const act of [
      'withdraw',
      'deleteInstance',
      'overtimeClose',
      'autoPass',
      'autoReject',
      'revert',
    ] as const) {
      expect(() => control[act](code), act).toThrow('the instance is APPROVED');
    }
    expect(() => control.overtimeRecover(code)).toThrow();
  });
});
