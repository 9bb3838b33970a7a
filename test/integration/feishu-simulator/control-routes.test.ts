import { describe, expect, test } from 'vitest';
import { startEventSink } from './event-sink.ts';
import { type Caller, startCaller } from './raw-caller.ts';

const BOSS = 'boss@example.com';

const ask = async (caller: Caller, method: string, path: string, body?: unknown) => {
  const response = await caller.fetchRaw(method, `/simulator${path}`, {
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  });
  return { status: response.status, body: await response.json() };
};

describe('the inbox', () => {
  test('separates pending from decided cards, newest first', async () => {
    const caller = await startCaller();
    const [a, b, c] = [
      await caller.createInstance(),
      await caller.createInstance(),
      await caller.createInstance(),
    ];
    caller.clock.advance(1000);
    await ask(caller, 'POST', `/instances/${a}/reject`, { email: BOSS, comment: 'no' });
    const { body } = await ask(caller, 'GET', `/inbox?email=${BOSS}`);
    expect(body).toMatchObject({
      email: BOSS,
      pending: [{ instanceCode: c }, { instanceCode: b }],
      decided: [
        {
          instanceCode: a,
          status: 'REJECTED',
          task: { status: 'REJECTED' },
          finishedAt: new Date(caller.clock.now()).toISOString(),
          timeline: [{ type: 'START' }, { type: 'REJECT', comment: 'no', by: { email: BOSS } }],
        },
      ],
    });
  });

  test('is by default that of the person with the newest pending card', async () => {
    const caller = await startCaller();
    const other = await caller.openId('other@example.com');
    await caller.createInstance();
    caller.clock.advance(1000);
    const list = [{ key: 'approve-here', value: [other] }];
    await caller.createInstance({ node_approver_open_id_list: list, open_id: await caller.botOpenId() });
    expect((await ask(caller, 'GET', '/inbox')).body).toMatchObject({
      email: 'other@example.com',
      pending: [{ requester: { bot: true, email: null, name: 'Frabit' } }],
      people: [
        { email: 'other@example.com', pending: 1 },
        { email: BOSS, pending: 1 },
      ],
    });
  });

  test('of a stranger is empty', async () => {
    const caller = await startCaller();
    await caller.createInstance();
    expect((await ask(caller, 'GET', '/inbox?email=x@elsewhere.org')).body).toMatchObject({
      pending: [],
      decided: [],
    });
  });

  test('of a person shows the messages of the bot, newest first', async () => {
    const caller = await startCaller();
    const receive_id = await caller.openId(BOSS);
    for (const text of ['first', 'second']) {
      const body = { receive_id, msg_type: 'text', content: JSON.stringify({ text }) };
      await caller.call('POST', '/im/v1/messages?receive_id_type=open_id', body);
    }
    expect((await ask(caller, 'GET', `/inbox?email=${BOSS}`)).body).toMatchObject({
      messages: [{ text: 'second' }, { text: 'first' }],
    });
    expect((await ask(caller, 'GET', '/inbox?email=other@example.com')).body).toMatchObject({ messages: [] });
  });

  test('shows a transferred card to the other person', async () => {
    const caller = await startCaller();
    const code = await caller.createInstance();
    await ask(caller, 'POST', `/instances/${code}/transfer`, { email: BOSS, to: 'other@example.com' });
    expect((await ask(caller, 'GET', `/inbox?email=${BOSS}`)).body).toMatchObject({
      pending: [],
      decided: [{ status: 'PENDING', task: { status: 'TRANSFERRED' } }],
    });
    expect((await ask(caller, 'GET', '/inbox?email=other@example.com')).body).toMatchObject({
      pending: [{ instanceCode: code }],
    });
  });
});

