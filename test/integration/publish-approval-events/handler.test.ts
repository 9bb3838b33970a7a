import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { entrySize, MAX_REQUEST_BYTES } from '../../../functions/publish-approval-events/approval-event.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import type { StreamEvent } from '../../../shared/runtime/failed-records.ts';
import { memoryKey, roundKey } from '../../../shared/tables/approval-keys.ts';
import { imageOf } from '../../support/issue.ts';
import { aContext } from '../../support/lambda-context.ts';
import { aRound } from '../../support/round.ts';

const mock = () => mockClient(EventBridgeClient);
let eventBridge: ReturnType<typeof mock>;
let handler: typeof import('../../../functions/publish-approval-events/handler.ts').handler;

beforeAll(async () => {
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'DEBUG');
  vi.stubEnv('EVENT_BUS_NAME', '');
  ({ handler } = await import('../../../functions/publish-approval-events/handler.ts'));
});
afterAll(() => {
  vi.unstubAllEnvs();
});

beforeEach(() => {
  eventBridge = mock();
  eventBridge.on(PutEventsCommand).callsFake(({ Entries }: { Entries: unknown[] }) => ({
    FailedEntryCount: 0,
    Entries: Entries.map((_, index) => ({ EventId: String(index) })),
  }));
});
afterEach(() => eventBridge.restore());

let serial = 0;
const raw = (item: object) => JSON.parse(JSON.stringify(imageOf(item)));

/** Returns a stream record of the Approvals table. Undefined means no item. */
function written(before: object | undefined, after: object | undefined): DynamoDBRecord {
  serial += 1;
  return {
    eventID: `event-${serial}`,
    eventName: before ? (after ? 'MODIFY' : 'REMOVE') : 'INSERT',
    dynamodb: {
      SequenceNumber: String(serial),
      ApproximateCreationDateTime: 1_772_352_000,
      ...(before && { OldImage: raw(before) }),
      ...(after && { NewImage: raw(after) }),
    },
  };
}

/** Returns the stream record of an item that DynamoDB deleted at its time to live. */
const expired = (before: object): DynamoDBRecord => ({
  ...written(before, undefined),
  userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
});

const item = (round: Round) => ({ ...roundKey(round), ...round });
const NAMED: Partial<Round> = {
  approvalId: '0b6f6a4e-3f0e-4c8e-9d0a-5d1f5f0c9b11',
  contentSha256: 'c0ffee',
  tasks: { 'task-1': 'hash-1' },
};
const change = (before: Partial<Round> | undefined, after: Partial<Round>) =>
  written(before && item(aRound({ ...NAMED, ...before })), item(aRound({ ...NAMED, ...after })));

const invoke = (...Records: DynamoDBRecord[]) => handler({ Records }, aContext());
const requests = () =>
  eventBridge.commandCalls(PutEventsCommand).map((call) => call.args[0].input.Entries ?? []);
const entries = (): PutEventsRequestEntry[] => requests().flat();
const details = () => entries().map(({ Detail = '' }) => JSON.parse(Detail));

describe('a round whose state changes', () => {
  it('is published with its approval', async () => {
    expect(await invoke(change({ state: 'REQUESTED' }, { state: 'PENDING' }))).toEqual({
      batchItemFailures: [],
    });

    expect(entries()).toEqual([
      {
        EventBusName: 'default',
        Source: 'frabit.im-approval',
        DetailType: 'Approval Pending',
        Time: new Date('2026-03-01T08:00:00Z'),
        Detail: expect.any(String),
      },
    ]);
    expect(details()).toEqual([
      {
        issueId: 'issue-1',
        stageId: 'stage-1',
        approval: {
          approvalId: '0b6f6a4e-3f0e-4c8e-9d0a-5d1f5f0c9b11',
          generation: 1,
          channel: 'FEISHU',
          state: 'PENDING',
          triggers: ['NEW_STAGE'],
          approvers: [{ email: 'assignee@example.com', userId: 'ou_assignee' }],
          requester: { email: 'creator@example.com', userId: 'ou_creator', bot: false },
          ref: { instanceCode: 'INSTANCE' },
          contentSha256: 'c0ffee',
          tasks: { 'task-1': 'hash-1' },
          requestedAt: '2026-03-01T08:00:00.000Z',
          sentAt: '2026-03-01T08:00:01.000Z',
          decisions: [],
        },
      },
    ]);
  });

  it('is published when it is new', async () => {
    await invoke(change(undefined, { state: 'REQUESTED' }));

    expect(entries()).toMatchObject([{ DetailType: 'Approval Requested' }]);
  });

  it('is published with its stepId if it is of a step', async () => {
    await invoke(change(undefined, { subject: { kind: 'STEP', id: 'step-1' } }));

    expect(details()).toMatchObject([{ issueId: 'issue-1', stepId: 'step-1' }]);
    expect(details()[0]).not.toHaveProperty('stageId');
  });

  it('is published without its tasks, and says so, if the event would be too large', async () => {
    const tasks = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`${index}-`.padEnd(128, '语'), 'f'.repeat(64)]),
    );

    await invoke(change(undefined, { tasks, asking: Object.keys(tasks).slice(1) }));

    expect(details()).toMatchObject([{ tasksOmitted: true, approval: { state: 'PENDING' } }]);
    expect(details()[0].approval).not.toHaveProperty('tasks');
    expect(details()[0].approval).not.toHaveProperty('asking');
    expect(entries().map(({ Detail = '' }) => Buffer.byteLength(Detail))[0]).toBeLessThan(256 * 1024);
  });
});

