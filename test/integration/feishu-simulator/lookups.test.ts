import { describe, expect, test } from 'vitest';
import { type Caller, startCaller } from './raw-caller.ts';

const lookUp = (caller: Caller, body: unknown, query = '?user_id_type=open_id') =>
  caller.call('POST', `/contact/v3/users/batch_get_id${query}`, body);

describe('people by e-mail', () => {
  test('are known at example.com in any case, and nowhere else', async () => {
    const caller = await startCaller();
    const { body } = await lookUp(caller, {
      emails: [
        'Dana@Example.com',
        'dana@example.com',
        'dana@example.org',
        'x@sub.example.com',
        '@example.com',
      ],
    });
    const openId = await caller.openId('dana@example.com');
    expect(openId).toMatch(/^ou_[0-9a-f]{32}$/);
    expect(body.data).toEqual({
      user_list: [
        { user_id: openId, email: 'Dana@Example.com' },
        { user_id: openId, email: 'dana@example.com' },
        { email: 'dana@example.org' },
        { email: 'x@sub.example.com' },
        { email: '@example.com' },
      ],
    });
  });

  test('have the same open_id in every run of an app, and another one in another app', async () => {
    const appId = 'cli_00000000000000aa';
    const ids = await Promise.all(
      [appId, appId, 'cli_00000000000000bb'].map(async (id) =>
        (await startCaller({ appId: id })).openId('dana@example.com'),
      ),
    );
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
  });

  test('who resigned are found only on request; frozen ones are found; out-of-range ones never', async () => {
    const caller = await startCaller();
    caller.simulator.control.setPersonState('gone@example.com', 'RESIGNED');
    caller.simulator.control.setPersonState('cold@example.com', 'FROZEN');
    caller.simulator.control.setPersonState('far@example.com', 'OUT_OF_RANGE');
    const emails = ['gone@example.com', 'cold@example.com', 'far@example.com'];
    const found = { user_id: expect.any(String) };
    expect((await lookUp(caller, { emails })).body.data).toEqual({
      user_list: [{ email: emails[0] }, { email: emails[1], ...found }, { email: emails[2] }],
    });
    expect((await lookUp(caller, { emails, include_resigned: true })).body.data).toEqual({
      user_list: [{ email: emails[0], ...found }, { email: emails[1], ...found }, { email: emails[2] }],
    });
  });

  test('have a status only with the employee scope, and a user_id only with its scope', async () => {
    const caller = await startCaller();
    caller.simulator.control.setPersonState('cold@example.com', 'FROZEN');
    expect(await lookUp(caller, { emails: ['cold@example.com'] }, '?user_id_type=user_id')).toMatchObject({
      code: 99991672,
    });
    caller.simulator.control.setScopes([
      'contact:user.id:readonly',
      'contact:user.employee:readonly',
      'contact:user.employee_id:readonly',
    ]);
    const { body } = await lookUp(caller, { emails: ['cold@example.com'] }, '?user_id_type=user_id');
    expect(body.data).toMatchObject({
      user_list: [{ user_id: expect.stringMatching(/^[0-9a-f]{8}$/), status: { is_frozen: true } }],
    });
  });

  test('are not found by mobile: the entry has no id', async () => {
    const caller = await startCaller();
    expect((await lookUp(caller, { mobiles: ['13800000000'] })).body.data).toEqual({
      user_list: [{ mobile: '13800000000' }],
    });
  });

  test.each([
    ['more than 50 addresses', { emails: Array.from({ length: 51 }, (_, n) => `p${n}@example.com`) }, ''],
    ['addresses that are not a list', { emails: 'dana@example.com' }, ''],
    ['an unknown kind of id', { emails: [] }, '?user_id_type=email'],
  ])('are refused for %s', async (_, body, query) => {
    const caller = await startCaller();
    expect(await lookUp(caller, body, query)).toMatchObject({ status: 400, code: 99992402 });
  });
});

describe('the bot', () => {
  test('is in its own field, enabled, with its open_id', async () => {
    const caller = await startCaller({ appName: 'Approver bot' });
    const { body } = await caller.call('GET', '/bot/v3/info');
    expect(body).not.toHaveProperty('data');
    expect(body.bot).toMatchObject({
      activate_status: 2,
      app_name: 'Approver bot',
      open_id: expect.stringMatching(/^ou_/),
    });
  });

  test('is refused with 11205 while it is not enabled', async () => {
    const caller = await startCaller();
    caller.simulator.control.setBotEnabled(false);
    expect(await caller.call('GET', '/bot/v3/info')).toMatchObject({ status: 400, code: 11205 });
  });
});

test('lists granted and other scopes', async () => {
  const caller = await startCaller();
  caller.simulator.control.setScopes(['approval:approval']);
  const { body } = await caller.call('GET', '/application/v6/scopes');
  expect(body.data).toMatchObject({
    scopes: expect.arrayContaining([
      { scope_name: 'approval:approval', grant_status: 1 },
      { scope_name: 'contact:user.id:readonly', grant_status: 2 },
    ]),
  });
});
