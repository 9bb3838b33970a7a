import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { aDefinition, anInstance, type Caller, NODE, startCaller } from './raw-caller.ts';

/**
 * Definitions as real tenants returned them (docs/feishu.md 3.1 and 3.2, "Recorded"). Sources:
 * yunyingk/twc-approval-go-bridge, external-api/feishu and configs/feishu of 2026-09 and 2026-10; bytebase b177c8f777
 * of 2022-11; koderover/zadig.
 */

const PATH = '/approval/v4/approvals';
const PLATFORM_ID = /^widget\d{11,}$/;
const baseWidget = z.looseObject({
  id: z.string(),
  custom_id: z.string(),
  name: z.string(),
  type: z.string(),
});
const widgetSchema = baseWidget.extend({ children: z.array(baseWidget).optional() });
const formSchema = z.object({ form: z.string(), node_list: z.array(z.record(z.string(), z.unknown())) });

async function read(caller: Caller, code: string) {
  const { body } = await caller.call('GET', `${PATH}/${code}`);
  const { form, node_list } = formSchema.parse(body.data);
  return { nodes: node_list, widgets: z.array(widgetSchema).parse(JSON.parse(form)) };
}

const widgets = (...list: unknown[]) => ({ form: { form_content: JSON.stringify(list) } });
const ISSUE = { id: 'issue', name: '@i18n@issue', type: 'input' };
const SQL = { id: 'sql', name: '@i18n@sql', type: 'textarea' };

async function createWith(caller: Caller, definition: string, values: unknown[]) {
  const people = {
    definition,
    initiator: await caller.openId('asker@example.com'),
    approver: await caller.openId('boss@example.com'),
  };
  return caller.call('POST', '/approval/v4/instances', anInstance(people, { form: JSON.stringify(values) }));
}

describe('the ids of widgets', () => {
  test('are set by the platform; the requested id is returned as custom_id', async () => {
    const caller = await startCaller();
    const { widgets: found } = await read(caller, await caller.createDefinition());
    expect(found).toMatchObject([
      { id: expect.stringMatching(PLATFORM_ID), custom_id: 'issue', type: 'input' },
      { id: expect.stringMatching(PLATFORM_ID), custom_id: 'sql', type: 'textarea' },
    ]);
    expect(found[0]?.id).not.toBe(found[1]?.id);
  });

  test('keep a requested custom_id and drop the requested id', async () => {
    const caller = await startCaller();
    const definition = await caller.createDefinition(widgets({ ...ISSUE, custom_id: 'own' }));
    const { widgets: found } = await read(caller, definition);
    expect(found).toMatchObject([{ id: expect.stringMatching(PLATFORM_ID), custom_id: 'own' }]);
    const value = { type: 'input', value: 'x' };
    expect((await createWith(caller, definition, [{ ...value, id: 'own' }])).code).toBe(0);
    expect((await createWith(caller, definition, [{ ...value, id: 'issue' }])).code).toBe(1390001);
  });

  test('are new after an overwrite, also within a second; the custom ids stay', async () => {
    const caller = await startCaller();
    const code = await caller.createDefinition();
    const before = await read(caller, code);
    await caller.createDefinition({ approval_code: code });
    const after = await read(caller, code);
    const ids = [...before.widgets, ...after.widgets].map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
    expect(after.widgets.map(({ custom_id }) => custom_id)).toEqual(['issue', 'sql']);
  });

  test('are not shared by two definitions', async () => {
    const caller = await startCaller();
    const codes = [await caller.createDefinition(), await caller.createDefinition()];
    const both = await Promise.all(codes.map((code) => read(caller, code)));
    expect(new Set(both.flatMap((each) => each.widgets.map(({ id }) => id))).size).toBe(4);
  });

  test('of both kinds are accepted in an instance, and those of the platform are returned', async () => {
    const caller = await startCaller();
    const definition = await caller.createDefinition();
    const { widgets: found } = await read(caller, definition);
    const values = [
      { id: found[0]?.id, type: 'input', value: 'one' },
      { id: 'sql', type: 'textarea', value: 'two' },
    ];
    const { body } = await createWith(caller, definition, values);
    const { instance_code } = z.object({ instance_code: z.string() }).parse(body.data);
    const { form } = await caller.getInstance(instance_code);
    expect(JSON.parse(String(form))).toMatchObject([
      { id: found[0]?.id, custom_id: 'issue', value: 'one' },
      { id: found[1]?.id, custom_id: 'sql', value: 'two' },
    ]);
    expect(caller.simulator.control.instance(instance_code)?.form).toMatchObject([
      { id: 'issue', value: { 'en-US': 'one' } },
      { id: 'sql', value: { 'en-US': 'two' } },
    ]);
  });

  test('of both kinds for one widget count as a duplicate', async () => {
    const caller = await startCaller();
    const definition = await caller.createDefinition();
    const { widgets: found } = await read(caller, definition);
    const value = { type: 'input', value: 'x' };
    const twice = [
      { ...value, id: 'issue' },
      { ...value, id: found[0]?.id },
    ];
    expect((await createWith(caller, definition, twice)).code).toBe(1390001);
  });

  test('from before an overwrite are unknown, but a running instance keeps them', async () => {
    const caller = await startCaller();
    const code = await caller.createDefinition();
    const before = await read(caller, code);
    const running = await caller.createInstance({ approval_code: code });
    await caller.createDefinition({ approval_code: code });
    const value = { type: 'input', value: 'x', id: before.widgets[0]?.id };
    const refused = await createWith(caller, code, [value]);
    expect(refused).toMatchObject({ status: 400, code: 1390001 });
    expect(refused.body.msg).toContain(`控件=${before.widgets[0]?.id}`);
    const { form } = await caller.getInstance(running);
    expect(JSON.parse(String(form))).toMatchObject([
      { id: before.widgets[0]?.id },
      { id: before.widgets[1]?.id },
    ]);
  });

  test('of the platform are in error messages, whichever id the caller used', async () => {
    const caller = await startCaller();
    const definition = await caller.createDefinition();
    const { widgets: found } = await read(caller, definition);
    const { body } = await createWith(caller, definition, [{ id: 'issue', type: 'input', value: '' }]);
    expect(body.msg).toContain(`控件=${found[0]?.id}`);
  });

  test('of the caller are used in a privilege_field', async () => {
    const caller = await startCaller();
    const node = { ...NODE, privilege_field: { writable: ['issue'], readable: ['sql'] } };
    await expect(
      caller.createDefinition({ node_list: [{ id: 'START' }, node, { id: 'END' }] }),
    ).resolves.toMatch(/-/);
  });
});

