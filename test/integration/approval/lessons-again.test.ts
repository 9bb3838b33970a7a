import type { DynamoDBRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { watchRecord } from '../../../functions/watch-issues/watch-record.ts';
import { type HintHandling, handleHint } from '../../../shared/approval/handle-hint.ts';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import { createDynamoStore } from '../../../shared/approval/store/dynamo-store.ts';
import type { ApprovalStore } from '../../../shared/approval/store/store.ts';
import { createFeishuGateway } from '../../../shared/feishu/client.ts';
import { processStream } from '../../../shared/runtime/batch.ts';
import { AppError } from '../../../shared/runtime/errors.ts';
import { ASSIGNEE, aCore, type Core, ISSUE } from '../../support/core.ts';
import { aCounter } from '../../support/counter.ts';
import { anIssue, imageOf } from '../../support/issue.ts';
import { aLog } from '../../support/log.ts';
import { useDatabase } from '../../support/use-core.ts';

/** Lessons (docs/lessons.md) about what happens twice, at the same time, or only in part. */

const database = useDatabase();

/** Runs a test with a core whose store is changed, and closes the core. */
async function withCore(
  test: (core: Core) => Promise<void>,
  change: (store: ApprovalStore) => Partial<ApprovalStore> = () => ({}),
): Promise<void> {
  const core = await aCore(database(), {
    change: ({ store }) => ({ store: { ...store, ...change(store) } }),
  });
  try {
    await test(core);
  } finally {
    await core.close();
  }
}

const approvalOf = async (core: Core, issueId = ISSUE) =>
  (await core.record(issueId)).stageApprovals?.['stage-1'];

describe('the same decision event in two containers at the same time (docs/lessons.md 1)', () => {
  /** Returns a barrier that opens once two callers wait at it. */
  function aBarrier(): () => Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let waiting = 0;
    return () => {
      waiting += 1;
      if (waiting === 2) resolve();
      return promise;
    };
  }

  it.each([
    ['with a version', 1],
    ['without a version', undefined],
  ])(
    'is one decision on a record %s: one container applies it, the other finds it applied',
    async (_, first) => {
      const wait = aBarrier();
      const results: string[] = [];
      const applying = (store: ApprovalStore) => ({
        approve: async (change: Parameters<ApprovalStore['approve']>[0]) => {
          await wait();
          await store.approve(change).then(
            () => results.push('applied'),
            (error: AppError) => {
              results.push(error.code);
              throw error;
            },
          );
        },
      });
      await withCore(async (core) => {
        await core.write(anIssue({ version: first }));
        const card = core.card();
        core.simulator.control.approve(card.instanceCode, ASSIGNEE);
        const { version } = await core.record(ISSUE);
        const other: HintHandling = {
          ...core.work,
          store: { ...createDynamoStore(database().documents, core.tables), ...applying(core.work.store) },
          feishu: createFeishuGateway({
            baseUrl: core.simulator.url,
            now: core.clock.now,
            credentials: async () => core.simulator.app,
          }),
        };
        const one: HintHandling = {
          ...core.work,
          store: { ...core.work.store, ...applying(core.work.store) },
        };
        const hint: Hint = {
          kind: 'FEISHU_EVENT',
          issueId: ISSUE,
          approvalId: card.uuid?.toLowerCase() ?? '',
          eventId: 'the same event',
          appId: core.simulator.app.appId,
          definitionCode: core.settings.definitionCode,
          instanceCode: card.instanceCode,
          about: 'INSTANCE',
          status: 'APPROVED',
        };

        const settled = await Promise.allSettled([handleHint(hint, one), handleHint(hint, other)]);
        // After a conflict of two transactions the queue delivers the message again.
        for (const { status } of settled) if (status === 'rejected') await handleHint(hint, core.work);

        expect(results.filter((result) => result === 'applied')).toHaveLength(1);
        expect(results).toHaveLength(2);
        const record = await core.record(ISSUE);
        expect(record.stages[0]?.tasks[0]?.status).toBe('PENDING');
        expect(record.version).toBe(version && version + 1);
        expect(record.stageApprovals?.['stage-1']?.decisions).toHaveLength(1);
        const rounds = await core.rounds(ISSUE);
        expect(rounds).toHaveLength(1);
        expect(rounds[0]).toMatchObject({ state: 'APPROVED', decisions: [{ applied: true }] });
      });
    },
  );
});

