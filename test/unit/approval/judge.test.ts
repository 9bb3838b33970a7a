import { describe, expect, it } from 'vitest';
import { judge } from '../../../shared/approval/plan/judge.ts';
import type { FeishuInstance, FeishuTask, FeishuTimelineEntry } from '../../../shared/feishu/gateway.ts';

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
const transferred = [
  task({ status: 'TRANSFERRED' }),
  task({ id: 't2', status: 'PENDING', openId: 'ou_other' }),
];
const verdict = (changes: Partial<FeishuInstance>) => judge(instance(changes), asked, NODE, NOW);

describe('judge an instance', () => {
  it('returns the approval of the approver, with their comment and the time of Feishu', () => {
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
    ['passed automatically, with no task in the timeline', { timeline: [{ type: 'AUTO_PASS' }] }, 'NOBODY'],
    [
      'passed as a repetition in the name of the approver, with no task in the timeline',
      { timeline: [{ type: 'REMOVE_REPEAT', openId: 'ou_dba' }] },
      'NOBODY',
    ],
    [
      'approved by the approver while the task of another person was passed automatically',
      { timeline: [{ type: 'AUTO_PASS', openId: 'ou_other' }] },
      'APPROVER',
    ],
    ['without any task', { tasks: [] }, 'NOBODY'],
    ['closed without an action of the approver', { tasks: [task({ status: 'DONE' })] }, 'NOBODY'],
    [
      'approved by the approver and an approver whom they added',
      { tasks: [task(), task({ id: 't2', openId: 'ou_other' })] },
      'APPROVER',
    ],
  ] as [string, Partial<FeishuInstance>, string][])(
    'returns who approved an instance that was %s',
    (_, changes, by) => {
      expect(verdict(changes)).toMatchObject({ kind: 'APPROVED', by });
    },
  );

  it('returns whether a person or nobody rejected it', () => {
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
    expect(verdict({ status: 'REJECTED', tasks: [], timeline: [{ type: 'AUTO_REJECT' }] })).toMatchObject({
      kind: 'REJECTED',
      by: 'NOBODY',
    });
  });

  it('returns EXPIRED for a rejection by neither a person nor a rule', () => {
    expect(verdict({ status: 'REJECTED', tasks: [task({ status: 'DONE' })] })).toEqual({ kind: 'EXPIRED' });
  });

  it.each([
    ['with the approver', [task({ status: 'PENDING' })], [], 'ASKING'],
    ['with somebody else', transferred, [], 'TRANSFERRED'],
    [
      'with somebody else, by a transfer',
      transferred,
      [{ type: 'TRANSFER', openId: 'ou_dba' }],
      'TRANSFERRED',
    ],
    [
      'with nobody any more, although one added approver approved',
      [task(), task({ id: 't2', status: 'DONE', openId: 'ou_other' })],
      [],
      'STRANDED',
    ],
    ['with nobody yet after the approver approved', [task()], [], 'ASKING'],
    [
      'with an added approver after the approver approved',
      [task(), task({ id: 't2', status: 'PENDING', openId: 'ou_other' })],
      [],
      'ASKING',
    ],
    [
      'with an approver added before the approver',
      [task({ status: 'DONE' }), task({ id: 't2', status: 'PENDING', openId: 'ou_other' })],
      [{ type: 'ADD_APPROVER_BEFORE', openId: 'ou_dba' }],
      'ASKING',
    ],
    [
      'with an approver whom a colleague added before themselves',
      [task({ status: 'TRANSFERRED' }), task({ id: 't2', status: 'PENDING', openId: 'ou_other' })],
      [
        { type: 'TRANSFER', openId: 'ou_dba' },
        { type: 'ADD_APPROVER_BEFORE', openId: 'ou_colleague' },
      ],
      'TRANSFERRED',
    ],
    ['with nobody yet', [], [], 'ASKING'],
    ['with nobody, after the approver approved', [task()], [], 'ASKING'],
    ['with nobody, with every task closed undecided', [task({ status: 'DONE' })], [], 'STRANDED'],
    ['with nobody, with a task in an unknown status', [task({ status: 'HM' })], [], 'ASKING'],
  ] as [string, FeishuTask[], FeishuTimelineEntry[], string][])(
    'is undecided while the instance is %s',
    (_, tasks, timeline, now) => {
      expect(verdict({ status: 'PENDING', tasks, timeline })).toEqual({ kind: 'UNDECIDED', now });
    },
  );

  describe('a return', () => {
    const back = (type: string): FeishuTimelineEntry => ({
      type,
      openId: 'ou_dba',
      taskId: 't1',
      comment: 'why?',
      at: '2026-03-01T07:59:00.000Z',
    });

    it.each(['ROLLBACK', 'ROLLBACK_SELECTED'])(
      'by %s with nobody left to ask counts as a rejection',
      (type) => {
        const timeline = [back(type), { type: 'CC', at: '2026-03-01T07:59:30.000Z' }];
        expect(verdict({ status: 'PENDING', tasks: [task({ status: 'DONE' })], timeline })).toEqual({
          kind: 'UNDECIDED',
          now: 'RETURNED',
          decision: {
            result: 'REJECTED',
            by: { email: 'dba@example.com', userId: 'ou_dba' },
            at: '2026-03-01T07:59:00.000Z',
            comment: 'why?',
          },
        });
      },
    );

    it.each([
      ['to a person who is asked now', [task({ id: 't2', status: 'PENDING' })], [back('ROLLBACK')], 'ASKING'],
      [
        'that is approved since, while the instance lags behind',
        [task({ status: 'DONE' }), task({ id: 't2' })],
        [back('ROLLBACK'), { type: 'PASS', openId: 'ou_dba', taskId: 't2', at: '2026-03-01T08:00:00.000Z' }],
        'ASKING',
      ],
      [
        'that is approved since, while the timeline lags behind, too',
        [task({ status: 'DONE' }), task({ id: 't2' })],
        [back('ROLLBACK')],
        'ASKING',
      ],
      ['by nobody', [task({ status: 'DONE' })], [{ ...back('ROLLBACK'), openId: undefined }], 'STRANDED'],
    ] as [string, FeishuTask[], FeishuTimelineEntry[], string][])(
      '%s is undecided',
      (_, tasks, timeline, now) => {
        expect(verdict({ status: 'PENDING', tasks, timeline })).toEqual({ kind: 'UNDECIDED', now });
      },
    );

    it.each([
      ['in the order of events', false],
      ['in the opposite order', true],
    ])('after an approval makes that approval void, with the timeline %s', (_, reversed) => {
      const passed: FeishuTimelineEntry[] = [
        { type: 'PASS', openId: 'ou_dba', taskId: 't1', at: '2026-03-01T07:58:00.000Z' },
        back('ROLLBACK'),
        { type: 'PASS', openId: 'ou_other', taskId: 't2', at: '2026-03-01T08:00:00.000Z' },
      ];
      const tasks = [task(), task({ id: 't2', openId: 'ou_other' })];
      const timeline = reversed ? passed.toReversed() : passed;
      expect(verdict({ tasks, timeline })).toMatchObject({
        kind: 'APPROVED',
        by: 'ANOTHER',
        decision: { by: { userId: 'ou_other' } },
      });
    });

    it('before an approval of the approver does not matter', () => {
      const timeline = [
        back('ROLLBACK'),
        { type: 'PASS', openId: 'ou_dba', taskId: 't2', at: '2026-03-01T08:00:00.000Z' },
      ];
      expect(verdict({ tasks: [task({ status: 'DONE' }), task({ id: 't2' })], timeline })).toMatchObject({
        kind: 'APPROVED',
        by: 'APPROVER',
      });
    });
  });

  it.each([
    ['APPROVED', { kind: 'CANCELED' }],
    ['PENDING', { kind: 'UNDECIDED', now: 'REVOKED' }],
    ['CANCELED', { kind: 'CANCELED' }],
  ])('never returns an approval that its initiator revoked, while GET says %s', (status, expected) => {
    expect(verdict({ status, reverted: true })).toEqual(expected);
  });

  it.each(['CANCELED', 'DELETED'] as const)('returns %s', (status) => {
    expect(verdict({ status })).toEqual({ kind: status });
  });

  it('treats an unknown status as undecided', () => {
    expect(verdict({ status: 'SOMETHING' })).toMatchObject({ kind: 'UNDECIDED' });
  });
});