describe('a definition with approval_code ""', () => {
  test('is a new one', async () => {
    const caller = await startCaller();
    const first = await caller.createDefinition({ approval_code: '' });
    const second = await caller.createDefinition({ approval_code: '' });
    expect(first).toMatch(/^[0-9A-F]{8}-/);
    expect(second).not.toBe(first);
    expect(caller.simulator.control.definitions()).toMatchObject([{ writes: 1 }, { writes: 1 }]);
  });
});

describe('the nodes of a definition', () => {
  test('are ours, then the end, then the start, without approvers', async () => {
    const caller = await startCaller();
    const node = {
      ...NODE,
      approver_chosen_multi: false,
      approver_chosen_range: [{ type: 'ALL' }],
    };
    const code = await caller.createDefinition({ node_list: [{ id: 'START' }, node, { id: 'END' }] });
    const edge = {
      approver_chosen_multi: true,
      empty_assignee_list: [],
      name: '',
      need_approver: false,
      node_type: 'AND',
      require_signature: false,
    };
    expect((await read(caller, code)).nodes).toEqual([
      {
        approver_chosen_multi: false,
        approver_chosen_range: [{ approver_range_ids: [], approver_range_type: 0 }],
        custom_node_id: 'approve-here',
        empty_assignee_list: [],
        empty_auto_pass: true,
        name: '审批',
        need_approver: true,
        node_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        node_type: 'AND',
        require_signature: false,
      },
      { ...edge, node_id: 'b1a326c06d88bf042f73d70f50197905' },
      { ...edge, node_id: 'b078ffd28db767c502ac367053f6e0ac' },
    ]);
  });
});