describe('nothing is published', () => {
  it.each<[string, DynamoDBRecord]>([
    ['for a write that does not change the state', change({ looks: 1 }, { looks: 2 })],
    ['for a removed round', written(item(aRound()), undefined)],
    ['for a round that will expire', change({}, { expiresAt: 1_780_000_000, revision: 4 })],
    ['for a round that has expired', expired(item(aRound({ expiresAt: 1_770_000_000 })))],
    ['for the issue memory', written(undefined, { ...memoryKey('issue-1'), issueId: 'issue-1', state: 'x' })],
    ['for a pointer', written(undefined, { pk: 'INSTANCE#x', sk: 'POINTER', issueId: 'issue-1' })],
    ['for the settings', written(undefined, { pk: 'SETTINGS', sk: 'FEISHU', enabled: true })],
    ['for a record without images', { eventID: 'x', eventName: 'MODIFY', dynamodb: { SequenceNumber: '1' } }],
  ])('%s', async (_name, record) => {
    expect(await invoke(record)).toEqual({ batchItemFailures: [] });

    expect(requests()).toEqual([]);
  });

  it('for a malformed round, but its neighbours are published (docs/lessons.md 13)', async () => {
    const broken = written(undefined, { pk: 'ISSUE#issue-1', sk: 'STAGE#stage-1#000001', state: 'PENDING' });

    expect(
      await invoke(change(undefined, { generation: 1 }), broken, change(undefined, { generation: 2 })),
    ).toEqual({ batchItemFailures: [] });

    expect(details().map(({ approval }) => approval.generation)).toEqual([1, 2]);
  });
});

describe('a batch', () => {
  const many = (count: number, more: Partial<Round> = {}) =>
    Array.from({ length: count }, (_, index) => change(undefined, { ...more, generation: index + 1 }));

  it('is published in requests of ten, in order', async () => {
    await invoke(...many(25));

    expect(requests().map((request) => request.length)).toEqual([10, 10, 5]);
    expect(details().map(({ approval }) => approval.generation)).toEqual(
      Array.from({ length: 25 }, (_, index) => index + 1),
    );
  });

  it('is published in requests within the size limit of EventBridge', async () => {
    const tasks = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`task-${index}`, 'f'.repeat(64)]),
    );

    await invoke(...many(5, { tasks }));

    const sizes = requests().map((request) => request.reduce((sum, entry) => sum + entrySize(entry), 0));
    expect(requests().flat()).toHaveLength(5);
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_REQUEST_BYTES);
  });

  it('sends only its refused entries again', async () => {
    eventBridge
      .on(PutEventsCommand)
      .resolvesOnce({
        FailedEntryCount: 1,
        Entries: [{ EventId: 'a' }, { ErrorCode: 'ThrottlingException' }],
      })
      .resolves({ FailedEntryCount: 0, Entries: [{ EventId: 'b' }] });

    expect(await invoke(...many(2))).toEqual({ batchItemFailures: [] });

    expect(details().map(({ approval }) => approval.generation)).toEqual([1, 2, 2]);
  });

  it('is delivered again from the first entry that stays refused (docs/lessons.md 14)', async () => {
    const records = many(12);
    eventBridge.on(PutEventsCommand).callsFake(({ Entries }: { Entries: PutEventsRequestEntry[] }) => ({
      Entries: Entries.map(({ Detail = '' }) =>
        JSON.parse(Detail).approval.generation === 4 ? { ErrorCode: 'InternalFailure' } : { EventId: 'x' },
      ),
    }));

    expect(await invoke(...records)).toEqual({
      batchItemFailures: [{ itemIdentifier: records[3]?.dynamodb?.SequenceNumber }],
    });

    expect(requests().map((request) => request.length)).toEqual([10, 1, 1]);
  });

  it('is delivered again from the first record of a request that fails', async () => {
    const records = many(12);
    eventBridge
      .on(PutEventsCommand)
      .resolvesOnce({ Entries: Array.from({ length: 10 }, () => ({ EventId: 'x' })) })
      .rejects(new Error('down'));

    expect(await invoke(...records)).toEqual({
      batchItemFailures: [{ itemIdentifier: records[10]?.dynamodb?.SequenceNumber }],
    });
  });
});

