import { setTimeout as pauseFor } from 'node:timers/promises';
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { failedItems } from './batch-response.ts';
import { type PumpSwitch, untilOn } from './pump-switch.ts';
import type { Pump } from './stream-pump.ts';

interface QueuePumpOptions {
  client: SQSClient;
  queueUrl: string;
  queueArn: string;
  region: string;
  deliver: (event: SQSEvent) => Promise<unknown>;
  /** Gets every message before each delivery. */
  observe?: (record: SQSRecord) => void;
  pumpSwitch?: PumpSwitch;
  /** The MaximumConcurrency of the event source mapping. */
  concurrency?: number;
}

const LONG_POLL_SECONDS = 20;
const TROUBLE_PAUSE_MS = 200;

/**
 * Passes messages from SQS to a function, one at a time and at most `concurrency` at once, and deletes them on success.
 * A failed message stays hidden for the time that the function set with ChangeMessageVisibility, else for the
 * visibility timeout of the queue. The queue itself keeps the order and moves messages to the dead-letter queue.
 */
export function startQueuePump(options: QueuePumpOptions): Pump {
  const { client, queueUrl, deliver, observe, pumpSwitch, concurrency = 5 } = options;
  const stopping = new AbortController();
  const { signal } = stopping;

  async function receive(): Promise<Message | undefined> {
    const { Messages } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 1,
        WaitTimeSeconds: LONG_POLL_SECONDS,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
      { abortSignal: signal },
    );
    return Messages?.[0];
  }

  async function work(): Promise<void> {
    while (!signal.aborted) {
      try {
        await untilOn(pumpSwitch, signal);
        if (signal.aborted) break;
        const message = await receive();
        if (!message) continue;
        const record = sqsRecord(message, options);
        observe?.(record);
        const failed = await failedItems([record.messageId], () => deliver({ Records: [record] }));
        if (failed.size > 0) continue;
        await client.send(
          new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle }),
        );
      } catch {
        if (!signal.aborted) await pauseFor(TROUBLE_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  const workers = Array.from({ length: concurrency }, work);
  return {
    async stop() {
      stopping.abort();
      await Promise.all(workers);
    },
  };
}

export function sqsRecord(message: Message, queue: { queueArn: string; region: string }): SQSRecord {
  const attributes = message.Attributes ?? {};
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: {
      ...attributes,
      ApproximateReceiveCount: attributes.ApproximateReceiveCount ?? '1',
      SentTimestamp: attributes.SentTimestamp ?? '',
      SenderId: attributes.SenderId ?? '',
      ApproximateFirstReceiveTimestamp: attributes.ApproximateFirstReceiveTimestamp ?? '',
    },
    messageAttributes: attributesOf(message),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: queue.queueArn,
    awsRegion: queue.region,
  };
}

/** Returns the attributes as Lambda gives them to a function. */
const attributesOf = ({ MessageAttributes = {} }: Message): SQSRecord['messageAttributes'] =>
  Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, { DataType = 'String', StringValue }]) => [
      name,
      {
        dataType: DataType,
        ...(StringValue !== undefined && { stringValue: StringValue }),
      },
    ]),
  );
