import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { createSdkClient, refusalOf } from './node-sdk-parts.ts';
import { startCaller } from './raw-caller.ts';

/** The simulator with `@larksuiteoapi/node-sdk`: typed methods, their paths and bodies, and its tokens. */

const text = (key: string, value: string) => ({ key, value });

const DEFINITION = {
  approval_name: '@i18n@name',
  description: '@i18n@description',
  viewers: [{ viewer_type: 'NONE' as const }],
  form: {
    form_content: JSON.stringify([
      { id: 'issue', name: '@i18n@1', type: 'input', required: true },
      { id: 'sql', name: '@i18n@2', type: 'textarea' },
    ]),
  },
  node_list: [
    { id: 'START' },
    {
      id: 'approve-here',
      name: '@i18n@node',
      node_type: 'AND' as const,
      approver: [{ type: 'Free' as const }],
      approver_chosen_multi: false,
      starter_assignee: 'STARTER' as const,
    },
    { id: 'END' },
  ],
  i18n_resources: [
    {
      locale: 'zh-CN' as const,
      is_default: true,
      texts: [
        text('@i18n@name', '变更审批'),
        text('@i18n@description', '说明'),
        text('@i18n@1', '工单'),
        text('@i18n@2', '语句'),
        text('@i18n@node', '审批'),
      ],
    },
  ],
};

async function prepare() {
  const caller = await startCaller();
  const { simulator } = caller;
  const client = createSdkClient(simulator.url, simulator.app);
  const { approval, instance, instanceComment } = client.approval.v4;
  const botAnswer = z.object({ code: z.literal(0), bot: z.object({ open_id: z.string() }) });

  const openId = async (email: string) => {
    const answer = await client.contact.v3.user.batchGetId({
      params: { user_id_type: 'open_id' },
      data: { emails: [email] },
    });
    return answer.data?.user_list?.[0]?.user_id ?? '';
  };
  const createDefinition = async () =>
    (await approval.create({ data: DEFINITION })).data?.approval_code ?? '';
  const createInstance = async (uuid: string, definition?: string) => {
    const answer = await instance.create({
      data: {
        approval_code: definition ?? (await createDefinition()),
        open_id: await openId('asker@example.com'),
        form: JSON.stringify([{ id: 'issue', type: 'input', value: 'Add a column' }]),
        node_approver_open_id_list: [{ key: 'approve-here', value: [await openId('boss@example.com')] }],
        uuid,
      },
    });
    expect(answer.code).toBe(0);
    return answer.data?.instance_code ?? '';
  };
  return {
    caller,
    simulator,
    client,
    approval,
    instance,
    instanceComment,
    openId,
    createDefinition,
    createInstance,
    bot: async () =>
      botAnswer.parse(await client.request({ method: 'GET', url: '/open-apis/bot/v3/info' })).bot.open_id,
  };
}