describe('a record of publish-approval-events that cannot succeed', () => {
  const s3 = mockClient(S3Client);
  let invokeWithBucket: (event: StreamEvent) => ReturnType<typeof handler>;
  beforeEach(async () => {
    s3.reset();
    s3.on(PutObjectCommand).resolves({});
    vi.stubEnv('FAILED_RECORDS_BUCKET', 'failed-records');
    vi.resetModules();
    const module = await import('../../../functions/publish-approval-events/handler.ts');
    invokeWithBucket = (event) => module.handler(event, aContext('publish-approval-events'));
  });
  afterEach(() => vi.stubEnv('FAILED_RECORDS_BUCKET', ''));
  afterAll(() => s3.restore());

  const payloads = () =>
    s3
      .commandCalls(PutObjectCommand)
      .map(({ args }) => JSON.parse(JSON.parse(String(args[0].input.Body)).payload));
  const broken = () =>
    written(undefined, { pk: 'ISSUE#issue-1', sk: 'STAGE#stage-1#000001', state: 'PENDING' });
  const generations = () => details().map(({ approval }) => approval.generation);

  it('is set aside if it is an invalid round, and its neighbours are published', async () => {
    const record = broken();
    const Records = [change(undefined, { generation: 1 }), record, change(undefined, { generation: 2 })];

    expect(await invokeWithBucket({ Records })).toEqual({ batchItemFailures: [] });

    expect(payloads()).toEqual([{ Records: [record] }]);
    expect(generations()).toEqual([1, 2]);
  });

  it('stays with the stream if it cannot be set aside, and those before it are published', async () => {
    s3.on(PutObjectCommand).rejects(new Error('down'));
    const record = broken();
    const Records = [change(undefined, { generation: 1 }), record, change(undefined, { generation: 2 })];

    expect(await invokeWithBucket({ Records })).toEqual({
      batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber }],
    });

    expect(generations()).toEqual([1]);
  });

  it('is reported as failed when it is redriven, so that its object stays', async () => {
    const record = broken();

    expect(await invokeWithBucket({ Records: [record], redriven: true })).toEqual({
      batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber }],
    });
    expect(payloads()).toEqual([]);
  });

  it.each([
    ['MalformedDetail', true],
    ['AccessDeniedException', false],
    ['ThrottlingException', false],
  ])('an entry that EventBridge refuses with %s: set aside is %s', async (ErrorCode, isSetAside) => {
    eventBridge.on(PutEventsCommand).callsFake(({ Entries }: { Entries: PutEventsRequestEntry[] }) => ({
      Entries: Entries.map(({ Detail = '' }) =>
        JSON.parse(Detail).approval.generation === 2 ? { ErrorCode } : { EventId: 'x' },
      ),
    }));
    const records = [1, 2, 3].map((generation) => change(undefined, { generation }));

    expect(await invokeWithBucket({ Records: records })).toEqual({
      batchItemFailures: isSetAside ? [] : [{ itemIdentifier: records[1]?.dynamodb?.SequenceNumber }],
    });
    expect(payloads()).toEqual(isSetAside ? [{ Records: [records[1]] }] : []);
  });
});
