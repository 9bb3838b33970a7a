import { createHash } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import type { EventFault } from '../../../infra/local/simulators/feishu/faults.ts';
import { startEventSink } from './event-sink.ts';
import { startCaller } from './raw-caller.ts';

const BOSS = 'boss@example.com';
const START = ['approval_instance PENDING', 'approval_task PENDING'];
const APPROVED = ['approval_task APPROVED', 'approval_instance APPROVED'];

/** A card that was created and approved while the given faults were on. */
async function tell(...faults: EventFault[]) {
  const sink = await startEventSink();
  const caller = await startCaller({ eventUrl: sink.url });
  const { control, app } = caller.simulator;
  const definition = await caller.createDefinition();
  await caller.call('POST', `/approval/v4/approvals/${definition}/subscribe`);
  const first = await caller.createInstance({ approval_code: definition });
  await vi.waitFor(() => expect(sink.received).toHaveLength(2));
  control.misbehave(...faults);
  control.approve(first, BOSS);
  await vi.waitFor(() => expect(control.deliveries().map(({ outcome }) => outcome)).not.toContain('WAITING'));
  const events = sink.open(app.encryptKey);
  return {
    caller,
    first,
    control,
    sink,
    events,
    names: events.map(({ event }) => `${event.type} ${event.status}`),
  };
}

describe('events', () => {
  test('come once and in order without faults', async () => {
    expect((await tell()).names).toEqual([...START, ...APPROVED]);
  });

  test('may come twice with one id although the first was acknowledged', async () => {
    const { names, events } = await tell({ kind: 'DUPLICATE', times: 1, type: 'approval_instance' });
    expect(names).toEqual([...START, ...APPROVED, 'approval_instance APPROVED']);
    expect(events[3]?.uuid).toBe(events[4]?.uuid);
  });

  test('may come in another order of task and instance', async () => {
    const { names } = await tell({ kind: 'REORDER', times: 1 });
    expect(names).toEqual([...START, ...APPROVED.toReversed()]);
  });

  test('may be lost while GET returns the right state', async () => {
    const { names, caller, first, sink } = await tell({ kind: 'LOSE', times: 2 });
    expect(names).toEqual(START);
    caller.clock.advance(24 * 3_600_000);
    expect(sink.received).toHaveLength(2);
    expect(await caller.getInstance(first)).toMatchObject({ status: 'APPROVED' });
  });

  test('may be lost by type and status', async () => {
    const { names } = await tell({ kind: 'LOSE', status: 'APPROVED', type: 'approval_instance' });
    expect(names).toEqual([...START, 'approval_task APPROVED']);
  });

  test('may have white space in their body, and a signature for it', async () => {
    const { sink, caller } = await tell({ kind: 'WHITE_SPACE', times: 1 });
    const { raw, headers } = sink.received[2] ?? { raw: '', headers: {} };
    expect(raw).not.toBe(JSON.stringify(JSON.parse(raw)));
    const { 'x-lark-request-timestamp': timestamp, 'x-lark-request-nonce': nonce } = headers;
    const sign = (body: string) =>
      createHash('sha256')
        .update(`${timestamp}${nonce}${caller.simulator.app.encryptKey}${body}`)
        .digest('hex');
    expect(headers['x-lark-signature']).toBe(sign(raw));
    expect(headers['x-lark-signature']).not.toBe(sign(JSON.stringify(JSON.parse(raw))));
  });
});
