import { ChangeMessageVisibilityCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startQueuePump } from '../../../infra/local/aws/queue-pump.ts';
import type { Pump } from '../../../infra/local/aws/stream-pump.ts';
import { type LocalQueue, startWorkQueue } from '../../../infra/local/aws/work-queue.ts';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import { createWorkQueue, parseHint } from '../../../shared/approval/work-queue.ts';

let queue: LocalQueue;
let pump: Pump | undefined;

async function start(
  deliver: (record: SQSRecord) => Promise<'ok' | 'failed'>,
  options: { visibilitySeconds?: number; maxReceives?: number } = {},
): Promise<void> {
  queue = await startWorkQueue(options);
  pump = startQueuePump({
    client: queue.client,
    queueUrl: queue.queueUrl,
    queueArn: queue.queueArn,
    region: 'us-east-1',
    deliver: async ({ Records }) => {
      const failures: { itemIdentifier: string }[] = [];
      for (const record of Records) {
        if ((await deliver(record)) === 'failed') failures.push({ itemIdentifier: record.messageId });
      }
      return { batchItemFailures: failures };
    },
  });
}

const send = (body: string, group = body) =>
  queue.client.send(
    new SendMessageCommand({
      QueueUrl: queue.queueUrl,
      MessageBody: body,
      MessageGroupId: group,
      MessageDeduplicationId: body,
    }),
  );

const hide = (record: SQSRecord, seconds: number) =>
  queue.client.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: queue.queueUrl,
      ReceiptHandle: record.receiptHandle,
      VisibilityTimeout: seconds,
    }),
  );

afterEach(async () => {
  await pump?.stop();
  await queue.stop();
});

describe('a queue pump', () => {
  it('delivers the hint of an issue whose id contains any Unicode', async () => {
    const seen: string[] = [];
    await start(async (record) => {
      seen.push(record.body);
      return 'ok';
    });
    const hint: Hint = { kind: 'DUE', issueId: '问题 😀 \uffff', approvalIds: [] };
    await createWorkQueue({ sqs: queue.client, queueUrl: queue.queueUrl }).send(hint, 'id-1');
    await vi.waitFor(() => expect(seen.map(parseHint)).toEqual([hint]));
  });

  it('delivers one message per invocation and deletes it after success', async () => {
    const seen: SQSRecord[] = [];
    await start(async (record) => {
      seen.push(record);
      return 'ok';
    });
    await send('a');
    await send('b');
    await vi.waitFor(() => expect(seen.map((record) => record.body).sort()).toEqual(['a', 'b']));
    await pump?.stop();
    expect(seen[0]).toMatchObject({
      eventSource: 'aws:sqs',
      eventSourceARN: queue.queueArn,
      attributes: { ApproximateReceiveCount: '1', MessageGroupId: seen[0]?.body },
    });
  });

  it('moves a message to the dead-letter queue after its maximum of failed receives, and not before', async () => {
    const counts: number[] = [];
    await start(
      async (record) => {
        counts.push(Number(record.attributes.ApproximateReceiveCount));
        await hide(record, 0);
        return 'failed';
      },
      { visibilitySeconds: 1, maxReceives: 20 },
    );
    await send('poison');
    await vi.waitFor(async () => expect(await queue.deadLetters()).toBe(1), { timeout: 20_000 });
    expect(counts).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('delivers neither a hidden message nor its group', async () => {
    const seen: string[] = [];
    await start(async (record) => {
      seen.push(record.body);
      if (record.body !== 'hidden') return 'ok';
      await hide(record, 600);
      return 'failed';
    });
    await send('hidden', 'one issue');
    await send('behind it', 'one issue');
    await vi.waitFor(() => expect(seen).toContain('hidden'));
    for (const body of ['x', 'y', 'z']) await send(body);
    await vi.waitFor(() => expect(seen).toEqual(expect.arrayContaining(['x', 'y', 'z'])));
    expect(seen.filter((body) => body === 'hidden')).toHaveLength(1);
    expect(seen).not.toContain('behind it');
  });

  it('leaves a message whose function threw hidden until the visibility timeout', async () => {
    const counts: string[] = [];
    await start(
      async (record) => {
        counts.push(record.attributes.ApproximateReceiveCount);
        if (counts.length === 1) throw new Error('crashed');
        return 'ok';
      },
      { visibilitySeconds: 1 },
    );
    await send('a');
    await vi.waitFor(() => expect(counts).toEqual(['1', '2']), { timeout: 10_000 });
  });

  it('processes at most five messages at once, and the next one when one is done', async () => {
    const open: (() => void)[] = [];
    let most = 0;
    let now = 0;
    let done = 0;
    await start(async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise<void>((resolve) => open.push(resolve));
      now -= 1;
      done += 1;
      return 'ok';
    });
    for (const body of ['1', '2', '3', '4', '5', '6', '7']) await send(body);
    await vi.waitFor(() => expect(open).toHaveLength(5));
    open.splice(0).forEach((finish) => void finish());
    await vi.waitFor(() => expect(open).toHaveLength(2));
    open.splice(0).forEach((finish) => void finish());
    await vi.waitFor(() => expect(done).toBe(7));
    expect(most).toBe(5);
  });
});
