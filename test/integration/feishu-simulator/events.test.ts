import { createHash } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { decrypt, type EventSink, type ReceivedEvent, startEventSink } from './event-sink.ts';
import { type Caller, startCaller } from './raw-caller.ts';

const BOSS = 'boss@example.com';

/** A subscribed definition whose events arrive at a sink. */
async function prepare(changes: Record<string, unknown> = {}) {
  const sink = await startEventSink();
  const caller = await startCaller({ eventUrl: sink.url });
  const definition = await caller.createDefinition(changes);
  await caller.call('POST', `/approval/v4/approvals/${definition}/subscribe`);
  const create = (more: Record<string, unknown> = {}) =>
    caller.createInstance({ approval_code: definition, ...more });
  return { sink, caller, control: caller.simulator.control, definition, create };
}
const openAfter = async (sink: EventSink, caller: Caller, count: number): Promise<ReceivedEvent[]> => {
  await vi.waitFor(() => expect(sink.received.length).toBeGreaterThanOrEqual(count));
  return sink.open(caller.simulator.app.encryptKey);
};
const namesOf = (events: ReceivedEvent[]) => events.map(({ event }) => `${event.type} ${event.status}`);

describe('an event', () => {
  test('is encrypted and signed over its raw bytes', async () => {
    const { sink, caller, create } = await prepare();
    await create();
    await openAfter(sink, caller, 2);
    const [first] = sink.received;
    expect(Object.keys(JSON.parse(first?.raw ?? ''))).toEqual(['encrypt']);
    const { 'x-lark-request-timestamp': timestamp, 'x-lark-request-nonce': nonce } = first?.headers ?? {};
    const signed = `${timestamp}${nonce}${caller.simulator.app.encryptKey}${first?.raw}`;
    expect(first?.headers['x-lark-signature']).toBe(createHash('sha256').update(signed).digest('hex'));
    expect(Number(timestamp)).toBe(Math.floor(caller.clock.now() / 1000));
  });

  test('of an instance contains its code and uuid, and no user', async () => {
    const { sink, caller, definition, create } = await prepare();
    const code = await create({ uuid: 'round-1' });
    const [instance] = await openAfter(sink, caller, 2);
    const now = String(caller.clock.now());
    expect(instance).toEqual({
      uuid: expect.stringMatching(/^[0-9a-f]{32}$/),
      ts: expect.stringMatching(/^\d{10}\.\d{7}$/),
      token: caller.simulator.app.verificationToken,
      type: 'event_callback',
      event: {
        app_id: caller.simulator.app.appId,
        tenant_key: expect.any(String),
        type: 'approval_instance',
        approval_code: definition,
        instance_code: code,
        status: 'PENDING',
        operate_time: now,
        instance_operate_time: now,
        uuid: 'round-1',
      },
    });
  });

  test('of a task contains the person and the node', async () => {
    const { sink, caller, create } = await prepare();
    const code = await create();
    const [, task] = await openAfter(sink, caller, 2);
    expect(task?.event).toEqual({
      app_id: caller.simulator.app.appId,
      tenant_key: expect.any(String),
      type: 'approval_task',
      approval_code: expect.any(String),
      instance_code: code,
      task_id: expect.stringMatching(/^\d{19}$/),
      open_id: await caller.openId(BOSS),
      user_id: expect.stringMatching(/^[0-9a-f]{8}$/),
      status: 'PENDING',
      operate_time: String(caller.clock.now()),
      custom_key: 'approve-here',
      def_key: expect.stringMatching(/^[0-9a-f]{32}$/),
      extra: '',
    });
  });

  test('has its own id', async () => {
    const { sink, caller, create } = await prepare();
    await create();
    const events = await openAfter(sink, caller, 2);
    expect(new Set(events.map(({ uuid }) => uuid)).size).toBe(2);
  });
});

