import { describe, expect, test, vi } from 'vitest';
import { ACK_WITHIN_MS, RETRY_AFTER_MS } from '../../../infra/local/simulators/feishu/delivery.ts';
import { type EventFault, eventFaultSchema } from '../../../infra/local/simulators/feishu/faults.ts';
import { type Handled, startSdkReceiver } from './node-sdk-parts.ts';
import { type Caller, startCaller } from './raw-caller.ts';

/**
 * Events as the EventDispatcher of `@larksuiteoapi/node-sdk` reads them behind `adaptDefault`. It verifies the signature
 * of JSON that it serialised again, so events with white space never reach a handler (docs/feishu.md 11.3).
 */

const BOSS = 'boss@example.com';
const EVENT_ID = /^[0-9a-f]{32}$/;
type Control = Caller['simulator']['control'];

async function prepare() {
  const receiver = await startSdkReceiver();
  const caller = await startCaller();
  const { app, control } = caller.simulator;
  receiver.use(app);
  // Kept only if the SDK answers the challenge.
  expect(await control.enterRequestUrl(receiver.url)).toEqual({
    ok: true,
    detail: 'the challenge was answered',
  });
  const definition = await caller.createDefinition({ settings: {} });
  await caller.call('POST', `/approval/v4/approvals/${definition}/subscribe`);
  const create = () => caller.createInstance({ approval_code: definition, uuid: 'round-1' });
  const settled = () =>
    vi.waitFor(() => expect(control.deliveries().map(({ outcome }) => outcome)).not.toContain('WAITING'));
  return { receiver, caller, app, control, definition, create, settled };
}

const namesOf = (handled: readonly Handled[]) => handled.map(({ by, event }) => `${by} ${event.status}`);

test('the SDK answers the challenge only with the right key', async () => {
  const { receiver, caller, app, control } = await prepare();
  expect(await control.verifyRequestUrl()).toEqual({ ok: true, detail: 'the challenge was answered' });
  expect(receiver.requests()).toBe(2);
  expect(receiver.handled).toEqual([]);
  receiver.use({ ...app, encryptKey: '' });
  const verified = control.verifyRequestUrl();
  await vi.waitFor(() => expect(receiver.requests()).toBe(3));
  caller.clock.advance(1000);
  expect(await verified).toMatchObject({ ok: false });
});

describe('an event', () => {
  test('of an instance reaches its handler flattened: the uuid is that of the event', async () => {
    const { receiver, caller, app, definition, create, settled } = await prepare();
    const code = await create();
    await settled();
    const now = String(caller.clock.now());
    expect(receiver.handled[0]).toEqual({
      by: 'approval_instance',
      event: {
        app_id: app.appId,
        tenant_key: expect.stringMatching(/./),
        approval_code: definition,
        instance_code: code,
        status: 'PENDING',
        operate_time: now,
        instance_operate_time: now,
        uuid: expect.stringMatching(EVENT_ID),
        ts: expect.stringMatching(/^\d{10}\.\d{7}$/),
        token: app.verificationToken,
        type: 'event_callback',
      },
    });
  });

  test('of a task reaches its handler with person and node', async () => {
    const { receiver, caller, app, definition, create, settled } = await prepare();
    const code = await create();
    await settled();
    expect(receiver.handled[1]).toEqual({
      by: 'approval_task',
      event: {
        app_id: app.appId,
        tenant_key: expect.stringMatching(/./),
        approval_code: definition,
        instance_code: code,
        status: 'PENDING',
        task_id: expect.stringMatching(/^\d{19}$/),
        open_id: await caller.openId(BOSS),
        user_id: expect.stringMatching(/./),
        operate_time: String(caller.clock.now()),
        custom_key: 'approve-here',
        def_key: expect.stringMatching(/^[0-9a-f]{32}$/),
        extra: '',
        uuid: expect.stringMatching(EVENT_ID),
        ts: expect.stringMatching(/^\d{10}\.\d{7}$/),
        token: app.verificationToken,
        type: 'event_callback',
      },
    });
  });
});

/** Every act on a pending card that sends events. */
const ACTS: [string, (control: Control, code: string) => unknown][] = [
  ['approved', (control, code) => control.approve(code, BOSS, 'yes')],
  ['rejected', (control, code) => control.reject(code, BOSS, 'no')],
  ['transferred', (control, code) => control.transfer(code, BOSS, 'other@example.com')],
  ['given another signer', (control, code) => control.addSigner(code, BOSS, 'other@example.com', 'BEFORE')],
  ['sent back', (control, code) => control.rollback(code, BOSS)],
  ['withdrawn', (control, code) => control.withdraw(code)],
  ['deleted', (control, code) => control.deleteInstance(code)],
  ['approved automatically', (control, code) => control.autoPass(code)],
  ['rejected automatically', (control, code) => control.autoReject(code)],
  [
    'timed out and recovered',
    (control, code) => {
      control.overtimeClose(code);
      control.overtimeRecover(code);
    },
  ],
  [
    'approved and reverted',
    (control, code) => {
      control.approve(code, BOSS);
      control.revert(code);
    },
  ],
];

