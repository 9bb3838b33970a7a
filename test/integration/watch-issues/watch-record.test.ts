import type { DynamoDBRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { watchRecord } from '../../../functions/watch-issues/watch-record.ts';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import { AppError } from '../../../shared/runtime/errors.ts';
import { aCounter } from '../../support/counter.ts';
import { anIssue, aStage, aStep, aTask, imageOf } from '../../support/issue.ts';
import { aLog } from '../../support/log.ts';

function setUp() {
  const sent: { hint: Hint; deduplicationId: string }[] = [];
  const counter = aCounter();
  const logger = aLog();
  const queue = {
    send: async (hint: Hint, deduplicationId: string) => void sent.push({ hint, deduplicationId }),
  };
  return { sent, counter, logger, dependencies: { queue, counter, logger } };
}

/** Returns the stream record of a change from `before` to `after`. Undefined means no item. */
function change(before: object | undefined, after: object | undefined, more: Partial<DynamoDBRecord> = {}) {
  const record: DynamoDBRecord = {
    eventID: 'event-1',
    eventName: before ? (after ? 'MODIFY' : 'REMOVE') : 'INSERT',
    dynamodb: {
      Keys: { issueId: { S: 'issue-1' } },
      SequenceNumber: '100',
      ...(before && { OldImage: JSON.parse(JSON.stringify(imageOf(before))) }),
      ...(after && { NewImage: JSON.parse(JSON.stringify(imageOf(after))) }),
    },
    ...more,
  };
  return record;
}

const ofTasks = (...tasks: ReturnType<typeof aTask>[]) => anIssue({ stages: [aStage({ tasks })] });

describe('a change that is relevant for approvals', () => {
  const twoStages = (currentStageId: string) =>
    anIssue({ currentStageId, stages: [aStage(), aStage({ stageId: 'stage-2' })] });

  it.each<[string, object | undefined, object | undefined, string[]]>([
    ['a new issue', undefined, anIssue(), ['NEW_STAGE']],
    ['the next stage', twoStages('stage-1'), twoStages('stage-2'), ['NEW_STAGE']],
    [
      'another assignee',
      anIssue(),
      anIssue({ assignee: { email: 'other@example.com' } }),
      ['ASSIGNEE_CHANGED'],
    ],
    ['a removed assignee', anIssue(), anIssue({ assignee: null }), ['ASSIGNEE_CHANGED']],
    [
      'other SQL',
      anIssue(),
      ofTasks(aTask({ statement: 'ALTER TABLE orders ADD COLUMN memo TEXT' })),
      ['STATEMENT_CHANGED'],
    ],
    ['another database', anIssue(), ofTasks(aTask({ database: 'other' })), ['STATEMENT_CHANGED']],
    ['one more task', anIssue(), ofTasks(aTask(), aTask({ taskId: 'task-2' })), ['STATEMENT_CHANGED']],
    [
      'a ring of the creator',
      anIssue(),
      anIssue({ bell: { seq: 1, rungBy: 'Creator@Example.com', rungAt: '2026-03-01T08:00:00Z' } }),
      ['BELL'],
    ],
    [
      'a ring of somebody else',
      anIssue(),
      anIssue({ bell: { seq: 1, rungBy: 'other@example.com', rungAt: '2026-03-01T08:00:00Z' } }),
      [],
    ],
    ['a task that was approved in Frabit', anIssue(), ofTasks(aTask({ status: 'PENDING' })), []],
    ['a check that fails', anIssue(), ofTasks(aTask({ check: 'ERROR' })), []],
    ['a closed issue', anIssue(), anIssue({ status: 'CANCELED' }), []],
    ['another mode', anIssue(), anIssue({ approvalMode: 'BELL_ONLY' }), []],
    [
      'an approved step of the flow',
      anIssue({ approvalFlow: { steps: [aStep()] } }),
      anIssue({ approvalFlow: { steps: [aStep({ status: 'APPROVED' })] } }),
      [],
    ],
    ['another creator', anIssue(), anIssue({ creator: { email: 'new@example.com' } }), []],
    ['a deleted issue', anIssue(), undefined, []],
    ['our own write-back', anIssue(), { ...anIssue(), approvalHold: 'DISABLED' }, []],
    ['a removed write-back of ours', { ...anIssue(), stageApprovals: { 'stage-1': {} } }, anIssue(), []],
    ['a record that breaks the schema', anIssue(), { ...anIssue(), title: 5 }, []],
    ['a corrected record', { ...anIssue(), title: 5 }, anIssue(), ['NEW_STAGE']],
    [
      'a record that has grown too large',
      anIssue(),
      ofTasks(aTask({ statement: 'x'.repeat(351 * 1024) })),
      [],
    ],
  ])('is sent as one hint with its triggers: %s', async (_name, before, after, triggers) => {
    const { sent, logger, dependencies } = setUp();

    await watchRecord(change(before, after), dependencies);

    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      hint: { kind: 'RECORD_CHANGED', issueId: 'issue-1', triggers },
      deduplicationId: 'event-1',
    });
    expect(logger.lines).toMatchObject([['issue written', { issueId: 'issue-1', triggers }]]);
  });
});

