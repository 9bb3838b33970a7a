import { describe, expect, it } from 'vitest';
import { HELD_MS, RETRY_AFTER_MS } from '../../../infra/local/simulators/oa/events.ts';
import { anOa } from './an-oa.ts';

const BOARD = 'board@example.com';
const ofApprovals = (oa: ReturnType<typeof anOa>) => oa.events.map(({ approvalId }) => approvalId);

describe('a decision in the OA', () => {
  it('sends an event that says only that something changed', async () => {
    const oa = anOa();
    oa.control.approve(oa.open(), BOARD, 'fine');
    await oa.settle();
    expect(oa.events).toEqual([
      {
        nodeId: 'demo-oa',
        messageId: expect.stringMatching(/^msg_/),
        approvalId: 'a1',
        body: '{"approvalId":"a1"}',
      },
    ]);
    expect(oa.control.deliveries()).toMatchObject([{ attempts: 1, outcome: 'ACKNOWLEDGED' }]);
  });

  it('sends an event with its own id', async () => {
    const oa = anOa();
    for (const approvalId of ['a1', 'a2']) oa.control.reject(oa.open({ approvalId }), BOARD);
    await oa.settle();
    expect(new Set(oa.events.map(({ messageId }) => messageId)).size).toBe(2);
  });

  it('sends no event for a withdrawal', async () => {
    const oa = anOa();
    oa.cancel(oa.open());
    await oa.settle();
    expect(oa.events).toEqual([]);
  });
});

describe('an event that is not answered with 200', () => {
  it.each([undefined, 202, 404, 503])(
    '(%s) is repeated with the same id until it succeeds',
    async (status) => {
      const oa = anOa();
      oa.answerEvents(() => status);
      oa.control.approve(oa.open(), BOARD);
      await oa.settle();
      oa.answerEvents(() => 200);
      await oa.clock.advance(RETRY_AFTER_MS[0] - 1);
      expect(oa.events).toHaveLength(1);
      await oa.clock.advance(1);
      expect(oa.events).toHaveLength(2);
      expect(oa.events[1]).toEqual(oa.events[0]);
      await oa.settle();
      expect(oa.control.deliveries()).toMatchObject([{ attempts: 2, outcome: 'ACKNOWLEDGED' }]);
    },
  );

  it('is lost after the last repeat', async () => {
    const oa = anOa();
    oa.answerEvents(() => 500);
    oa.control.approve(oa.open(), BOARD);
    for (const pause of [0, ...RETRY_AFTER_MS]) {
      await oa.clock.advance(pause);
      await oa.settle();
    }
    await oa.clock.advance(86_400_000);
    expect(oa.events).toHaveLength(1 + RETRY_AFTER_MS.length);
    expect(oa.control.deliveries()).toMatchObject([{ outcome: 'LOST' }]);
  });

  it('is not repeated by an OA that was restarted', async () => {
    const oa = anOa();
    oa.answerEvents(() => 500);
    oa.control.approve(oa.open(), BOARD);
    await oa.settle();
    oa.control.forget();
    await oa.clock.advance(86_400_000);
    expect(oa.events).toHaveLength(1);
    expect(oa.clock.nextAt()).toBeUndefined();
  });
});

describe('an OA with faults of events', () => {
  it('loses an event with LOSE_EVENT; GET returns the decision', async () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'LOSE_EVENT', times: 1 });
    const id = oa.open();
    oa.control.approve(id, BOARD);
    await oa.clock.advance(86_400_000);
    expect(oa.events).toEqual([]);
    expect(oa.control.deliveries()).toMatchObject([{ attempts: 0, outcome: 'LOST' }]);
    expect(oa.get(id).status).toBe('APPROVED');
  });

  it('sends an event twice with the same id with DUPLICATE_EVENT', async () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'DUPLICATE_EVENT', times: 1 });
    oa.control.approve(oa.open(), BOARD);
    await oa.settle();
    expect(oa.events).toHaveLength(2);
    expect(oa.events[1]).toEqual(oa.events[0]);
  });

  it('sends the later event first with REORDER_EVENT', async () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'REORDER_EVENT', times: 1 });
    for (const approvalId of ['a1', 'a2', 'a3']) oa.control.approve(oa.open({ approvalId }), BOARD);
    await oa.settle();
    expect(ofApprovals(oa)).toEqual(['a2', 'a3', 'a1']);
  });

  it('sends a held-back event after a while if no other follows', async () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'REORDER_EVENT', times: 1 });
    oa.control.approve(oa.open(), BOARD);
    await oa.clock.advance(HELD_MS - 1);
    expect(oa.events).toEqual([]);
    await oa.clock.advance(1);
    expect(ofApprovals(oa)).toEqual(['a1']);
  });
});
