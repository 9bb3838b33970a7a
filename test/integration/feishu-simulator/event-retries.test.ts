import { describe, expect, test, vi } from 'vitest';
import { type EventSink, startEventSink } from './event-sink.ts';
import { type Caller, startCaller } from './raw-caller.ts';

const BOSS = 'boss@example.com';
const PAUSES = [15_000, 5 * 60_000, 3_600_000, 6 * 3_600_000];

async function prepare() {
  const sink = await startEventSink();
  const caller = await startCaller({ eventUrl: sink.url });
  const definition = await caller.createDefinition();
  await caller.call('POST', `/approval/v4/approvals/${definition}/subscribe`);
  const create = () => caller.createInstance({ approval_code: definition });
  return { sink, caller, control: caller.simulator.control, create };
}
const received = (sink: EventSink, count: number) =>
  vi.waitFor(() => expect(sink.received).toHaveLength(count));
/** A failed attempt is over when only its retry waits on the clock. */
const retryIn = (caller: Caller, ms: number) => vi.waitFor(() => expect(caller.clock.dueIn()).toEqual([ms]));
const namesOf = (sink: EventSink, caller: Caller) =>
  sink.open(caller.simulator.app.encryptKey).map(({ event }) => `${event.type} ${event.status}`);

describe('an event that is not acknowledged', () => {
  test('is repeated after 15 s, 5 min, 1 h and 6 h with the same id, then lost, and the next one is sent', async () => {
    const { sink, caller, control, create } = await prepare();
    sink.answer(() => 500);
    await create();
    for (const [attempt, pause] of PAUSES.entries()) {
      await received(sink, attempt + 1);
      await retryIn(caller, pause);
      caller.clock.advance(pause - 1);
      expect(sink.received).toHaveLength(attempt + 1);
      caller.clock.advance(1);
    }
    await received(sink, 6);
    const events = sink.open(caller.simulator.app.encryptKey);
    expect(new Set(events.slice(0, 5).map(({ uuid }) => uuid)).size).toBe(1);
    expect(namesOf(sink, caller).slice(4)).toEqual(['approval_instance PENDING', 'approval_task PENDING']);
    expect(control.deliveries()[0]).toMatchObject({ attempts: 5, outcome: 'LOST' });
  });

  test('holds back later events of its instance, which follow in order after it', async () => {
    const { sink, caller, control, create } = await prepare();
    sink.answer(() => 503);
    const code = await create();
    await received(sink, 1);
    await retryIn(caller, 15_000);
    control.approve(code, BOSS);
    expect(control.deliveries().map(({ attempts }) => attempts)).toEqual([1, 0, 0, 0]);
    sink.answer(() => 200);
    caller.clock.advance(15_000);
    await received(sink, 5);
    expect(namesOf(sink, caller)).toEqual([
      'approval_instance PENDING',
      'approval_instance PENDING',
      'approval_task PENDING',
      'approval_task APPROVED',
      'approval_instance APPROVED',
    ]);
  });

  test('does not hold back other instances', async () => {
    const { sink, caller, control, create } = await prepare();
    sink.answer(() => 503);
    const blocked = await create();
    await received(sink, 1);
    await retryIn(caller, 15_000);
    sink.answer(() => 200);
    const free = await create();
    await received(sink, 3);
    const outcomes = control.deliveries().map(({ instanceCode, outcome }) => [instanceCode, outcome]);
    await vi.waitFor(() => expect(control.deliveries().at(-1)?.outcome).toBe('ACKNOWLEDGED'));
    expect(outcomes.filter(([code]) => code === blocked).map(([, outcome]) => outcome)).toEqual([
      'WAITING',
      'WAITING',
    ]);
    expect(free).not.toBe(blocked);
  });

  test.each([201, 204, 302, 401, 404, 429])('is also one with the answer %i', async (status) => {
    const { sink, caller, create } = await prepare();
    sink.answer(() => status);
    await create();
    await received(sink, 1);
    await retryIn(caller, 15_000);
  });

  test('is also one without an answer within 3 seconds', async () => {
    const { sink, caller, create } = await prepare();
    sink.answer(() => 'NEVER');
    await create();
    await received(sink, 1);
    await retryIn(caller, 3000);
    caller.clock.advance(3000);
    await retryIn(caller, 15_000);
  });

  test('is also one for an address where nobody listens', async () => {
    const { caller, control, create } = await prepare();
    control.setEventUrl('http://127.0.0.1:1/feishu/events');
    await create();
    await retryIn(caller, 15_000);
  });

  test('gets a new signature at each attempt', async () => {
    const { sink, caller, create } = await prepare();
    sink.answer(() => 500);
    await create();
    await received(sink, 1);
    await retryIn(caller, 15_000);
    caller.clock.advance(15_000);
    await received(sink, 2);
    const stamps = sink.received.map(({ headers }) => Number(headers['x-lark-request-timestamp']));
    expect((stamps[1] ?? 0) - (stamps[0] ?? 0)).toBe(15);
  });
});

test('closing ends waiting retries and hanging requests at once', async () => {
  const { sink, caller, create } = await prepare();
  sink.answer(() => 'NEVER');
  await create();
  await received(sink, 1);
  await caller.simulator.close();
  await vi.waitFor(() => expect(caller.clock.dueIn()).toEqual([]));
  caller.clock.advance(24 * 3_600_000);
  expect(sink.received).toHaveLength(1);
});