it.each<[string, object, object]>([
  ['a valid record', anIssue({ status: 'CANCELED' }), {}],
  ['an invalid record', { ...anIssue(), title: 5 }, { invalid: true }],
])('logs whether the record is invalid: %s', async (_name, after, invalid) => {
  const { logger, dependencies } = setUp();

  await watchRecord(change(anIssue(), after), dependencies);

  expect(logger.lines).toEqual([['issue written', { issueId: 'issue-1', triggers: [], ...invalid }]]);
});

describe('a change that is not relevant for approvals', () => {
  it.each<[string, object, object]>([
    ['title and description', anIssue(), anIssue({ title: 'Other', description: 'Other' })],
    ['the title of a task', anIssue(), ofTasks(aTask({ title: 'Other' }))],
    ["Frabit's own attributes", anIssue(), { ...anIssue(), frabitOwn: { x: 1 } }],
    ['version alone', anIssue({ version: 1 }), anIssue({ version: 2 })],
    ['the case of an address', anIssue(), anIssue({ assignee: { email: 'ASSIGNEE@example.com' } })],
    ['null in place of a missing attribute', anIssue(), anIssue({ bell: null, approvalMode: null })],
    ['the default mode written out', anIssue(), anIssue({ approvalMode: 'AUTO' })],
    ['no change', anIssue(), anIssue()],
    ['another attribute of an invalid record', { title: 5, x: 1 }, { title: 5, x: 2 }],
  ])('is not sent: %s', async (_name, before, after) => {
    const { sent, logger, dependencies } = setUp();

    await watchRecord(change(before, after), dependencies);

    expect(sent).toEqual([]);
    expect(logger.lines).toEqual([]);
  });
});

describe('the hint of an arrival at a stage', () => {
  const bell = { seq: 4, rungBy: 'creator@example.com', rungAt: '2026-03-01T08:00:00Z' };
  const arrivedBy = async (
    before: object | undefined,
    after: object,
    more: Partial<DynamoDBRecord> = {},
    dynamodb: DynamoDBRecord['dynamodb'] = {},
  ) => {
    const { sent, dependencies } = setUp();
    const record = change(before, after, more);
    await watchRecord({ ...record, dynamodb: { ...record.dynamodb, ...dynamodb } }, dependencies);
    const hint = sent[0]?.hint;
    return hint?.kind === 'RECORD_CHANGED' ? hint.arrived : 'no hint';
  };

  it('contains the bell of that moment, so that an earlier ring does not count', async () => {
    expect(await arrivedBy(anIssue({ currentStageId: null }), anIssue({ bell }))).toEqual({
      stageId: 'stage-1',
      bellSeq: 4,
    });
  });

  it('contains the bell 0 if nobody has rung, also for a new issue', async () => {
    expect(await arrivedBy(undefined, anIssue())).toEqual({ stageId: 'stage-1', bellSeq: 0 });
  });

  it('contains every digit of its sequence number in the stream (docs/lessons.md 40 and 41)', async () => {
    const SequenceNumber = '4421584500000000017450439091';
    const eventSourceARN = 'arn:aws:dynamodb:eu-west-1:1:table/issues/stream/1';
    expect(await arrivedBy(undefined, anIssue(), { eventSourceARN }, { SequenceNumber })).toEqual({
      stageId: 'stage-1',
      bellSeq: 0,
      streamArn: eventSourceARN,
      sequenceNumber: SequenceNumber,
    });
  });

  it.each<[string, string | undefined, string | undefined]>([
    ['no stream', undefined, '100'],
    ['a stream without a name', '', '100'],
    ['no number', 'arn:a', undefined],
    ['an invalid number', 'arn:a', '12x'],
    ['a number that is too long', 'arn:a', '1'.repeat(41)],
  ])('contains no sequence number if the record has %s', async (_name, eventSourceARN, SequenceNumber) => {
    expect(
      await arrivedBy(
        undefined,
        anIssue(),
        { ...(eventSourceARN !== undefined && { eventSourceARN }) },
        { SequenceNumber },
      ),
    ).toEqual({ stageId: 'stage-1', bellSeq: 0 });
  });

  it('is sent for each change when the issue goes to a stage and back (docs/lessons.md 40)', async () => {
    const stages = [aStage(), aStage({ stageId: 'stage-2' })];
    const [first, second] = [anIssue({ stages }), anIssue({ stages, currentStageId: 'stage-2' })];
    expect(await arrivedBy(first, second)).toMatchObject({ stageId: 'stage-2' });
    expect(await arrivedBy(second, first)).toMatchObject({ stageId: 'stage-1' });
  });

  it('has no arrival while the issue stays at its stage', async () => {
    expect(await arrivedBy(anIssue(), anIssue({ bell }))).toBeUndefined();
  });

  it('has no arrival if the issue was already there as an invalid record', async () => {
    expect(await arrivedBy({ ...anIssue(), title: 5 }, anIssue())).toBeUndefined();
  });

  it('has no arrival if the record is invalid', async () => {
    expect(await arrivedBy(undefined, { ...anIssue(), title: 5 })).toBeUndefined();
  });

  it('has no arrival when the issue leaves its last stage', async () => {
    expect(await arrivedBy(anIssue(), anIssue({ currentStageId: null }))).toBeUndefined();
  });
});

