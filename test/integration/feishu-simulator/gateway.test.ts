import { describe, expect, test } from 'vitest';
import { startCaller } from './raw-caller.ts';

describe('every answer', () => {
  test('is JSON with a log id, after success and refusal', async () => {
    const caller = await startCaller();
    const well = await caller.call('GET', '/bot/v3/info');
    const badly = await caller.call('GET', '/approval/v4/instances/none');
    expect(well.headers.get('x-tt-logid')).toMatch(/^[0-9A-F]{34}$/);
    expect(well.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(badly.body.error).toMatchObject({ log_id: badly.headers.get('x-tt-logid') });
  });
});

describe('a call is refused', () => {
  test.each([
    ['without a token', {}, 99991661],
    // docs/feishu.md 8: recorded as a missing, not as a malformed token.
    ['with a bare Bearer', { Authorization: 'Bearer' }, 99991661],
    ['with a bare Bearer and a space', { Authorization: 'Bearer ' }, 99991661],
    ['with another scheme', { Authorization: 'Basic t-abc' }, 99991671],
    ['with a token of an unknown kind', { Authorization: 'Bearer abc' }, 99991671],
    ['with an unknown token', { Authorization: 'Bearer t-abc' }, 99991663],
    ['with a user token', { Authorization: 'Bearer u-abc' }, 99991663],
  ])('%s', async (_, headers, code) => {
    const caller = await startCaller();
    expect(await caller.call('GET', '/bot/v3/info', undefined, headers)).toMatchObject({ status: 400, code });
  });

  test.each([
    ['GET', '/approval/v4/nothing', 404, 99991201],
    ['GET', '/approval/v4/approvals/', 404, 99991201],
    ['GET', '//approval/v4/instances/x', 404, 99991201],
    ['DELETE', '/approval/v4/approvals/x', 405, 99991301],
    ['PUT', '/approval/v4/instances', 405, 99991301],
    ['GET', '/approval/v4/approvals/x/subscribe', 405, 99991301],
  ])('for an unknown path or method: %s %s', async (method, path, status, code) => {
    const caller = await startCaller();
    expect(await caller.call(method, path)).toMatchObject({ status, code });
  });

  test.each([
    ['POST', '/approval/v4/instances', 1390001],
    ['POST', '/approval/v4/approvals', 1390001],
    ['POST', '/contact/v3/users/batch_get_id', 99992402],
    ['POST', '/im/v1/messages?receive_id_type=open_id', 230001],
  ])('when its body is not JSON or has no content type: %s %s', async (method, path, code) => {
    const caller = await startCaller();
    const headers = { Authorization: `Bearer ${await caller.token()}` };
    const typed = { ...headers, 'Content-Type': 'application/json' };
    const untyped = { ...headers, 'Content-Type': 'text/plain' };
    for (const init of [
      { headers: typed, body: '{"emails"' },
      { headers: untyped, body: '{"emails":[]}' },
    ]) {
      const response = await caller.fetchRaw(method, `/open-apis${path}`, init);
      expect(await response.json()).toMatchObject({ code });
    }
  });

  test('when the app is disabled, even with a valid token', async () => {
    const caller = await startCaller();
    const headers = { Authorization: `Bearer ${await caller.token()}` };
    caller.simulator.control.setAppEnabled(false);
    expect(await caller.call('GET', '/bot/v3/info', undefined, headers)).toMatchObject({ code: 99991662 });
  });
});

describe('a scope that was not granted', () => {
  test('is named in permission_violations and linked in helps', async () => {
    const caller = await startCaller();
    caller.simulator.control.setScopes([]);
    const reply = await caller.call('POST', '/approval/v4/instances', {});
    expect(reply).toMatchObject({ status: 400, code: 99991672 });
    expect(reply.body.msg).toContain('approval:instance');
    expect(reply.body.error).toMatchObject({
      permission_violations: [{ subject: 'approval:approval' }, { subject: 'approval:instance' }],
      helps: [{ url: expect.stringContaining(caller.simulator.app.appId) }],
    });
  });

  const NONE = 'no scope';
  test.each([
    ['POST', '/contact/v3/users/batch_get_id', ['contact:user.id:readonly']],
    ['POST', '/approval/v4/approvals', ['approval:approval', 'approval:definition']],
    [
      'GET',
      '/approval/v4/approvals/x',
      ['approval:approval', 'approval:approval:readonly', 'approval:definition'],
    ],
    ['POST', '/approval/v4/approvals/x/subscribe', ['approval:approval', 'approval:definition']],
    ['POST', '/approval/v4/approvals/x/unsubscribe', ['approval:approval', 'approval:definition']],
    ['POST', '/approval/v4/instances', ['approval:approval', 'approval:instance']],
    [
      'GET',
      '/approval/v4/instances/x',
      ['approval:approval', 'approval:approval:readonly', 'approval:instance'],
    ],
    [
      'POST',
      '/approval/v4/instances/cancel',
      ['approval:approval', 'approval:approval:readonly', 'approval:instance'],
    ],
    ['POST', '/approval/v4/instances/x/comments', ['approval:approval', 'approval:instance.comment']],
    [
      'GET',
      '/approval/v4/instances/x/comments',
      ['approval:approval', 'approval:approval:readonly', 'approval:instance.comment'],
    ],
    ['POST', '/im/v1/messages', ['im:message', 'im:message:send_as_bot', 'im:message:send']],
    ['GET', '/bot/v3/info', [NONE]],
    ['GET', '/application/v6/scopes', [NONE]],
  ])('%s %s succeeds with any one of its scopes and with no other', async (method, path, scopes) => {
    const caller = await startCaller();
    const all = [
      'approval:approval',
      'approval:approval:readonly',
      'approval:definition',
      'approval:instance',
      'approval:instance.comment',
      'contact:user.id:readonly',
      'im:message',
      'im:message:send_as_bot',
      'im:message:send',
    ];
    const passes = async (granted: string[]) => {
      caller.simulator.control.setScopes(granted);
      return (await caller.call(method, path, method === 'POST' ? {} : undefined)).code !== 99991672;
    };
    for (const scope of scopes) expect(await passes([scope]), scope).toBe(true);
    const others = all.filter((scope) => !scopes.includes(scope));
    expect(await passes(others)).toBe(scopes.includes(NONE));
  });
});