describe('events come in order', () => {
  const START = ['approval_instance PENDING', 'approval_task PENDING'];
  type Control = Caller['simulator']['control'];

  test.each<[string, (control: Control, code: string) => unknown, string[]]>([
    [
      'approved',
      (control, code) => control.approve(code, BOSS),
      ['approval_task APPROVED', 'approval_instance APPROVED'],
    ],
    [
      'rejected',
      (control, code) => control.reject(code, BOSS),
      ['approval_task REJECTED', 'approval_instance REJECTED'],
    ],
    [
      'transferred',
      (control, code) => control.transfer(code, BOSS, 'other@example.com'),
      ['approval_task TRANSFERRED', 'approval_task PENDING'],
    ],
    [
      'withdrawn',
      (control, code) => control.withdraw(code),
      ['approval_task DONE', 'approval_instance CANCELED'],
    ],
    [
      'deleted',
      (control, code) => control.deleteInstance(code),
      ['approval_task DONE', 'approval_instance DELETED'],
    ],
    [
      'timed out',
      (control, code) => control.overtimeClose(code),
      ['approval_task OVERTIME_CLOSE', 'approval_instance OVERTIME_CLOSE'],
    ],
    [
      'approved automatically',
      (control, code) => control.autoPass(code),
      ['approval_task DONE', 'approval_task APPROVED', 'approval_instance APPROVED'],
    ],
    [
      'rejected automatically',
      (control, code) => control.autoReject(code),
      ['approval_task DONE', 'approval_task REJECTED', 'approval_instance REJECTED'],
    ],
    [
      'sent back',
      (control, code) => control.rollback(code, BOSS),
      ['approval_task ROLLBACK', 'approval_task PENDING'],
    ],
  ])('when a card is %s', async (_, act, expected) => {
    const { sink, caller, control, create } = await prepare();
    act(control, await create());
    const events = await openAfter(sink, caller, START.length + expected.length);
    expect(namesOf(events)).toEqual([...START, ...expected]);
  });

  test('when a timed-out card is recovered', async () => {
    const { sink, caller, control, create } = await prepare();
    const code = await create();
    control.overtimeClose(code);
    control.overtimeRecover(code);
    const events = await openAfter(sink, caller, 6);
    expect(namesOf(events).slice(4)).toEqual([
      'approval_instance OVERTIME_RECOVER',
      'approval_task OVERTIME_RECOVER',
    ]);
  });

  test('REVERTED has a number as its operate_time, all others a string', async () => {
    const { sink, caller, control, create } = await prepare({ settings: {} });
    const code = await create();
    control.approve(code, BOSS);
    control.revert(code);
    const events = await openAfter(sink, caller, 7);
    expect(namesOf(events).slice(4)).toEqual([
      'approval_instance REVERTED',
      'approval_task REVERTED',
      'approval_task PENDING',
    ]);
    const kinds = events.map(({ event }) => typeof event.operate_time);
    expect(kinds).toEqual(['string', 'string', 'string', 'string', 'number', 'string', 'string']);
  });

  test('a revocation may be one event of another instance, in envelope 2.0', async () => {
    const { sink, caller, control, create } = await prepare({ settings: {} });
    const code = await create();
    control.approve(code, BOSS);
    const body = JSON.stringify({ revocationsSentAs: 'AN_INSTANCE' });
    await caller.fetchRaw('PUT', '/simulator/misbehave', { body });
    control.revert(code);
    await vi.waitFor(() => expect(sink.received.length).toBe(5));
    const told = decrypt(caller.simulator.app.encryptKey, sink.received.at(-1)?.raw ?? '');
    expect(told).toMatchObject({
      schema: '2.0',
      header: {
        event_type: 'approval.instance.status_changed_v4',
        event_id: expect.stringMatching(/./),
        app_id: caller.simulator.app.appId,
        token: caller.simulator.app.verificationToken,
      },
      event: { reverted_instance_code: code, instance_code: expect.not.stringMatching(code) },
    });
    expect(told).not.toHaveProperty('event.uuid');

    control.behave();
    const next = await create();
    control.approve(next, BOSS);
    control.revert(next);
    await vi.waitFor(() => expect(sink.received.length).toBe(12));
  });

  test('an automatic pass has an empty open_id and user_id', async () => {
    const { sink, caller, control, create } = await prepare();
    control.autoPass(await create());
    const events = await openAfter(sink, caller, 5);
    expect(events[3]?.event).toMatchObject({ status: 'APPROVED', open_id: '', user_id: '' });
  });

  test('a rollback names its target nodes in extra', async () => {
    const { sink, caller, control, create } = await prepare();
    control.rollback(await create(), BOSS);
    const events = await openAfter(sink, caller, 4);
    expect(JSON.parse(String(events[2]?.event.extra))).toMatchObject({
      rollback_custom_node_ids: ['approve-here'],
    });
  });
});

describe('no event is sent', () => {
  test.each<[string, (caller: Caller, definition: string) => unknown]>([
    [
      'without a subscription',
      (caller, code) => caller.call('POST', `/approval/v4/approvals/${code}/unsubscribe`),
    ],
    [
      'without one of the two event scopes',
      (caller) => caller.simulator.control.setScopes(['approval:instance', 'contact:user.id:readonly']),
    ],
    ['without a request URL', (caller) => caller.simulator.control.setEventUrl(undefined)],
  ])('%s', async (_, prevent) => {
    const { sink, caller, control, definition, create } = await prepare();
    await prevent(caller, definition);
    await create();
    expect(control.deliveries().filter(({ outcome }) => outcome !== 'LOST')).toEqual([]);
    expect(sink.received).toEqual([]);
  });
});

describe('the challenge', () => {
  test('is encrypted and not signed', async () => {
    const { sink, caller, control } = await prepare();
    expect(await control.verifyRequestUrl()).toEqual({
      ok: false,
      detail: 'the answer is not the challenge',
    });
    const [sent] = sink.received;
    expect(Object.keys(sent?.headers ?? {}).filter((name) => name.startsWith('x-lark'))).toEqual([]);
    expect(sink.received.map(({ raw }) => decrypt(caller.simulator.app.encryptKey, raw))).toEqual([
      {
        type: 'url_verification',
        token: caller.simulator.app.verificationToken,
        challenge: expect.any(String),
      },
    ]);
  });

  test('succeeds only with the right answer', async () => {
    const { sink, caller, control } = await prepare();
    const { encryptKey } = caller.simulator.app;
    sink.reply((received) => JSON.stringify(decrypt(encryptKey, received.raw)));
    expect(await control.verifyRequestUrl()).toEqual({ ok: true, detail: 'the challenge was answered' });
    sink.answer(() => 401);
    expect(await control.verifyRequestUrl()).toEqual({ ok: false, detail: 'HTTP 401' });
    control.setEventUrl(undefined);
    expect(await control.verifyRequestUrl()).toEqual({ ok: false, detail: 'no request URL is set' });
  });

  test('must be answered within a second', async () => {
    const { sink, caller, control } = await prepare();
    sink.answer(() => 'NEVER');
    const verified = control.verifyRequestUrl();
    await vi.waitFor(() => expect(sink.received).toHaveLength(1));
    caller.clock.advance(1000);
    expect(await verified).toEqual({ ok: false, detail: 'no answer within 1 second' });
  });
});