describe('a ring of the creator', () => {
  const CREATOR = 'creator@example.com';
  const rungBy = (who: string, seq: number, changes: object = {}) =>
    anIssue({ bell: { seq, rungBy: who, rungAt: '2026-03-01T08:00:00Z' }, ...changes });
  const broken = (record: object) => ({ ...record, title: 5 });
  const HERE = { stageId: 'stage-1', seq: 4 };

  it.each<[name: string, before: object | undefined, after: object, rang: object | undefined]>([
    [
      'is sent with the stage at which it was made',
      rungBy(CREATOR, 3),
      rungBy('CREATOR@example.com', 4),
      HERE,
    ],
    ['is sent if it is the first one', anIssue(), rungBy(CREATOR, 4), HERE],
    ['is sent if it is written with a new record', undefined, rungBy(CREATOR, 4), HERE],
    ['is sent if the previous record was invalid', broken(anIssue()), rungBy(CREATOR, 4), HERE],
    ['is sent if only an invalid record had it before', broken(rungBy(CREATOR, 4)), rungBy(CREATOR, 4), HERE],
    ['is sent once', rungBy(CREATOR, 4), rungBy(CREATOR, 4, { assignee: null }), undefined],
    ['is not sent if a stranger made it', rungBy(CREATOR, 3), rungBy('stranger@example.com', 4), undefined],
    [
      'is not sent if the issue is at no stage',
      anIssue(),
      rungBy(CREATOR, 4, { currentStageId: null }),
      undefined,
    ],
    ['is not sent if the record is invalid', anIssue(), broken(rungBy(CREATOR, 4)), undefined],
  ])('%s', async (_, before, after, rang) => {
    const { sent, dependencies } = setUp();
    await watchRecord(change(before, after), dependencies);
    const [hint] = sent.map((one) => one.hint);
    expect(hint?.kind === 'RECORD_CHANGED' ? hint.rang : 'no hint').toEqual(rang);
  });
});

describe('incomplete stream records', () => {
  it.each<[string, DynamoDBRecord]>([
    ['without images', change(undefined, undefined, { eventName: 'MODIFY' })],
    ['with the new image alone', { ...change(undefined, anIssue()), eventName: 'MODIFY' }],
    ['of a removal without its image', change(undefined, undefined, { eventName: 'REMOVE' })],
  ])('are sent as hints, because the issue may have changed: %s', async (_name, record) => {
    const { sent, dependencies } = setUp();

    await watchRecord(record, dependencies);

    expect(sent).toHaveLength(1);
  });

  it('are sent as hints if they contain only the key', async () => {
    const { sent, counter, dependencies } = setUp();

    await watchRecord(change(undefined, { issueId: 'issue-1' }), dependencies);

    expect(sent).toMatchObject([{ hint: { issueId: 'issue-1', triggers: [] } }]);
    expect(counter.counted).toEqual({ HintSent: 1, InvalidRecord: 1 });
  });

  it('can never succeed if they have no issueId', async () => {
    const { sent, dependencies } = setUp();

    const watched = watchRecord({ eventID: 'event-9', eventName: 'INSERT', dynamodb: {} }, dependencies);

    await expect(watched).rejects.toMatchObject({ code: 'BAD_STREAM_RECORD', retryable: false });
    expect(sent).toEqual([]);
  });

  it('are deduplicated by their sequence number if they have no eventID', async () => {
    const { sent, dependencies } = setUp();
    const { eventID: _, ...record } = change(undefined, anIssue());

    await watchRecord(record, dependencies);

    expect(sent[0]?.deduplicationId).toBe('100');
  });
});

it('counts hints and triggers, but not when the queue is down', async () => {
  const { counter, dependencies } = setUp();
  await watchRecord(change(undefined, anIssue()), dependencies);
  const down = {
    send: () => Promise.reject(new AppError('QUEUE_UNAVAILABLE', 'down', { retryable: true })),
  };

  await expect(
    watchRecord(change(undefined, anIssue()), { ...dependencies, queue: down }),
  ).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });

  expect(counter.counted).toEqual({ HintSent: 1, TriggerNewStage: 1 });
});
