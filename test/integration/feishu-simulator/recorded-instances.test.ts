import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type Caller, startCaller } from './raw-caller.ts';

/** Instances as real tenants returned them. Sources: bytebase b177c8f777 of 2022-11, and answers recorded in 2025-10. */

const BOSS = 'boss@example.com';
const answerSchema = z.looseObject({
  task_list: z.array(z.looseObject({ node_id: z.string() })),
  timeline: z.array(z.looseObject({ node_key: z.string() })),
});
const read = async (caller: Caller, code: string) => answerSchema.parse(await caller.getInstance(code));

describe('a timeline', () => {
  // Recorded: `APPROVAL_359424_2927708`, whose MD5 is the node_id of its task; "" for START.
  test('has the key of the node in its entries, and none for the start and the end', async () => {
    const caller = await startCaller();
    const code = await caller.createInstance();
    caller.simulator.control.transfer(code, BOSS, 'other@example.com');
    caller.simulator.control.withdraw(code);
    const { task_list, timeline } = await read(caller, code);
    expect(timeline).toMatchObject([
      { type: 'START', node_key: '' },
      { type: 'TRANSFER', node_key: expect.stringMatching(/^APPROVAL_\d{6}_\d{7}$/) },
      { type: 'CANCEL', node_key: '' },
    ]);
    const key = timeline[1]?.node_key ?? '';
    expect(createHash('md5').update(key).digest('hex')).toBe(task_list[0]?.node_id);
  });

  test('keeps the key of a node over an overwrite of its definition', async () => {
    const caller = await startCaller();
    const approval_code = await caller.createDefinition();
    const keyOf = async () => {
      const code = await caller.createInstance({ approval_code });
      caller.simulator.control.approve(code, BOSS);
      return (await read(caller, code)).timeline.at(-1)?.node_key;
    };
    const before = await keyOf();
    await caller.createDefinition({ approval_code });
    expect(await keyOf()).toBe(before);
  });
});

describe('an instance shown as in 2022', () => {
  test('lacks instance_code and comment_list, and has an empty uuid', async () => {
    const caller = await startCaller({ instancesShownAs: 'AS_IN_2022' });
    const code = await caller.createInstance({ uuid: 'round-1' });
    const opened = await caller.getInstance('round-1');
    expect(Object.keys(opened).sort()).toEqual([
      'approval_code',
      'approval_name',
      'department_id',
      'end_time',
      'form',
      'open_id',
      'reverted',
      'serial_number',
      'start_time',
      'status',
      'task_list',
      'timeline',
      'uuid',
    ]);
    expect(opened).toMatchObject({ status: 'PENDING', uuid: '' });
    expect(opened.timeline).toEqual([
      {
        create_time: String(caller.clock.now()),
        ext: '{}',
        node_key: '',
        open_id: await caller.openId('asker@example.com'),
        type: 'START',
      },
    ]);
    caller.simulator.control.approve(code, BOSS);
    expect(await caller.getInstance(code)).toMatchObject({ status: 'APPROVED' });
  });

  test('is switched on and off at run time', async () => {
    const caller = await startCaller();
    const code = await caller.createInstance();
    caller.simulator.control.setInstancesShownAs('AS_IN_2022');
    expect(await caller.getInstance(code)).not.toHaveProperty('instance_code');
    caller.simulator.control.behave();
    expect(await caller.getInstance(code)).toMatchObject({ instance_code: code, comment_list: [] });
  });
});
