import { request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { startOaSimulator } from '../../../infra/local/simulators/oa/server.ts';
import { declareSecret } from '../../support/secrets.ts';
import { startEventSink } from '../feishu-simulator/event-sink.ts';
import { aRequest } from './an-oa.ts';

const SECRET = `whsec_${Buffer.from('the signing secret of a test').toString('base64')}`;
const OTHER_SECRET = `whsec_${Buffer.from('the secret of somebody else').toString('base64')}`;
const BOARD = 'board@example.com';
declareSecret('signing secret', SECRET);

async function start(port = 0, elseAnyPort = false) {
  const oa = await startOaSimulator({ port, elseAnyPort, signingSecret: SECRET });
  onTestFinished(() => oa.close());
  return oa;
}
type Started = Awaited<ReturnType<typeof start>>;

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

function signed(body: string, { secret = SECRET, at = new Date() } = {}): Record<string, string> {
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign('msg_1', at, body),
  };
}

async function ask(oa: Started, method: string, path: string, body = '', headers = signed(body)) {
  const response = await fetch(`${oa.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'idempotency-key': 'a1', ...headers },
    ...(body !== '' && { body }),
  });
  return { status: response.status, body: z.record(z.string(), z.unknown()).parse(await response.json()) };
}

async function open(oa: Started): Promise<string> {
  const { body } = await ask(oa, 'POST', '/approval', JSON.stringify(aRequest()));
  return z.string().parse(body.id);
}

const control = (oa: Started, method: string, path: string, body?: unknown, headers = {}) =>
  fetch(`${oa.url}/simulator${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

describe('a signed request', () => {
  it('is accepted: POST, GET and PATCH', async () => {
    const oa = await start();
    const id = await open(oa);
    expect(await ask(oa, 'GET', `/approval/${id}`)).toEqual({ status: 200, body: { id, status: 'PENDING' } });
    const cancel = JSON.stringify({ action: 'CANCEL', reason: 'BELL' });
    expect(await ask(oa, 'PATCH', `/approval/${id}`, cancel)).toMatchObject({ status: 200 });
    expect(oa.control.calls()).toEqual({ POST: 1, GET: 1, PATCH: 1 });
  });

  it('may be four minutes old, and have a signature of another version beside a valid one', async () => {
    const oa = await start();
    const headers = signed('', { at: minutesAgo(4) });
    headers['webhook-signature'] = `v1a,AAAA ${headers['webhook-signature']}`;
    expect((await ask(oa, 'GET', '/approval/none', '', headers)).status).toBe(404);
  });
});

describe('a request with an invalid signature', () => {
  const body = JSON.stringify(aRequest());
  const withoutOne = (name: string) =>
    Object.fromEntries(Object.entries(signed(body)).filter(([key]) => key !== name));
  it.each([
    ['without any header', {}],
    ['without an id', withoutOne('webhook-id')],
    ['without a timestamp', withoutOne('webhook-timestamp')],
    ['without a signature', withoutOne('webhook-signature')],
    ['with another secret', signed(body, { secret: OTHER_SECRET })],
    ['from six minutes ago', signed(body, { at: minutesAgo(6) })],
    ['from six minutes ahead', signed(body, { at: minutesAgo(-6) })],
    ['for another body', signed(`${body} `)],
    ['with an id that was not signed', { ...signed(body), 'webhook-id': 'msg_2' }],
    ['with a malformed signature', { ...signed(body), 'webhook-signature': 'v1' }],
  ])('%s gets 401, and is not carried out', async (_what, headers) => {
    const oa = await start();
    expect((await ask(oa, 'POST', '/approval', body, headers)).status).toBe(401);
    expect(oa.approvals.size).toBe(0);
    expect(oa.control.calls().POST).toBe(0);
  });
});

describe('an event', () => {
  it('is signed with the secret of the node, over the sent bytes', async () => {
    const oa = await start();
    const sink = await startEventSink();
    oa.control.setEventsUrl(sink.url);
    oa.control.approve(await open(oa), BOARD);
    await vi.waitFor(() => expect(sink.received).toHaveLength(1));
    const [{ raw, headers } = { raw: '', headers: {} }] = sink.received;
    const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    expect(new Webhook(SECRET).verify(raw, given)).toEqual({ approvalId: 'a1' });
    expect(() => new Webhook(OTHER_SECRET).verify(raw, given)).toThrow();
    await vi.waitFor(() => expect(oa.control.deliveries()).toMatchObject([{ outcome: 'ACKNOWLEDGED' }]));
  });

  it('waits for a repeat while the URL for events is not set', async () => {
    const oa = await start();
    oa.control.approve(await open(oa), BOARD);
    await vi.waitFor(() =>
      expect(oa.control.deliveries()).toMatchObject([{ attempts: 1, outcome: 'WAITING' }]),
    );
  });
});

describe('the HTTP answer', () => {
  it('is a reset connection with RESET_BEFORE', async () => {
    const oa = await start();
    oa.control.misbehave({ kind: 'RESET_BEFORE' });
    await expect(ask(oa, 'GET', '/approval/none')).rejects.toThrow(TypeError);
  });

  it('never comes with HANG', async () => {
    const oa = await start();
    oa.control.misbehave({ kind: 'HANG' });
    const asked = ask(oa, 'GET', '/approval/none');
    await vi.waitFor(() => expect(oa.control.calls().GET).toBe(1));
    await oa.close();
    await expect(asked).rejects.toThrow(TypeError);
  });

  it('is late with SLOW', async () => {
    const oa = await start();
    oa.control.misbehave({ kind: 'SLOW', ms: 20 });
    expect((await ask(oa, 'GET', '/approval/none')).status).toBe(404);
  });

  it('is 413 for a body of more than 2 MiB', async () => {
    const oa = await start();
    expect((await ask(oa, 'POST', '/approval', ' '.repeat(2 * 1024 * 1024 + 1))).status).toBe(413);
  });
});

describe('the control over HTTP', () => {
  it('lists the approvals, newest first, and decides them by either id', async () => {
    const oa = await start();
    const id = await open(oa);
    expect(await (await control(oa, 'GET', '/approvals')).json()).toMatchObject({
      approvals: [{ id, request: aRequest(), status: 'PENDING' }],
    });
    const answer = await control(oa, 'POST', '/approvals/a1/reject', { by: BOARD, comment: 'no' });
    expect(await answer.json()).toMatchObject({ id, status: 'REJECTED', comment: 'no' });
    expect(await (await control(oa, 'GET', `/approvals/${id}`)).json()).toMatchObject({ status: 'REJECTED' });
  });

  it('sets faults, counts, forgets, and shows the URL and the deliveries of events', async () => {
    const oa = await start();
    const json = async (...call: [string, string, unknown?]) => (await control(oa, ...call)).json();
    const faults = [{ kind: 'REDIRECT', on: 'GET', status: 302, to: '/elsewhere' }];
    expect(await json('PUT', '/misbehave', { faults: [{ kind: 'REDIRECT', on: 'GET' }] })).toEqual({
      faults,
    });
    expect(await json('GET', '/misbehave')).toEqual({ faults });
    expect(await json('DELETE', '/misbehave')).toEqual({ faults: [] });
    await open(oa);
    expect(await json('GET', '/calls')).toEqual({ POST: 1, GET: 0, PATCH: 0 });
    expect(await json('POST', '/calls/reset')).toEqual({ POST: 0, GET: 0, PATCH: 0 });
    const url = 'http://127.0.0.1:9/events';
    expect(await json('PUT', '/events-url', { url })).toEqual({ url });
    expect(await json('GET', '/events-url')).toEqual({ url });
    expect(await json('GET', '/events')).toEqual({ events: [] });
    expect(await json('POST', '/forget')).toEqual({});
    expect(await json('GET', '/approvals')).toEqual({ approvals: [] });
  });

  it.each([
    ['POST', '/approvals/none/approve', { by: BOARD }, 404],
    ['POST', '/approvals/a1/approve', {}, 400],
    ['POST', '/approvals/a1/approve', { by: '' }, 400],
    ['POST', '/approvals/a1/close', { by: BOARD }, 404],
    ['GET', '/approvals/none', undefined, 404],
    ['GET', '/nothing', undefined, 404],
    ['PUT', '/misbehave', { faults: [{ kind: 'LAUGH' }] }, 400],
    ['PUT', '/events-url', { url: 'here' }, 400],
  ])('returns for %s %s with %j the status %i', async (method, path, body, status) => {
    const oa = await start();
    await open(oa);
    const answer = await control(oa, method, path, body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ code: expect.any(String), message: expect.any(String) });
  });

  it('returns 409 for a decision that is too late', async () => {
    const oa = await start();
    oa.control.approve(await open(oa), BOARD);
    const answer = await control(oa, 'POST', '/approvals/a1/reject', { by: BOARD });
    expect(answer.status).toBe(409);
    expect(await answer.json()).toEqual({ code: 'NOT_POSSIBLE', message: 'the approval is APPROVED' });
  });

  it.each([
    ['its own origin', { origin: 'https://evil.example' }],
    ['a host name that resolves to this machine', { host: 'evil.example' }],
  ])('is out of reach for a web page elsewhere, given away by %s', async (_what, headers) => {
    const oa = await start();
    const id = await open(oa);
    expect(await statusOf(oa.port, 'GET', '/simulator/approvals', headers)).toBe(403);
    expect(await statusOf(oa.port, 'POST', `/simulator/approvals/${id}/approve`, headers)).toBe(403);
    expect(oa.approvals.get(id)?.status).toBe('PENDING');
  });
});

/** Over raw HTTP: fetch sets the host itself. */
const statusOf = (port: number, method: string, path: string, headers: Record<string, string>) =>
  new Promise<number>((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

describe('the inbox page', () => {
  it.each([
    ['/', 'text/html'],
    ['/inbox.css', 'text/css'],
    ['/inbox.js', 'text/javascript'],
    ['/inbox-kit.css', 'text/css'],
    ['/inbox-kit.js', 'text/javascript'],
  ])('%s is %s, under a policy that allows no other source', async (path, type) => {
    const oa = await start();
    const response = await fetch(`${oa.url}${path}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain(type);
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self';/,
    );
    await response.text();
  });

  it('has the title of an OA', async () => {
    expect(await (await fetch(`${(await start()).url}/`)).text()).toContain('<title>Demo OA');
  });

  it('has no other file', async () => {
    expect((await fetch(`${(await start()).url}/../server.ts`)).status).toBe(404);
  });
});

describe('the port', () => {
  const aBusyPort = async (): Promise<number> => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise((resolve) => void server.close(() => resolve())));
    return z.object({ port: z.number() }).parse(server.address()).port;
  };

  it('is another one when it is in use and elseAnyPort is set', async () => {
    const port = await aBusyPort();
    const oa = await start(port, true);
    expect(oa.port).not.toBe(port);
    expect((await fetch(`${oa.url}/`)).status).toBe(200);
  });

  it('is refused when it is in use and elseAnyPort is not set', async () => {
    await expect(start(await aBusyPort())).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
