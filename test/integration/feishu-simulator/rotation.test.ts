import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { decrypt, type EventSink, startEventSink } from './event-sink.ts';
import { type Caller, startCaller } from './raw-caller.ts';

const askForToken = (caller: Caller, app_secret: string) =>
  caller.call(
    'POST',
    '/auth/v3/tenant_access_token/internal',
    { app_id: caller.simulator.app.appId, app_secret },
    {},
  );

async function prepare() {
  const sink = await startEventSink();
  const caller = await startCaller({ eventUrl: sink.url });
  const approval_code = await caller.createDefinition();
  await caller.call('POST', `/approval/v4/approvals/${approval_code}/subscribe`);
  return { sink, caller, create: () => caller.createInstance({ approval_code }) };
}
const received = (sink: EventSink, count: number) =>
  vi.waitFor(() => expect(sink.received).toHaveLength(count));

describe('a rotated app secret', () => {
  test('ends the old one, but no issued token', async () => {
    const caller = await startCaller();
    const old = { ...caller.simulator.app };
    const token = await caller.token();
    const now = caller.simulator.control.rotate({ appSecret: true });
    expect(now).toEqual({ ...old, appSecret: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(now.appSecret).not.toBe(old.appSecret);
    expect(caller.simulator.app).toEqual(now);
    expect(await askForToken(caller, old.appSecret)).toMatchObject({
      status: 200,
      code: 10014,
      body: { msg: 'app secret invalid' },
    });
    expect((await askForToken(caller, now.appSecret)).body.tenant_access_token).toBe(token);
    const headers = { Authorization: `Bearer ${token}` };
    expect((await caller.call('GET', '/bot/v3/info', undefined, headers)).code).toBe(0);
  });
});

describe('a rotated encrypt key and verification token', () => {
  test('are used for every later event', async () => {
    const { sink, caller, create } = await prepare();
    const { encryptKey, verificationToken } = caller.simulator.control.rotate({
      encryptKey: true,
      verificationToken: true,
    });
    await create();
    await received(sink, 2);
    expect(sink.open(encryptKey).map(({ token }) => token)).toEqual([verificationToken, verificationToken]);
  });

  test('are also used for repeats of earlier events', async () => {
    const { sink, caller, create } = await prepare();
    const old = { ...caller.simulator.app };
    sink.answer(() => 500);
    await create();
    await vi.waitFor(() => expect(caller.clock.dueIn()).toEqual([15_000]));
    const now = caller.simulator.control.rotate({ encryptKey: true, verificationToken: true });
    sink.answer(() => 200);
    caller.clock.advance(15_000);
    await received(sink, 3);
    const [first, repeat] = sink.received.map(({ raw }, index) =>
      decrypt(index === 0 ? old.encryptKey : now.encryptKey, raw),
    );
    const uuid = z.looseObject({ uuid: z.string() }).parse(first).uuid;
    expect(first).toMatchObject({ token: old.verificationToken });
    expect(repeat).toMatchObject({ uuid, token: now.verificationToken });
  });

  test('are used for challenges', async () => {
    const { sink, caller } = await prepare();
    const now = caller.simulator.control.rotate({ encryptKey: true, verificationToken: true });
    await caller.simulator.control.verifyRequestUrl();
    expect(decrypt(now.encryptKey, sink.received[0]?.raw ?? '')).toMatchObject({
      type: 'url_verification',
      token: now.verificationToken,
    });
  });
});

describe('POST /simulator/rotate', () => {
  const rotate = async (caller: Caller, body: unknown, path = '/simulator/rotate') => {
    const response = await caller.fetchRaw('POST', path, { body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  };

  test('returns the four present values, and keeps those that it does not name', async () => {
    const caller = await startCaller();
    const old = { ...caller.simulator.app };
    const { status, body } = await rotate(caller, { verificationToken: true });
    expect(status).toBe(200);
    expect(body).toEqual({ ...old, verificationToken: caller.simulator.app.verificationToken });
    expect(caller.simulator.app.verificationToken).not.toBe(old.verificationToken);
  });

  test('rotates only the app with the given id', async () => {
    const caller = await startCaller();
    const second = caller.simulator.addApp({ platform: 'lark' });
    const [ours, theirs] = [{ ...caller.simulator.app }, { ...second.app }];
    await rotate(caller, { appSecret: true }, `/simulator/apps/${second.app.appId}/rotate`);
    expect(caller.simulator.app).toEqual(ours);
    expect(second.app.appSecret).not.toBe(theirs.appSecret);
  });

  test.each([{ appId: true }, { appSecret: false }, { appSecret: 'mine' }])('refuses %j', async (body) => {
    const caller = await startCaller();
    expect((await rotate(caller, body)).status).toBe(400);
  });
});
