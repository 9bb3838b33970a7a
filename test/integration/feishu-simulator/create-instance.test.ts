import { describe, expect, test } from 'vitest';
import { aDefinition, anInstance, type Caller, NODE, startCaller } from './raw-caller.ts';

const PATH = '/approval/v4/instances';

/** The people and the definition of a valid request; `changes` make it invalid. */
async function prepare(caller: Caller, definition?: string) {
  const people = {
    definition: definition ?? (await caller.createDefinition()),
    initiator: await caller.openId('asker@example.com'),
    approver: await caller.openId('boss@example.com'),
  };
  return {
    ...people,
    create: (changes: Record<string, unknown> = {}) => caller.call('POST', PATH, anInstance(people, changes)),
  };
}
const form = (...values: unknown[]) => ({ form: JSON.stringify(values) });
const ISSUE = { id: 'issue', type: 'input', value: 'text' };
const chosen = (...value: string[]) => ({ node_approver_open_id_list: [{ key: 'approve-here', value }] });

describe('an instance', () => {
  test('gets an upper-case code and is found by code and by uuid, in any case', async () => {
    const caller = await startCaller();
    const code = await caller.createInstance({ uuid: 'Round-A' });
    expect(code).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
    for (const id of [code, 'Round-A', 'ROUND-a']) {
      expect(await caller.getInstance(id)).toMatchObject({ instance_code: code, uuid: 'Round-A' });
    }
  });

  test('may have the bot as its initiator', async () => {
    const caller = await startCaller();
    const bot = await caller.botOpenId();
    const code = await caller.createInstance({ open_id: bot });
    expect(await caller.getInstance(code)).toMatchObject({ open_id: bot });
  });

  test('is returned with its form in another spelling, with keys, and with its texts as sent', async () => {
    const caller = await startCaller();
    const read = await caller.getInstance(await caller.createInstance());
    expect(read).toMatchObject({
      title: '@i18n@title',
      i18n_resources: [{ locale: 'zh-CN' }, { locale: 'en-US' }],
      comment_list: [],
      end_time: '0',
      start_time: String(caller.clock.now()),
    });
    const spelled = String(read.form);
    expect(spelled).toContain('Add a column \\u0026 an index');
    expect(JSON.parse(spelled)).toMatchObject([
      { custom_id: 'issue', name: '工单', value: 'Add a column & an index' },
      { custom_id: 'sql', value: '@i18n@value' },
    ]);
  });

  test('may leave out a required widget', async () => {
    const { create } = await prepare(await startCaller());
    expect((await create(form({ id: 'sql', type: 'textarea', value: 'x' }))).code).toBe(0);
  });

  test.each([
    ['no approval_code', { approval_code: undefined }],
    ['no initiator', { open_id: undefined }],
    ['a form that is not a string', { form: [] }],
    ['a form that is no JSON', { form: '[' }],
    ['an undefined widget', form({ ...ISSUE, id: 'other' })],
    ['a widget of another type', form({ ...ISSUE, type: 'textarea' })],
    ['a duplicate widget', form(ISSUE, ISSUE)],
    ['a widget without a value', form({ id: 'issue', type: 'input' })],
    ['a widget with an empty value', form({ ...ISSUE, value: '' })],
    ['a widget whose value is not text', form({ ...ISSUE, value: 7 })],
    ['a value key without a text', form({ ...ISSUE, value: '@i18n@other' })],
    ['text that looks like a key', form({ ...ISSUE, value: '@i18n@ is how keys begin' })],
    ['a title that is not a key', { title: 'Title' }],
    ['a title key without a text', { title: '@i18n@other' }],
    ['keys without i18n_resources', { i18n_resources: undefined }],
    ['a uuid of 65 characters', { uuid: 'x'.repeat(65) }],
    ['an empty uuid', { uuid: '' }],
    ['no approver for its Free node', { node_approver_open_id_list: undefined }],
    ['an empty list of approvers', chosen()],
    ['an approver for an unknown node', { node_approver_open_id_list: [{ key: 'x', value: ['ou_x'] }] }],
    ['a flag that is not a boolean', { forbid_revoke: 'true' }],
    [
      'an unknown node to approve automatically',
      { node_auto_approval_list: [{ node_id_type: 'CUSTOM', node_id: 'x' }] },
    ],
  ])('is refused with %s', async (_, changes) => {
    const caller = await startCaller();
    const { create } = await prepare(caller);
    expect(await create(changes)).toMatchObject({ status: 400, code: 1390001 });
    expect(caller.simulator.control.instances()).toEqual([]);
  });

  test('is refused with two approvers if the node allows one', async () => {
    const caller = await startCaller();
    const node = { ...NODE, approver_chosen_multi: false };
    const node_list = [{ id: 'START' }, node, { id: 'END' }];
    const { create, approver } = await prepare(caller, await caller.createDefinition({ node_list }));
    const second = await caller.openId('second@example.com');
    expect(await create(chosen(approver, second))).toMatchObject({ code: 1390001 });
    expect(await create(chosen(approver))).toMatchObject({ code: 0 });
  });

  // docs/feishu.md 3.2, recorded: `approver_chosen_multi` is true by default.
  test('may have two approvers if the node does not limit them', async () => {
    const caller = await startCaller();
    const { create, approver } = await prepare(caller);
    const second = await caller.openId('second@example.com');
    expect(await create({ ...chosen(approver, second), uuid: 'two' })).toMatchObject({ code: 0 });
    expect(await caller.getInstance('two')).toMatchObject({
      task_list: [{ open_id: approver }, { open_id: second }],
    });
  });

  test('is refused for people who are unknown, resigned or of another app', async () => {
    const caller = await startCaller();
    const { create } = await prepare(caller);
    const gone = await caller.openId('gone@example.com');
    caller.simulator.control.setPersonState('gone@example.com', 'RESIGNED');
    const foreign = await (await startCaller()).openId('boss@example.com');
    for (const stranger of ['ou_00000000000000000000000000000000', gone, foreign]) {
      expect(await create({ open_id: stranger })).toMatchObject({ status: 400, code: 60004 });
      expect(await create(chosen(stranger))).toMatchObject({ status: 400, code: 60004 });
    }
  });

  test('is refused for the bot while the bot is disabled', async () => {
    const caller = await startCaller();
    const { create } = await prepare(caller);
    const open_id = await caller.botOpenId();
    caller.simulator.control.setBotEnabled(false);
    expect(await create({ open_id })).toMatchObject({ code: 60004 });
  });

  test('is refused for a definition that is unknown, disabled or deleted', async () => {
    const caller = await startCaller();
    const { create, definition } = await prepare(caller);
    expect(await create({ approval_code: 'NONE' })).toMatchObject({ status: 400, code: 1390002 });
    caller.simulator.control.setDefinitionStatus(definition, 'INACTIVE');
    expect(await create()).toMatchObject({ status: 400, code: 1390015 });
    caller.simulator.control.setDefinitionStatus(definition, 'DELETED');
    expect(await create()).toMatchObject({ status: 400, code: 1390016 });
  });

  test('that does not exist returns 1390003', async () => {
    const caller = await startCaller();
    expect(await caller.call('GET', `${PATH}/none`)).toMatchObject({ status: 400, code: 1390003 });
  });
});

