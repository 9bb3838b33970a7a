import { describe, expect, it } from 'vitest';
import { judge } from '../../../shared/approval/judge.ts';
import type { FeishuInstance, FeishuTask } from '../../../shared/feishu/gateway.ts';

const NOW = new Date('2026-03-01T08:00:00.000Z');
const NODE = 'frabit-approver';
const asked = { approvers: [{ email: 'dba@example.com', userId: 'ou_dba' }] };

const task = (changes: Partial<FeishuTask> = {}): FeishuTask => ({
  id: 't1',
  openId: 'ou_dba',
  status: 'APPROVED',
  type: 'OR',
  customNodeId: NODE,
  ...changes,
});
const instance = (changes: Partial<FeishuInstance>): FeishuInstance => ({
  instanceCode: 'I',
  definitionCode: 'D',
  status: 'APPROVED',
  reverted: false,
  initiator: 'ou_creator',
  tasks: [task()],
  timeline: [],
  comments: [],
  ...changes,
});
const verdict = (changes: Partial<FeishuInstance>) => judge(instance(changes), asked, NODE, NOW);

describe('judge an instance', () => {
  it('takes the approval of the person who was asked, with their words and Feishu’s time', () => {
    const timeline = [
      { type: 'PASS', openId: 'ou_dba', taskId: 't1', comment: 'fine', at: '2026-03-01T07:59:00.000Z' },
    ];
    expect(verdict({ timeline })).toEqual({
      kind: 'APPROVED',
      by: 'APPROVER',
      decision: {
        result: 'APPROVED',
        by: { email: 'dba@example.com', userId: 'ou_dba' },
        at: '2026-03-01T07:59:00.000Z',
        comment: 'fine',
      },
    });
  });

  it.each([
    [
      'transferred to a colleague',
      { tasks: [task({ status: 'TRANSFERRED' }), task({ id: 't2', openId: 'ou_other' })] },
      'ANOTHER',
    ],
    ['on a node that is not ours', { tasks: [task({ customNodeId: 'elsewhere' })] }, 'ANOTHER'],
    ['passed automatically', { tasks: [task({ openId: undefined, type: 'AUTO_PASS' })] }, 'NOBODY'],
    ['passed automatically in the name of the approver', { tasks: [task({ type: 'AUTO_PASS' })] }, 'NOBODY'],
    ['passed as a repetition', { timeline: [{ type: 'REMOVE_REPEAT', taskId: 't1' }] }, 'NOBODY'],
    ['without any task', { tasks: [] }, 'NOBODY'],
    ['closed without the owner acting', { tasks: [task({ status: 'DONE' })] }, 'NOBODY'],
    [
      'approved by the approver and a signer they added',
      { tasks: [task(), task({ id: 't2', openId: 'ou_other' })] },
      'APPROVER',
    ],
  ] as [string, Partial<FeishuInstance>, string][])('APPROVED, %s', (_, changes, by) => {
    expect(verdict(changes)).toMatchObject({ kind: 'APPROVED', by });
  });

  it('takes a rejection by any person, and none by nobody', () => {
    const rejected = task({ status: 'REJECTED', openId: 'ou_other' });
    const timeline = [{ type: 'REJECT', openId: 'ou_other', taskId: 't1', comment: 'no' }];
    expect(verdict({ status: 'REJECTED', tasks: [rejected], timeline })).toMatchObject({
      kind: 'REJECTED',
      by: 'PERSON',
      decision: { by: { userId: 'ou_other' }, comment: 'no' },
    });
    const automatic = task({ status: 'REJECTED', openId: undefined, type: 'AUTO_REJECT' });
    expect(verdict({ status: 'REJECTED', tasks: [automatic] })).toMatchObject({
      kind: 'REJECTED',
      by: 'NOBODY',
    });
  });

  it.each([
    ['with the approver', [task({ status: 'PENDING' })], false],
    [
      'with somebody else',
      [task({ status: 'TRANSFERRED' }), task({ id: 't2', status: 'PENDING', openId: 'ou_other' })],
      true,
    ],
    [
      'with a signer after the approver approved',
      [task(), task({ id: 't2', status: 'PENDING', openId: 'ou_other' })],
      false,
    ],
    ['with nobody yet', [], false],
  ])('is undecided while it is %s', (_, tasks, transferred) => {
    expect(verdict({ status: 'PENDING', tasks })).toEqual({ kind: 'UNDECIDED', transferred });
  });

  it.each(['CANCELED', 'DELETED'] as const)('tells %s', (status) => {
    expect(verdict({ status })).toEqual({ kind: status });
  });

  it('treats a status that it does not know as undecided', () => {
    expect(verdict({ status: 'SOMETHING' })).toMatchObject({ kind: 'UNDECIDED' });
  });
});
