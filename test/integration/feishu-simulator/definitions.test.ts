import { describe, expect, test } from 'vitest';
import { aDefinition, NODE, startCaller } from './raw-caller.ts';

const PATH = '/approval/v4/approvals';
const widgets = (...list: unknown[]) => ({ form: { form_content: JSON.stringify(list) } });
const nodes = (...list: unknown[]) => ({ node_list: [{ id: 'START' }, ...list, { id: 'END' }] });
const INPUT = { id: 'issue', name: '@i18n@issue', type: 'input' };
const TEXTS = [
  { key: '@i18n@name', value: 'n' },
  { key: '@i18n@issue', value: 'i' },
  { key: '@i18n@sql', value: 's' },
  { key: '@i18n@node', value: 'a' },
];

const withKey = (key: string) => ({
  i18n_resources: [{ locale: 'zh-CN', is_default: true, texts: [...TEXTS, { key, value: 'x' }] }],
});

/** A name with a text, so that only the name can be invalid. */
const named = (key: string) => ({ approval_name: key, ...withKey(key) });

const described = (key: string) => ({ description: key, ...withKey(key) });

/** Changes with a text for `@i18n@1`, so that only its length can be invalid. */
const withShortKey = (changes: Record<string, unknown>) => ({ ...changes, ...withKey('@i18n@1') });