describe('a uuid', () => {
  test('is used up for ever, in any case, also after its instance is closed', async () => {
    const caller = await startCaller();
    const { create } = await prepare(caller);
    expect((await create({ uuid: 'abc' })).code).toBe(0);
    expect(await create({ uuid: 'ABC' })).toMatchObject({ status: 400, code: 60012 });
    caller.simulator.control.reject('abc', 'boss@example.com');
    caller.clock.advance(365 * 24 * 3_600_000);
    expect(await create({ uuid: 'aBc' })).toMatchObject({ code: 60012 });
    expect(caller.simulator.control.instances()).toHaveLength(1);
  });

  test('is not used up by a create that was refused', async () => {
    const { create } = await prepare(await startCaller());
    expect((await create({ uuid: 'abc', title: 'no key' })).code).toBe(1390001);
    expect((await create({ uuid: 'abc' })).code).toBe(0);
  });
});

describe('a requester who is their own approver', () => {
  const withStarter = (starter_assignee: string | undefined) => ({
    node_list: [{ id: 'START' }, { ...NODE, starter_assignee }, { id: 'END' }],
  });

  test('has to approve with STARTER', async () => {
    const caller = await startCaller();
    const { create, initiator, definition } = await prepare(caller);
    await create({ ...chosen(initiator), approval_code: definition, uuid: 'own' });
    expect(await caller.getInstance('own')).toMatchObject({ status: 'PENDING' });
  });

  test.each(['AUTO_PASS', undefined])('is approved automatically with %s', async (assignee) => {
    const caller = await startCaller();
    const { create, initiator } = await prepare(caller, await caller.createDefinition(withStarter(assignee)));
    await create({ ...chosen(initiator), uuid: 'own' });
    expect(await caller.getInstance('own')).toMatchObject({
      status: 'APPROVED',
      task_list: [{ type: 'AUTO_PASS', open_id: '', status: 'APPROVED' }],
      timeline: [{ type: 'START' }, { type: 'AUTO_PASS' }],
    });
  });
});

test('a node in node_auto_approval_list is approved automatically', async () => {
  const caller = await startCaller();
  const { create } = await prepare(caller);
  await create({
    uuid: 'auto',
    node_auto_approval_list: [{ node_id_type: 'CUSTOM', node_id: 'approve-here' }],
  });
  expect(await caller.getInstance('auto')).toMatchObject({
    status: 'APPROVED',
    task_list: [{ type: 'AUTO_PASS', open_id: '' }],
  });
});

test('a running instance keeps its nodes and form when its definition is overwritten', async () => {
  const caller = await startCaller();
  const { create, definition } = await prepare(caller);
  await create({ uuid: 'old' });
  const node = { ...NODE, id: 'other-node' };
  await caller.call('POST', '/approval/v4/approvals', {
    ...aDefinition({ node_list: [{ id: 'START' }, node, { id: 'END' }] }),
    approval_code: definition,
  });
  expect(await caller.getInstance('old')).toMatchObject({ task_list: [{ custom_node_id: 'approve-here' }] });
});
