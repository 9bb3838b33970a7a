import { expect, test, vi } from 'vitest';
import { startEventSink } from './event-sink.ts';
import { startCaller } from './raw-caller.ts';

test('a card is created, is in the inbox in both languages, is approved, and every event arrives', async () => {
  const sink = await startEventSink();
  const caller = await startCaller({ eventUrl: sink.url });
  const definition = await caller.createDefinition();
  const subscribed = await caller.call('POST', `/approval/v4/approvals/${definition}/subscribe`);
  expect(subscribed.code).toBe(0);
  const code = await caller.createInstance({ approval_code: definition, uuid: 'round-1' });

  const inbox = await caller.fetchRaw('GET', '/simulator/inbox?email=Boss@example.com');
  expect(await inbox.json()).toMatchObject({
    pending: [
      {
        instanceCode: code,
        uuid: 'round-1',
        status: 'PENDING',
        title: { 'zh-CN': '标题', 'en-US': 'Title' },
        requester: { email: 'asker@example.com', bot: false },
        form: [
          { name: { 'zh-CN': '工单' }, value: { 'en-US': 'Add a column & an index' } },
          { value: { 'zh-CN': '第一句', 'en-US': 'First statement' } },
        ],
      },
    ],
    decided: [],
  });

  const tap = await caller.fetchRaw('POST', `/simulator/instances/${code}/approve`, {
    body: JSON.stringify({ email: 'boss@example.com', comment: 'fine' }),
  });
  expect(tap.status).toBe(200);
  const bossId = await caller.openId('boss@example.com');
  expect(await caller.getInstance('ROUND-1')).toMatchObject({
    status: 'APPROVED',
    task_list: [{ status: 'APPROVED', open_id: bossId, custom_node_id: 'approve-here' }],
    timeline: [{ type: 'START' }, { type: 'PASS', open_id: bossId, comment: 'fine' }],
  });

  await vi.waitFor(() => expect(sink.received).toHaveLength(4));
  const events = sink.open(caller.simulator.app.encryptKey).map(({ event }) => [event.type, event.status]);
  expect(events).toEqual([
    ['approval_instance', 'PENDING'],
    ['approval_task', 'PENDING'],
    ['approval_task', 'APPROVED'],
    ['approval_instance', 'APPROVED'],
  ]);
});