describe('every event reaches the handler of its type', () => {
  test.each(ACTS)('when a card is %s', async (_what, act) => {
    const { receiver, control, create, settled } = await prepare();
    const code = await create();
    act(control, code);
    await settled();
    const sent = control.deliveries();
    expect(new Set(sent.map(({ eventId }) => eventId)).size).toBe(sent.length);
    expect(sent.length).toBeGreaterThan(2);
    expect(
      receiver.handled.map(({ by, event }) => ({
        eventId: event.uuid,
        instanceCode: event.instance_code,
        type: by,
        status: event.status,
        attempts: 1,
        outcome: 'ACKNOWLEDGED',
      })),
    ).toEqual(sent);
  });

  test('these acts send every status of docs/feishu.md 4.1', async () => {
    const seen = new Set<string>();
    for (const [, act] of ACTS) {
      const { receiver, control, create, settled } = await prepare();
      act(control, await create());
      await settled();
      for (const name of namesOf(receiver.handled)) seen.add(name);
    }
    const instance = ['PENDING', 'APPROVED', 'REJECTED', 'CANCELED', 'DELETED', 'REVERTED'];
    const task = ['PENDING', 'APPROVED', 'REJECTED', 'TRANSFERRED', 'ROLLBACK', 'DONE', 'REVERTED'];
    const overtime = ['OVERTIME_CLOSE', 'OVERTIME_RECOVER'];
    expect([...seen].sort()).toEqual(
      [
        ...[...instance, ...overtime].map((status) => `approval_instance ${status}`),
        ...[...task, ...overtime].map((status) => `approval_task ${status}`),
      ].sort(),
    );
  });

  test('also one whose operate_time is a number', async () => {
    const { receiver, caller, control, create, settled } = await prepare();
    const code = await create();
    control.approve(code, BOSS);
    control.revert(code);
    await settled();
    const reverted = receiver.handled.find(
      ({ by, event }) => by === 'approval_instance' && event.status === 'REVERTED',
    );
    expect(reverted?.event.operate_time).toBe(caller.clock.now());
  });
});

describe('with faults of events', () => {
  const [TASK, INSTANCE] = ['approval_task APPROVED', 'approval_instance APPROVED'];
  /** The events of an approval that arrive with each fault. */
  const ARRIVES: Record<EventFault['kind'], string[]> = {
    DUPLICATE: [TASK, TASK, INSTANCE, INSTANCE],
    REORDER: [INSTANCE, TASK],
    LOSE: [],
    WHITE_SPACE: [],
    LOSE_DECISION: [],
  };

  test.each(eventFaultSchema.options.map((option) => option.shape.kind.value))(
    'events with %s reach the handlers, except with white space',
    async (kind) => {
      const { receiver, control, create, settled } = await prepare();
      const code = await create();
      await settled();
      const before = { handled: receiver.handled.length, requests: receiver.requests() };
      control.misbehave(eventFaultSchema.parse({ kind }));
      control.approve(code, BOSS);
      await settled();
      const arrived = receiver.handled.slice(before.handled);
      expect(namesOf(arrived)).toEqual(ARRIVES[kind]);
      const requests = receiver.requests() - before.requests;
      expect(requests).toBe(kind === 'WHITE_SPACE' ? 2 : arrived.length);
    },
  );

  test('an event that was not acknowledged is repeated with a valid signature', async () => {
    const { receiver, caller, control, create, settled } = await prepare();
    // adaptDefault answers only its own path.
    control.setEventUrl(receiver.url.replace('/feishu/events', '/elsewhere'));
    const requests = receiver.requests();
    await create();
    await vi.waitFor(() => expect(receiver.requests()).toBe(requests + 1));
    caller.clock.advance(ACK_WITHIN_MS);
    control.setEventUrl(receiver.url);
    await vi.waitFor(() => expect(caller.clock.dueIn()).toEqual([RETRY_AFTER_MS[0]]));
    expect(receiver.handled).toEqual([]);
    caller.clock.advance(RETRY_AFTER_MS[0]);
    await settled();
    expect(namesOf(receiver.handled)).toEqual(['approval_instance PENDING', 'approval_task PENDING']);
    expect(control.deliveries().map(({ attempts }) => attempts)).toEqual([2, 1]);
  });
});