describe('acts over HTTP', () => {
  test.each([
    ['approve', { email: BOSS }, 'APPROVED'],
    ['reject', { email: BOSS }, 'REJECTED'],
    ['transfer', { email: BOSS, to: 'other@example.com' }, 'PENDING'],
    ['add-signer', { email: BOSS, signer: 'other@example.com', place: 'BEFORE' }, 'PENDING'],
    ['rollback', { email: BOSS }, 'PENDING'],
    ['rollback', { email: BOSS, to: 'INITIATOR' }, 'PENDING'],
    ['withdraw', undefined, 'CANCELED'],
    ['delete', undefined, 'DELETED'],
    ['overtime-close', { shownAs: 'REJECTED' }, 'PENDING'],
    ['auto-pass', undefined, 'APPROVED'],
    ['auto-reject', undefined, 'REJECTED'],
  ])('%s returns the card after the act, by code or uuid', async (name, body, status) => {
    const caller = await startCaller();
    const code = await caller.createInstance({ uuid: 'round-1' });
    expect(await ask(caller, 'POST', `/instances/ROUND-1/${name}`, body)).toMatchObject({
      status: 200,
      body: { instanceCode: code, status },
    });
    expect((await ask(caller, 'GET', `/instances/${code}`)).body).toMatchObject({
      instanceCode: code,
      status,
    });
  });

  test('resubmit reopens a card that was sent back to its initiator', async () => {
    const caller = await startCaller();
    const code = await caller.createInstance();
    await ask(caller, 'POST', `/instances/${code}/rollback`, { email: BOSS, to: 'INITIATOR' });
    expect((await ask(caller, 'GET', `/inbox?email=${BOSS}`)).body).toMatchObject({ pending: [] });
    expect((await ask(caller, 'POST', `/instances/${code}/resubmit`)).status).toBe(200);
    expect((await ask(caller, 'GET', `/inbox?email=${BOSS}`)).body).toMatchObject({
      pending: [{ instanceCode: code }],
    });
  });

  test('revert and overtime-recover reopen a card', async () => {
    const caller = await startCaller();
    const approval_code = await caller.createDefinition({ settings: {} });
    const code = await caller.createInstance({ approval_code });
    await ask(caller, 'POST', `/instances/${code}/approve`, { email: BOSS });
    expect((await ask(caller, 'POST', `/instances/${code}/revert`)).body).toMatchObject({
      status: 'PENDING',
      reverted: true,
    });
    await ask(caller, 'POST', `/instances/${code}/overtime-close`);
    expect((await ask(caller, 'POST', `/instances/${code}/overtime-recover`)).body).toMatchObject({
      overtime: false,
    });
  });

  test.each([
    ['nobody', { email: 'other@example.com' }, 403, 'NOT_THE_APPROVER'],
    ['a stranger', { email: 'x@elsewhere.org' }, 404, 'UNKNOWN_PERSON'],
    ['no e-mail', {}, 400, 'BAD_REQUEST'],
  ])('are refused for %s', async (_, body, status, code) => {
    const caller = await startCaller();
    const card = await caller.createInstance();
    expect(await ask(caller, 'POST', `/instances/${card}/approve`, body)).toMatchObject({
      status,
      body: { code },
    });
  });

  test('are refused for closed and unknown instances and for unknown acts', async () => {
    const caller = await startCaller();
    const code = await caller.createInstance();
    await ask(caller, 'POST', `/instances/${code}/withdraw`);
    expect(await ask(caller, 'POST', `/instances/${code}/approve`, { email: BOSS })).toMatchObject({
      status: 409,
      body: { code: 'NOT_POSSIBLE' },
    });
    for (const path of ['/instances/none/approve', `/instances/${code}/constructor`, '/nothing']) {
      expect((await ask(caller, 'POST', path, { email: BOSS })).status).toBe(404);
    }
  });

  test('are refused for a page of another origin', async () => {
    const caller = await startCaller();
    const code = await caller.createInstance();
    const tapFrom = (origin: string) =>
      caller.fetchRaw('POST', `/simulator/instances/${code}/approve`, {
        headers: { Origin: origin },
        body: JSON.stringify({ email: BOSS }),
      });
    expect((await tapFrom('https://evil.example')).status).toBe(403);
    expect((await tapFrom(caller.simulator.url)).status).toBe(200);
  });

  test('that are not JSON are refused', async () => {
    const caller = await startCaller();
    const response = await caller.fetchRaw('PUT', '/simulator/misbehave', { body: '{' });
    expect(response.status).toBe(400);
  });
});

describe('the counts of calls', () => {
  test('contain all and refused calls by endpoint, until they are reset', async () => {
    const caller = await startCaller();
    await caller.createInstance({ uuid: 'round-1' });
    await caller.call('GET', '/approval/v4/instances/none');
    await caller.call('GET', '/nowhere');
    expect((await ask(caller, 'GET', '/calls')).body).toEqual({
      calls: {
        token: expect.any(Number),
        people: 2,
        createDefinition: 1,
        createInstance: 1,
        getInstance: 1,
        unknown: 1,
      },
      refused: { getInstance: 1, unknown: 1 },
    });
    await ask(caller, 'POST', '/calls/reset');
    expect((await ask(caller, 'GET', '/calls')).body).toEqual({ calls: {}, refused: {} });
  });
});

