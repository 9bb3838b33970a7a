import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it, vi } from 'vitest';
import { createDynamoFormMemories } from '../../../shared/approval/channels/feishu/form-memory-store.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import { type Reconciling, reconcile } from '../../../shared/approval/reconcile.ts';
import { createDynamoStore } from '../../../shared/approval/store/dynamo-store.ts';
import { createDynamoPacer } from '../../../shared/approval/store/pacing.ts';
import { createFeishuGateway } from '../../../shared/feishu/client.ts';
import type { IssueRecord } from '../../../shared/issue/record.ts';
import { marshallOptions } from '../../../shared/runtime/dynamodb-writes.ts';
import { approvalPointerKey, roundKey, settingsKey } from '../../../shared/tables/approval-keys.ts';
import { createFakeDynamoDb } from '../../simulation/dynamodb/fake-dynamodb.ts';
import { aClock } from '../../support/clock.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { gatewayTo } from '../../support/oa.ts';
import { aMeter, type Meter } from '../../support/read-meter.ts';
import { aRoundOf, SETTINGS } from '../../support/round.ts';
import { withChannels } from '../../support/with-channels.ts';

const ISSUE = 'issue-1';
const hashes = vi.hoisted(() => ({ made: 0 }));
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  const createHash: typeof crypto.createHash = (...how) => {
    hashes.made += 1;
    return crypto.createHash(...how);
  };
  return { ...crypto, createHash, default: { ...crypto, createHash } };
});

const nobody = () => Promise.reject(new Error('this test calls nobody'));

/** Creates an issue of this shape. The last round of its last stage waits for the approver. */
async function anIssueWith(shape: { stages?: number; tasks: number; rounds: number }) {
  const meter = aMeter();
  const writes: string[] = [];
  const fake = createFakeDynamoDb({
    around: (call, run) => {
      if (call.kind === 'WRITE') writes.push(call.operation);
      return meter.around(call, run);
    },
  });
  const { documents, tables } = fake;
  const clock = aClock();
  const work: Reconciling = withChannels({
    store: createDynamoStore(documents, tables),
    pacer: createDynamoPacer(documents, tables.approvalTableName),
    forms: createDynamoFormMemories(documents, tables.approvalTableName),
    feishu: createFeishuGateway({ credentials: nobody, fetch: nobody }),
    oa: gatewayTo(nobody, clock.date),
    now: clock.date,
    newId: () => 'id',
    sleep: clock.advance,
    log: () => undefined,
  });
  const put = (TableName: string, Item: Record<string, AttributeValue>) =>
    documents.send(new PutItemCommand({ TableName, Item }));
  const issue = aWideIssue(shape.stages ?? 1, shape.tasks);
  await put(tables.issueTableName, marshall(issue));
  await put(tables.approvalTableName, marshall({ ...settingsKey, ...SETTINGS }));
  for (const { stageId } of issue.stages) {
    const isHere = stageId === issue.currentStageId;
    const { checkAfter: _, ...round } = aRoundOf({ ...issue, currentStageId: stageId });
    const item = marshall(round, marshallOptions());
    for (let generation = 1; generation <= shape.rounds; generation++) {
      const isLive = isHere && generation === shape.rounds;
      const more = {
        ...roundKey({ ...round, generation }),
        generation,
        approvalId: `${stageId}/${generation}`,
        state: isLive ? 'PENDING' : 'WITHDRAWN',
        ...(isLive ? { checkAfter: new Date(clock.now() + 600_000).toISOString() } : { closeReason: 'BELL' }),
      };
      await put(tables.approvalTableName, { ...item, ...marshall(more) });
    }
  }
  writes.length = 0;
  return {
    work,
    meter,
    writes,
    run: () => reconcile(ISSUE, [], work),
    items: () => fake.items('approvals'),
    /** Puts the pointer of an approval, with or without the key of its round. */
    place: (approvalId: string, round: Pick<Round, 'subject' | 'generation'> | undefined) =>
      put(
        tables.approvalTableName,
        marshall({ ...approvalPointerKey(approvalId), issueId: ISSUE, approvalId, ...(round && { round }) }),
      ),
  };
}

function aWideIssue(stages: number, tasks: number): IssueRecord {
  return anIssue({
    currentStageId: `stage-${stages}`,
    stages: Array.from({ length: stages }, (_, stage) =>
      aStage({
        stageId: `stage-${stage + 1}`,
        tasks: Array.from({ length: tasks / stages }, (__, task) =>
          aTask({ taskId: `task-${stage}-${task}`, statement: `DELETE FROM t WHERE id = ${task}` }),
        ),
      }),
    ),
  });
}

const read = ({ calls, bytes }: Meter) => ({ calls, bytes });

async function readAndMeter<T>(what: () => Promise<T>, meter: Meter) {
  meter.reset();
  const answer = await what();
  return { answer, ...read(meter) };
}

async function costOfOne(shape: Parameters<typeof anIssueWith>[0]) {
  const { run, meter } = await anIssueWith(shape);
  await run();
  meter.reset();
  hashes.made = 0;
  await run();
  return { ...read(meter), hashes: hashes.made };
}