describe('the SDK', () => {
  test('gets one token and uses it for every call', async () => {
    const { simulator, client, bot } = await prepare();
    await bot();
    await bot();
    expect((await client.application.v6.scope.list()).code).toBe(0);
    expect(simulator.control.calls()).toEqual({ calls: { token: 1, bot: 2, scopes: 1 }, refused: {} });
  });

  test('gets no token with a wrong secret, and makes no call without one', async () => {
    const { simulator } = await prepare();
    const client = createSdkClient(simulator.url, { ...simulator.app, appSecret: 'wrong' });
    await expect(client.application.v6.scope.list()).rejects.toThrow('code: 10014, msg: app secret invalid');
    expect(simulator.control.calls()).toEqual({ calls: { token: 1 }, refused: { token: 1 } });
  });

  test('gets an error for an expired token, and does not get another one by itself', async () => {
    const { simulator, client, bot } = await prepare();
    await bot();
    simulator.control.expireTokens();
    expect(await refusalOf(client.application.v6.scope.list())).toMatchObject({
      status: 400,
      code: 99991663,
    });
  });

  test('reads scopes, people and the bot', async () => {
    const { caller, client, openId, bot } = await prepare();
    const { data } = await client.application.v6.scope.list();
    expect(data?.scopes).toContainEqual({ scope_name: 'approval:approval', grant_status: 1 });
    expect(data?.scopes).toContainEqual({ scope_name: 'im:message', grant_status: 2 });
    expect(await openId('boss@example.com')).toBe(await caller.openId('boss@example.com'));
    expect(await openId('boss@elsewhere.org')).toBe('');
    expect(await bot()).toBe(await caller.botOpenId());
  });

  test('creates a definition, reads it, subscribes and unsubscribes', async () => {
    const { simulator, approval, createDefinition } = await prepare();
    const approval_code = await createDefinition();
    const { code, data } = await approval.get({ path: { approval_code }, params: { locale: 'zh-CN' } });
    expect(code).toBe(0);
    expect(data).toMatchObject({
      approval_name: '变更审批',
      status: 'ACTIVE',
      node_list: [
        { name: '审批', need_approver: true, custom_node_id: 'approve-here', approver_chosen_multi: false },
        { name: '' },
        { name: '' },
      ],
    });
    expect(JSON.parse(data?.form ?? '')).toMatchObject([{ custom_id: 'issue' }, { custom_id: 'sql' }]);
    const overwritten = await approval.create({ data: { ...DEFINITION, approval_code } });
    expect(overwritten.data?.approval_code).toBe(approval_code);
    expect(simulator.control.definitions()).toMatchObject([{ writes: 2 }]);

    expect((await approval.subscribe({ path: { approval_code } })).code).toBe(0);
    expect(await refusalOf(approval.subscribe({ path: { approval_code } }))).toMatchObject({
      status: 400,
      code: 1390007,
    });
    expect((await approval.unsubscribe({ path: { approval_code } })).code).toBe(0);
    expect(await refusalOf(approval.unsubscribe({ path: { approval_code } }))).toMatchObject({
      code: 1390007,
    });
  });

  test('creates an instance, finds it by code and uuid, and withdraws it', async () => {
    const { instance, openId, createDefinition, createInstance } = await prepare();
    const approval_code = await createDefinition();
    const instance_code = await createInstance('Round-1', approval_code);
    for (const instance_id of [instance_code, 'round-1']) {
      const { code, data } = await instance.get({ path: { instance_id } });
      expect(code).toBe(0);
      expect(data).toMatchObject({
        approval_code,
        instance_code,
        status: 'PENDING',
        uuid: 'Round-1',
        open_id: await openId('asker@example.com'),
        task_list: [{ open_id: await openId('boss@example.com'), status: 'PENDING' }],
        timeline: [{ type: 'START', node_key: '' }],
      });
      expect(JSON.parse(data?.form ?? '')).toMatchObject([{ custom_id: 'issue', value: 'Add a column' }]);
    }
    expect(await refusalOf(createInstance('ROUND-1', approval_code))).toMatchObject({
      status: 400,
      code: 60012,
    });
    const user_id = await openId('asker@example.com');
    const taken = await instance.cancel({
      params: { user_id_type: 'open_id' },
      data: { approval_code, instance_code, user_id },
    });
    expect(taken.code).toBe(0);
    expect((await instance.get({ path: { instance_id: instance_code } })).data?.status).toBe('CANCELED');
  });

  test('reads who decided, and the comment', async () => {
    const { simulator, instance, openId, createInstance } = await prepare();
    const instance_id = await createInstance('round-1');
    simulator.control.reject(instance_id, 'boss@example.com', 'too wide');
    const { data } = await instance.get({ path: { instance_id } });
    const open_id = await openId('boss@example.com');
    expect(data).toMatchObject({
      status: 'REJECTED',
      task_list: [{ open_id, status: 'REJECTED' }],
      timeline: [{ type: 'START' }, { type: 'REJECT', open_id, comment: 'too wide' }],
    });
  });

  test('writes a comment and lists it', async () => {
    const { instanceComment, bot, createInstance } = await prepare();
    const path = { instance_id: await createInstance('round-1') };
    const params = { user_id_type: 'open_id' as const, user_id: await bot() };
    const written = await instanceComment.create({
      path,
      params,
      data: { content: JSON.stringify({ text: 'Done.' }) },
    });
    expect(written.code).toBe(0);
    const { code, data } = await instanceComment.list({ path, params });
    expect(code).toBe(0);
    expect(data?.comments).toMatchObject([
      {
        id: written.data?.comment_id,
        content: JSON.stringify({ text: 'Done.' }),
        commentator: params.user_id,
      },
    ]);
  });

  test('sends a message', async () => {
    const { simulator, client, openId } = await prepare();
    const receive_id = await openId('boss@example.com');
    const content = JSON.stringify({ text: 'One approval waits.' });
    const { code, data } = await client.im.v1.message.create({
      params: { receive_id_type: 'open_id' },
      data: { receive_id, msg_type: 'text', content },
    });
    expect(code).toBe(0);
    expect(data).toMatchObject({ msg_type: 'text', body: { content } });
    expect(simulator.control.messages()).toMatchObject([{ messageId: data?.message_id, to: receive_id }]);
  });
});

describe('the SDK reads from a refusal', () => {
  test('how long to wait', async () => {
    const { simulator, client } = await prepare();
    simulator.control.misbehave({ kind: 'RATE_LIMITED', endpoint: 'scopes', resetSeconds: 7, times: 1 });
    expect(await refusalOf(client.application.v6.scope.list())).toMatchObject({
      status: 429,
      code: 99991400,
      headers: { 'x-ogw-ratelimit-reset': '7' },
    });
  });

  test('which scope is missing', async () => {
    const { simulator, approval } = await prepare();
    simulator.control.setScopes([]);
    const refusal = await refusalOf(approval.get({ path: { approval_code: 'NONE' } }));
    expect(refusal).toMatchObject({
      status: 400,
      code: 99991672,
      data: {
        error: {
          log_id: expect.any(String),
          permission_violations: expect.arrayContaining([
            { type: 'action_scope_required', subject: 'approval:approval' },
          ]),
        },
      },
    });
  });

  test('that a definition or an instance is unknown', async () => {
    const { approval, instance } = await prepare();
    expect(await refusalOf(approval.get({ path: { approval_code: 'NONE' } }))).toMatchObject({
      code: 1390002,
    });
    expect(await refusalOf(instance.get({ path: { instance_id: 'none' } }))).toMatchObject({ code: 1390003 });
  });

  test('the page of a proxy for a create that is too large', async () => {
    const { simulator, createDefinition, createInstance } = await prepare();
    const definition = await createDefinition();
    simulator.control.setCreateLimit({ bytes: 100, answer: 'HTTP_413' });
    expect(await refusalOf(createInstance('round-1', definition))).toMatchObject({
      status: 413,
      data: expect.stringContaining('<html>'),
    });
    simulator.control.setCreateLimit({ bytes: 100, answer: 60006 });
    expect(await refusalOf(createInstance('round-1', definition))).toMatchObject({
      status: 400,
      code: 60006,
    });
  });
});