describe('misbehaving over HTTP', () => {
  test('sets switches and states; a list replaces the one before; DELETE resets everything', async () => {
    const caller = await startCaller();
    const approval_code = await caller.createDefinition();
    await ask(caller, 'PUT', '/misbehave', {
      calls: [{ kind: 'HANG' }],
      events: [{ kind: 'REORDER', times: 1 }],
      scopes: ['contact:user.id:readonly'],
      botEnabled: false,
      quotaUsedUp: true,
      people: { 'gone@example.com': 'RESIGNED' },
      definitions: { [approval_code]: 'INACTIVE' },
    });
    expect((await ask(caller, 'GET', '/misbehave')).body).toEqual({
      faults: [{ kind: 'HANG' }, { kind: 'REORDER', times: 1 }],
    });
    await ask(caller, 'PUT', '/misbehave', { calls: [] });
    expect((await ask(caller, 'GET', '/misbehave')).body).toEqual({
      faults: [{ kind: 'REORDER', times: 1 }],
    });
    expect((await caller.call('GET', '/bot/v3/info')).code).toBe(11205);
    await expect(caller.openId('gone@example.com')).rejects.toThrow();
    expect((await caller.call('POST', '/approval/v4/instances', {})).code).toBe(99991403);

    await ask(caller, 'DELETE', '/misbehave');
    expect((await ask(caller, 'GET', '/misbehave')).body).toEqual({ faults: [] });
    await expect(caller.openId('gone@example.com')).resolves.toMatch(/^ou_/);
    await expect(caller.createInstance({ approval_code })).resolves.toMatch(/-/);
  });

  test('is refused with an unknown switch', async () => {
    const caller = await startCaller();
    for (const body of [{ calls: [{ kind: 'EXPLODE' }] }, { call: [] }]) {
      expect((await ask(caller, 'PUT', '/misbehave', body)).status).toBe(400);
    }
  });

  test('expires tokens and disables the app', async () => {
    const caller = await startCaller();
    const headers = { Authorization: `Bearer ${await caller.token()}` };
    await ask(caller, 'PUT', '/misbehave', { expireTokens: true });
    expect((await caller.call('GET', '/bot/v3/info', undefined, headers)).code).toBe(99991663);
    await ask(caller, 'PUT', '/misbehave', { appEnabled: false });
    expect((await caller.call('GET', '/bot/v3/info', undefined, headers)).code).toBe(99991662);
  });
});

test('the request URL is set and verified, and the deliveries are listed', async () => {
  const sink = await startEventSink();
  const caller = await startCaller();
  expect((await ask(caller, 'POST', '/verify-request-url')).body).toMatchObject({ ok: false });
  // The console keeps only a URL that answers the challenge (docs/feishu.md 5).
  expect((await ask(caller, 'PUT', '/event-url', { url: sink.url })).body).toEqual({
    ok: false,
    detail: 'the answer is not the challenge',
  });
  expect((await ask(caller, 'POST', '/verify-request-url')).body).toEqual({
    ok: false,
    detail: 'no request URL is set',
  });
  caller.simulator.control.setEventUrl(sink.url);
  const approval_code = await caller.createDefinition();
  await caller.call('POST', `/approval/v4/approvals/${approval_code}/subscribe`);
  const code = await caller.createInstance({ approval_code });
  await expect
    .poll(async () => (await ask(caller, 'GET', '/events')).body)
    .toMatchObject({
      events: [
        { instanceCode: code, type: 'approval_instance', outcome: 'ACKNOWLEDGED', attempts: 1 },
        { type: 'approval_task', outcome: 'ACKNOWLEDGED' },
      ],
    });
});

describe('the page', () => {
  test('loads only its own files and those of the kit, under a policy that allows nothing else', async () => {
    const caller = await startCaller();
    const page = await caller.fetchRaw('GET', '/');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
    const html = await page.text();
    const resources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url);
    expect(resources).toEqual(['/inbox-kit.css', '/inbox.css', '/inbox.js']);
    for (const url of resources) expect((await caller.fetchRaw('GET', url ?? '')).status).toBe(200);
    expect(html).not.toMatch(/<script>|style="|onclick=/);
  });

  test('inserts every text as text', async () => {
    const caller = await startCaller();
    const scripts = ['/inbox.js', '/inbox-kit.js'].map(async (path) =>
      (await caller.fetchRaw('GET', path)).text(),
    );
    expect((await Promise.all(scripts)).join('\n')).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/,
    );
  });

  test('gives no access to other files', async () => {
    const caller = await startCaller();
    for (const path of ['/server.ts', '/page/inbox.html', '/%2e%2e/server.ts', '/constructor']) {
      expect((await caller.fetchRaw('GET', path)).status).toBe(404);
    }
  });
});

test('a port in use is an error', async () => {
  const caller = await startCaller();
  await expect(startCaller({ port: caller.simulator.port })).rejects.toThrow('EADDRINUSE');
});