describe('a list of fields', () => {
  const CONTACT = { id: 'holder', name: '@i18n@issue', type: 'contact', value: { multi: false } };
  const LIST = {
    id: 'details',
    name: '@i18n@sql',
    type: 'fieldList',
    value: [CONTACT, { ...SQL, id: 'note' }],
  };

  test('is requested with its children in value, which also get ids of the platform', async () => {
    const caller = await startCaller();
    const { widgets: found } = await read(caller, await caller.createDefinition(widgets(ISSUE, LIST)));
    expect(found[1]).toMatchObject({
      custom_id: 'details',
      type: 'fieldList',
      option: { input_type: 'LIST', mobile_detail_type: 'CARD', print_type: 'LIST' },
      children: [
        { custom_id: 'holder', option: { ignore: false, multi: false, range: [1] } },
        { custom_id: 'note', type: 'textarea', name: '语句' },
      ],
    });
    expect(found[1]).not.toHaveProperty('value');
    const ids = [...found, ...(found[1]?.children ?? [])].map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(PLATFORM_ID);
  });

  test('has rows in an instance, by ids of both kinds', async () => {
    const caller = await startCaller();
    const definition = await caller.createDefinition(widgets(LIST));
    const { widgets: found } = await read(caller, definition);
    const [, note] = found[0]?.children ?? [];
    const row = (id: unknown, value: string) => [{ id, type: 'textarea', value }];
    const list = (...rows: unknown[]) => [{ id: 'details', type: 'fieldList', value: rows }];
    const { body } = await createWith(caller, definition, list(row('note', 'a'), row(note?.id, 'b')));
    const { instance_code } = z.object({ instance_code: z.string() }).parse(body.data);
    const { form } = await caller.getInstance(instance_code);
    expect(JSON.parse(String(form))).toMatchObject([
      {
        id: found[0]?.id,
        value: [
          [{ id: note?.id, custom_id: 'note', value: 'a' }],
          [{ id: note?.id, custom_id: 'note', value: 'b' }],
        ],
      },
    ]);
    const refused = await createWith(caller, definition, list(row('note', '')));
    expect(refused.body.msg).toContain(`控件=${note?.id}`);
    expect((await createWith(caller, definition, list(row('issue', 'a')))).code).toBe(1390001);
  });

  test.each([
    ['children in children', { ...LIST, value: undefined, children: LIST.value }],
    ['no children', { ...LIST, value: [] }],
    ['a list in the list', { ...LIST, value: [{ ...LIST, id: 'inner' }] }],
    ['a child with the id of another widget', { ...LIST, value: [{ ...SQL, id: 'issue' }] }],
    [
      'a child whose name has no text in the default locale',
      { ...LIST, value: [{ ...SQL, name: '@i18n@other' }] },
    ],
  ])('is refused with %s', async (_, list) => {
    const caller = await startCaller();
    expect(await caller.call('POST', PATH, aDefinition(widgets(ISSUE, list)))).toMatchObject({
      status: 400,
      code: 1390001,
    });
  });
});

describe('a contact', () => {
  const contact = (value: unknown) => ({ ...ISSUE, type: 'contact', value });
  const list = (child: unknown) => ({ id: 'details', name: '@i18n@sql', type: 'fieldList', value: [child] });

  test.each([
    ['without a value', contact(undefined)],
    ['with null as its value', contact(null)],
    ['without a value in a list', list(contact(undefined))],
  ])('%s is refused with this message', async (_what, widget) => {
    const caller = await startCaller();
    expect(await caller.call('POST', PATH, aDefinition(widgets(widget)))).toMatchObject({
      status: 400,
      code: 1390001,
      body: { msg: 'widget contact value can not be nil' },
    });
  });
});

test('an address is a widget of a definition without a value in an instance', async () => {
  const caller = await startCaller();
  const definition = await caller.createDefinition(widgets(ISSUE, { ...SQL, type: 'address' }));
  const address = { id: 'sql', type: 'address', value: [{ id: 1 }] };
  expect(await createWith(caller, definition, [address])).toMatchObject({ status: 400, code: 1390001 });
  expect((await createWith(caller, definition, [{ id: 'issue', type: 'input', value: 'x' }])).code).toBe(0);
});

test('short i18n keys are allowed for widget names, option texts, and the title and values of an instance', async () => {
  const caller = await startCaller();
  const texts = ['1', '2', '3', '4'].map((name) => ({ key: `@i18n@${name}`, value: `text ${name}` }));
  const [base] = z.array(z.looseObject({ texts: z.array(z.unknown()) })).parse(aDefinition().i18n_resources);
  const choice = { id: 'c', name: '@i18n@2', type: 'radioV2', value: [{ key: 'a', text: '@i18n@3' }] };
  const approval_code = await caller.createDefinition({
    ...widgets({ ...ISSUE, name: '@i18n@1' }, choice),
    i18n_resources: [{ ...base, texts: [...(base?.texts ?? []), ...texts] }],
  });
  expect((await read(caller, approval_code)).widgets).toMatchObject([
    { name: 'text 1' },
    { name: 'text 2', option: [{ value: 'a', text: 'text 3' }] },
  ]);
  await caller.createInstance({
    approval_code,
    uuid: 'short',
    title: '@i18n@4',
    form: JSON.stringify([{ id: 'issue', type: 'input', value: '@i18n@1' }]),
    i18n_resources: [{ locale: 'zh-CN', is_default: true, texts }],
  });
  expect(caller.simulator.control.instance('short')).toMatchObject({
    title: { 'zh-CN': 'text 4' },
    form: [{ value: { 'zh-CN': 'text 1' } }],
  });
});