describe('docs/lessons.md 46: a reconcile of an issue with hundreds of rounds', () => {
  it.each([
    { tasks: 1_000, rounds: 500 },
    { tasks: 1, rounds: 500 },
    { tasks: 500, rounds: 10, stages: 50 },
  ])(
    'reads at most twice as much as with one round a stage, and hashes the same: $tasks tasks, $rounds rounds',
    { timeout: 120_000 },
    async (shape) => {
      const one = await costOfOne({ ...shape, rounds: 1 });
      const many = await costOfOne(shape);
      const describeCost = (cost: typeof one) =>
        `${cost.bytes} bytes, ${cost.calls} calls, ${cost.hashes} hashes`;
      console.log(
        `one reconcile of ${JSON.stringify(shape)}: ${describeCost(many)}; with one round a stage ${describeCost(one)}`,
      );
      expect(many.bytes).toBeLessThanOrEqual(2 * one.bytes);
      expect(many.hashes).toBe(one.hashes);
      // The first read of rounds, and one read after the past rounds of each stage.
      expect(many.calls).toBeLessThanOrEqual(one.calls + (shape.stages ?? 1));
    },
  );

  it('stores which rounds are past before anything else, once, and changes no round', async () => {
    const { run, items, writes } = await anIssueWith({ tasks: 1, rounds: 50 });
    const before = items();
    await run();
    const made = writes.splice(0);
    await run();
    expect(made.slice(0, 2)).toEqual(['PutItem', 'PutItem']);
    expect(writes).toEqual([]);
    expect(items().filter(({ sk }) => sk?.S !== 'ISSUE')).toEqual(before);
  });

  it('reads no round twice when it is given an earlier result, and reads again what has changed since', async () => {
    const { run, work, meter } = await anIssueWith({ tasks: 1_000, rounds: 20 });
    const first = await work.store.read(ISSUE);
    await run();
    const plain = await readAndMeter(() => work.store.read(ISSUE), meter);
    const { answer } = plain;
    expect(answer.memory?.past).toEqual([{ subject: { kind: 'STAGE', id: 'stage-1' }, from: 1, to: 19 }]);

    const again = await readAndMeter(() => work.store.read(ISSUE, [], answer), meter);
    expect(again).toEqual(plain);
    // Before the first run, no round was past.
    const changed = await readAndMeter(() => work.store.read(ISSUE, [], first), meter);
    expect(changed.answer).toEqual(answer);
    expect(changed.bytes).toBeGreaterThan(plain.bytes);
  });

  it('reads a past round that a hint names, by its pointer, and no other past round', async () => {
    const { run, work, meter, place } = await anIssueWith({ tasks: 1_000, rounds: 20 });
    await run();
    await place('stage-1/7', { subject: { kind: 'STAGE', id: 'stage-1' }, generation: 7 });
    meter.reset();
    await work.store.read(ISSUE);
    const plain = read(meter);
    meter.reset();
    const { rounds } = await work.store.read(ISSUE, ['stage-1/7']);
    expect(rounds.map(({ generation }) => generation)).toEqual([20, 7]);
    expect(meter.calls).toBe(plain.calls + 2);
    expect(meter.bytes).toBeLessThan(2 * plain.bytes);
  });

  it.each([
    ['whose pointer the previous version wrote', 'stage-1/7', [20, 7]],
    ['only if it exists', 'stage-1/99', [20]],
  ])('finds a past round %s', async (_, approvalId, generations) => {
    const { run, work, place } = await anIssueWith({ tasks: 1, rounds: 20 });
    await run();
    await place('stage-1/7', undefined);
    const { rounds } = await work.store.read(ISSUE, [approvalId]);
    expect(rounds.map(({ generation }) => generation)).toEqual(generations);
  });

  it('does not hide past rounds from readAllRounds', async () => {
    const { run, work } = await anIssueWith({ tasks: 1, rounds: 20 });
    await run();
    expect((await work.store.read(ISSUE)).rounds).toHaveLength(1);
    expect(await work.store.readAllRounds(ISSUE)).toHaveLength(20);
  });

  it('does not search hundreds of large rounds for an earlier request', async () => {
    const { work, meter } = await anIssueWith({ tasks: 1_000, rounds: 200 });
    const last = { issueId: ISSUE, subject: { kind: 'STAGE', id: 'stage-1' }, generation: 200 } as const;
    meter.reset();
    expect(await work.store.findEarlier(last, () => false)).toBeUndefined();
    expect(meter.calls).toBeLessThanOrEqual(6);
  });

  it('finds the last request that the approver saw, however many rounds failed since', async () => {
    const { run, work } = await anIssueWith({ tasks: 1, rounds: 300 });
    await run();
    const last = { issueId: ISSUE, subject: { kind: 'STAGE', id: 'stage-1' }, generation: 300 } as const;
    const find = (isWanted: (round: Round) => boolean) => work.store.findEarlier(last, isWanted);
    expect((await find(() => true))?.generation).toBe(299);
    expect((await find(({ generation }) => generation < 3))?.generation).toBe(2);
    expect(await find(() => false)).toBeUndefined();
    expect(await work.store.findEarlier({ ...last, generation: 1 }, () => true)).toBeUndefined();
  });
});
