import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { firstFailure } from '../../infra/local/aws/batch-response.ts';
import type { Mapping } from '../../infra/local/aws/event-source-mappings.ts';
import type { Functions } from '../../infra/local/aws/functions.ts';
import { sqsRecord } from '../../infra/local/aws/queue-pump.ts';
import type { LocalQueue } from '../../infra/local/aws/work-queue.ts';
import { REGION } from '../../infra/local/names.ts';
import type { DatabaseServer } from './database-server.ts';

/**
 * The three event source mappings of the drills: they pass on what is there when they are asked, and do not wait. So a
 * drill decides when a function runs. They follow Lambda's rules as the pumps of the local stack do, one batch at a time.
 */
export interface EventSources {
  /** Passes everything on that can be passed on now. Resolves to how many batches of it were handled, or hidden. */
  pass(): Promise<number>;
  /** Whether a message is hidden in the queue: it was received and not deleted. */
  hasHidden(): boolean;
  /** Forgets stream records that were not passed on. */
  clear(): void;
}

const BATCH_SIZE = 100;
/** No drill has so many. A loop without end must fail, not hang. */
const MOST_MESSAGES = 2_000;

export function createEventSources(parts: {
  functions: Pick<Functions, 'watchIssues' | 'publishApprovalEvents' | 'reconcileIssues'>;
  database: DatabaseServer;
  queue: LocalQueue;
  mappings: readonly Mapping[];
  /** Called before a batch of a stream is passed on, with the age of its last record in milliseconds. */
  onBatch: (functionName: string, ageMs: number) => void;
  now: () => number;
}): EventSources {
  const { functions, database, queue, mappings, onBatch, now } = parts;
  const isOn = (name: string) => mappings.find(({ functionName }) => functionName === name)?.isOn === true;

  function streamOf(
    name: string,
    table: 'issues' | 'approvals',
    deliver: (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse | undefined>,
  ) {
    const waiting: DynamoDBRecord[] = [];
    return {
      clear: () => void waiting.splice(0),
      /** Stops at the first failure, which is delivered again the next time: Lambda repeats until the record is too old. */
      async pass(): Promise<number> {
        waiting.push(...database.takeChanges(table));
        let invocations = 0;
        while (isOn(name) && waiting.length > 0) {
          const Records = waiting.slice(0, BATCH_SIZE);
          onBatch(name, now() - (Records.at(-1)?.dynamodb?.ApproximateCreationDateTime ?? 0) * 1000);
          invocations += 1;
          const failed = await firstFailure(
            Records.map((record) => record.dynamodb?.SequenceNumber ?? ''),
            () => deliver(structuredClone({ Records })),
          );
          waiting.splice(0, failed ?? Records.length);
          if (failed === undefined) continue;
          // Not now: the drill would wait for ever.
          return invocations - 1;
        }
        return invocations;
      },
    };
  }

  const streams = [
    streamOf('watch-issues', 'issues', functions.watchIssues),
    streamOf('publish-approval-events', 'approvals', functions.publishApprovalEvents),
  ];

  /** Ids of messages that were received and not deleted. */
  const hidden = new Set<string>();

  async function receive() {
    const { Messages } = await queue.client.send(
      new ReceiveMessageCommand({
        QueueUrl: queue.queueUrl,
        MaxNumberOfMessages: 1,
        WaitTimeSeconds: 0,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    return Messages?.[0];
  }

  async function passQueue(): Promise<number> {
    let invocations = 0;
    while (isOn('reconcile-issues')) {
      const message = await receive();
      if (!message) break;
      invocations += 1;
      if (invocations > MOST_MESSAGES) throw new Error('The work queue does not become empty.');
      const record = sqsRecord(message, { queueArn: queue.queueArn, region: REGION });
      const failed = await firstFailure([record.messageId], () =>
        functions.reconcileIssues({ Records: [record] }),
      );
      hidden.add(record.messageId);
      if (failed !== undefined) continue;
      hidden.delete(record.messageId);
      const { ReceiptHandle } = message;
      await queue.client.send(new DeleteMessageCommand({ QueueUrl: queue.queueUrl, ReceiptHandle }));
    }
    return invocations;
  }

  return {
    async pass() {
      let invocations = 0;
      for (const stream of streams) invocations += await stream.pass();
      return invocations + (await passQueue());
    },
    hasHidden: () => hidden.size > 0,
    clear() {
      hidden.clear();
      for (const stream of streams) stream.clear();
      database.takeChanges('issues');
      database.takeChanges('approvals');
    },
  };
}