it('docs/lessons.md 5: a card whose code could not be stored is adopted by its uuid: one card, one round', async () => {
  let lost = 0;
  await withCore(
    async (core) => {
      await core.put(anIssue());
      await expect(core.run(ISSUE)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
      expect(await core.rounds(ISSUE)).toMatchObject([{ state: 'REQUESTED', attempted: true }]);
      expect(core.simulator.control.instances()).toHaveLength(1);

      await core.run(ISSUE);

      expect(lost).toBe(1);
      expect(core.simulator.control.calls().calls.createInstance).toBe(1);
      const card = core.card();
      expect(await core.rounds(ISSUE)).toMatchObject([
        { state: 'PENDING', instanceCode: card.instanceCode, approvalId: card.uuid?.toLowerCase() },
      ]);
      expect(await approvalOf(core)).toMatchObject({
        state: 'PENDING',
        ref: { instanceCode: card.instanceCode },
      });
    },
    (store) => ({
      save: async (before, after, request) => {
        if (after.state === 'PENDING' && lost === 0) {
          lost += 1;
          throw new AppError('STORE_UNAVAILABLE', 'down', { retryable: true });
        }
        return store.save(before, after, request);
      },
    }),
  );
});

it('docs/lessons.md 25: an old record that overwrites a live approval is repaired, and the card stays open', async () => {
  await withCore(async (core) => {
    await core.write(anIssue());
    const card = core.card();
    const written = await approvalOf(core);
    await core.write(anIssue());
    expect(await approvalOf(core)).toEqual(written);
    expect(core.simulator.control.instances()).toHaveLength(1);
    core.simulator.control.approve(card.instanceCode, ASSIGNEE);
    await core.receiveEvent(card, 'APPROVED');
    expect(await approvalOf(core)).toMatchObject({ state: 'APPROVED', generation: 1 });
  });
});

describe('a batch of the stream', () => {
  const inserted = (item: { issueId: string }, serial: number): DynamoDBRecord => ({
    eventID: `event-${serial}`,
    eventName: 'INSERT',
    dynamodb: {
      Keys: { issueId: { S: item.issueId } },
      NewImage: JSON.parse(JSON.stringify(imageOf(item))),
      SequenceNumber: String(serial),
    },
  });

  /** Runs the function over a batch, with a queue that refuses messages of the issues in `down`. */
  async function deliver(records: DynamoDBRecord[], down: string[] = []) {
    const hints: Hint[] = [];
    const queue = {
      send: async (hint: Hint) => {
        if ('issueId' in hint && down.includes(hint.issueId)) {
          throw new AppError('QUEUE_UNAVAILABLE', 'down', { retryable: true });
        }
        hints.push(hint);
      },
    };
    const dependencies = { queue, counter: aCounter(), logger: aLog() };
    const { batchItemFailures } = await processStream(
      records,
      (record) => watchRecord(record, dependencies),
      async () => undefined,
    );
    return { hints, failedFrom: batchItemFailures[0]?.itemIdentifier };
  }

  const runAll = async (core: Core, hints: Hint[]) => {
    for (const hint of hints) if ('issueId' in hint) await core.run(hint.issueId, hint);
  };

  it('with one malformed record sends its neighbours, and the malformed one shows its error (docs/lessons.md 13)', async () => {
    await withCore(async (core) => {
      const items = [
        anIssue({ issueId: 'before' }),
        { ...anIssue({ issueId: 'broken' }), stages: 'none' },
        anIssue({ issueId: 'after' }),
      ];
      for (const item of items) await core.put(item);

      const { hints, failedFrom } = await deliver(items.map(inserted));
      await runAll(core, hints);

      expect(failedFrom).toBeUndefined();
      expect(await approvalOf(core, 'before')).toMatchObject({ state: 'PENDING' });
      expect(await approvalOf(core, 'after')).toMatchObject({ state: 'PENDING' });
      const broken = await core.record('broken');
      expect(broken.approvalError).toMatchObject({
        code: 'INVALID_RECORD',
        message: expect.stringMatching(/^stages: /),
      });
      expect(broken.stageApprovals).toBeUndefined();
      expect(core.simulator.control.instances()).toHaveLength(2);
    });
  });

  it('that is delivered again in part and as a whole asks for each issue once (docs/lessons.md 14)', async () => {
    await withCore(async (core) => {
      const items = ['a', 'b', 'c'].map((issueId) => anIssue({ issueId }));
      for (const item of items) await core.put(item);
      const records = items.map(inserted);

      const first = await deliver(records, ['b']);
      expect(first.failedFrom).toBe('1');
      const again = await deliver(records.slice(1));
      const whole = await deliver(records);
      await runAll(core, [...first.hints, ...again.hints, ...whole.hints]);

      expect([...first.hints, ...again.hints]).toMatchObject(items.map(({ issueId }) => ({ issueId })));
      for (const { issueId } of items)
        expect(await core.rounds(issueId)).toMatchObject([{ state: 'PENDING' }]);
      expect(core.simulator.control.instances()).toHaveLength(3);
    });
  });
});