describe('a definition', () => {
  test('is created, read back in each language, and overwritten in place under its code', async () => {
    const caller = await startCaller();
    const code = await caller.createDefinition();
    expect(code).toMatch(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
    const chinese = await caller.call('GET', `${PATH}/${code}`);
    const english = await caller.call('GET', `${PATH}/${code}?locale=en-US`);
    expect(english.body.data).toMatchObject({ approval_name: 'Change approval' });
    expect(chinese.body.data).toMatchObject({
      approval_name: '变更审批',
      status: 'ACTIVE',
      viewers: [{ type: 'NONE' }],
      node_list: [
        { custom_node_id: 'approve-here', need_approver: true, node_type: 'AND', require_signature: false },
        { need_approver: false },
        { need_approver: false },
      ],
    });

    const again = await caller.createDefinition({ approval_code: code, ...widgets(INPUT) });
    expect(again).toBe(code);
    expect(caller.simulator.control.definitions()).toMatchObject([{ approvalCode: code, writes: 2 }]);
  });

  test('is a new one each time it is created without a code, and cannot be deleted', async () => {
    const caller = await startCaller();
    const [first, second] = [await caller.createDefinition(), await caller.createDefinition()];
    expect(first).not.toBe(second);
    expect((await caller.call('DELETE', `${PATH}/${first}`)).code).toBe(99991301);
    expect((await caller.call('POST', `${PATH}/${first}/delete`)).code).toBe(99991201);
  });

  test.each([
    ['a name that is not a key', named('Approval!')],
    ['a name key of fewer than 9 characters', named('@i18n@ab')],
    ['a description key of fewer than 9 characters', described('@i18n@ab')],
    ['a node name key of fewer than 9 characters', withShortKey(nodes({ ...NODE, name: '@i18n@1' }))],
    [
      'a note whose key has fewer than 9 characters',
      withShortKey(widgets({ ...INPUT, type: 'text', value: '@i18n@1' })),
    ],
    ['a widget name key without a name', { ...widgets({ ...INPUT, name: '@i18n@' }), ...withKey('@i18n@') }],
    ['a name key without a text in the default locale', { approval_name: '@i18n@other' }],
    ['a description key without a text in the default locale', { description: '@i18n@other' }],
    ['no viewers', { viewers: undefined }],
    ['a viewer of an unknown type', { viewers: [{ viewer_type: 'ALL' }] }],
    ['a USER viewer without a user', { viewers: [{ viewer_type: 'USER' }] }],
    ['more than 200 viewers', { viewers: Array.from({ length: 201 }, () => ({ viewer_type: 'TENANT' })) }],
    ['a form that is no JSON', { form: { form_content: '[{' } }],
    ['a form without widgets', widgets()],
    ['a duplicate widget id', widgets(INPUT, INPUT)],
    [
      'a custom_id that is the id of another widget',
      widgets(INPUT, { ...INPUT, id: 'another', custom_id: INPUT.id }),
    ],
    ['a widget without a name key', widgets({ ...INPUT, name: 'Issue' })],
    ['a widget name without a text in the default locale', widgets({ ...INPUT, name: '@i18n@other' })],
    ['a widget type the API cannot create', widgets({ ...INPUT, type: 'formula' })],
    ['a link widget: there is none', widgets({ ...INPUT, type: 'link' })],
    ['a choice without options', widgets({ ...INPUT, type: 'radioV2' })],
    [
      'an option without a text',
      widgets({ ...INPUT, type: 'radioV2', value: [{ key: 'a', text: '@i18n@other' }] }),
    ],
    ['a date without a format', widgets({ ...INPUT, type: 'date' })],
    ['no START', { node_list: [NODE, { id: 'END' }] }],
    ['no END', { node_list: [{ id: 'START' }, NODE, NODE] }],
    ['a START with a name', { node_list: [{ id: 'START', name: '@i18n@node' }, NODE, { id: 'END' }] }],
    ['no approval node', nodes()],
    ['a duplicate node id', nodes(NODE, NODE)],
    ['a node without approvers', nodes({ ...NODE, approver: [] })],
    ['a node name that is not a key', nodes({ ...NODE, name: 'Approve' })],
    ['an unknown node type', nodes({ ...NODE, node_type: 'ANY' })],
    [
      'SEQUENTIAL without Free',
      nodes({ ...NODE, node_type: 'SEQUENTIAL', approver: [{ type: 'Supervisor', level: '1' }] }),
    ],
    ['a supervisor without a level', nodes({ ...NODE, approver: [{ type: 'Supervisor' }] })],
    ['a person without an id', nodes({ ...NODE, approver: [{ type: 'Personal' }] })],
    ['a Free copy', nodes({ ...NODE, ccer: [{ type: 'Free' }] })],
    ['half a privilege_field', nodes({ ...NODE, privilege_field: { writable: [] } })],
    [
      'a privilege_field that names no widget',
      nodes({ ...NODE, privilege_field: { writable: ['x'], readable: [] } }),
    ],
    ['half a config', { config: { can_update_viewer: false } }],
    ['an icon beyond 24', { icon: 25 }],
    ['a revert_interval that is no number', { settings: { revert_interval: '0' } }],
    ['an unknown locale', { i18n_resources: [{ locale: 'xx-XX', is_default: true, texts: TEXTS }] }],
    ['no default locale', { i18n_resources: [{ locale: 'zh-CN', is_default: false, texts: TEXTS }] }],
    [
      'a key without a text in the default locale',
      { i18n_resources: [{ locale: 'zh-CN', is_default: true, texts: TEXTS.slice(1) }] },
    ],
    [
      'a text key without the prefix',
      {
        i18n_resources: [
          { locale: 'zh-CN', is_default: true, texts: [...TEXTS, { key: 'plain-key', value: 'x' }] },
        ],
      },
    ],
  ])('is refused with %s', async (_, changes) => {
    const caller = await startCaller();
    expect(await caller.call('POST', PATH, aDefinition(changes))).toMatchObject({
      status: 400,
      code: 1390001,
    });
    expect(caller.simulator.control.definitions()).toEqual([]);
  });

  test('is refused with an unknown person as its approver', async () => {
    const caller = await startCaller();
    const body = aDefinition(nodes({ ...NODE, approver: [{ type: 'Personal', user_id: 'ou_x' }] }));
    expect(await caller.call('POST', PATH, body)).toMatchObject({ code: 1390004 });
  });

  test('that does not exist cannot be overwritten, read or subscribed to', async () => {
    const caller = await startCaller();
    expect(await caller.call('POST', PATH, aDefinition({ approval_code: 'NONE' }))).toMatchObject({
      code: 1390002,
    });
    expect(await caller.call('GET', `${PATH}/NONE`)).toMatchObject({ status: 400, code: 1390002 });
    expect(await caller.call('POST', `${PATH}/NONE/subscribe`)).toMatchObject({ status: 400, code: 1390002 });
  });

  test('that was disabled is INACTIVE in GET and cannot be used', async () => {
    const caller = await startCaller();
    const code = await caller.createDefinition();
    caller.simulator.control.setDefinitionStatus(code, 'INACTIVE');
    expect((await caller.call('GET', `${PATH}/${code}`)).body.data).toMatchObject({ status: 'INACTIVE' });
    expect(await caller.call('POST', `${PATH}/${code}/subscribe`)).toMatchObject({ code: 1390015 });
  });

  test('that was deleted is refused with 1390016 everywhere', async () => {
    const caller = await startCaller();
    const code = await caller.createDefinition();
    caller.simulator.control.setDefinitionStatus(code, 'DELETED');
    for (const reply of [
      await caller.call('GET', `${PATH}/${code}`),
      await caller.call('POST', `${PATH}/${code}/subscribe`),
      await caller.call('POST', PATH, aDefinition({ approval_code: code })),
    ]) {
      expect(reply).toMatchObject({ status: 400, code: 1390016 });
    }
  });
});

describe('a subscription', () => {
  test('is made once, with or without a body: the second subscribe and unsubscribe return 1390007', async () => {
    const caller = await startCaller();
    const code = await caller.createDefinition();
    expect((await caller.call('POST', `${PATH}/${code}/subscribe`)).code).toBe(0);
    expect(await caller.call('POST', `${PATH}/${code}/subscribe`, {})).toMatchObject({
      status: 400,
      code: 1390007,
    });
    expect((await caller.call('POST', `${PATH}/${code}/unsubscribe`, {})).code).toBe(0);
    expect(await caller.call('POST', `${PATH}/${code}/unsubscribe`)).toMatchObject({ code: 1390007 });
  });
});
