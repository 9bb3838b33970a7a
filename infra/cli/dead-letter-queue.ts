import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { parseHint } from '../../shared/approval/work-queue.ts';

/** How long a received message is hidden from other readers. */
const HIDDEN_SECONDS = 30;
/** A long poll asks all servers of the queue: if two in a row find nothing, the queue is empty. */
const POLL_SECONDS = 1;
const EMPTY_POLLS = 2;

const messageSchema = z.object({
  MessageId: z.string(),
  ReceiptHandle: z.string(),
  Body: z.string(),
  Attributes: z.object({
    SentTimestamp: z.string().transform((ms) => new Date(Number(ms)).toISOString()),
    ApproximateReceiveCount: z.string().transform(Number),
    MessageGroupId: z.string(),
  }),
  /** What set the hint off (shared/runtime/message-origin.ts). */
  MessageAttributes: z
    .record(
      z.string(),
      z.object({
        DataType: z.string(),
        StringValue: z.string().optional(),
        BinaryValue: z.instanceof(Uint8Array).optional(),
      }),
    )
    .optional(),
});
export type DeadMessage = z.infer<typeof messageSchema>;

export interface DeadQueue {
  sqs: SQSClient;
  queueUrl: string;
}

/** Describes a message by its kind and issue only: nothing else of a hint is needed. */
export const describeMessage = ({ MessageId, Body, Attributes }: DeadMessage) => ({
  messageId: MessageId,
  ...describeBody(Body),
  sentAt: Attributes.SentTimestamp,
  received: Attributes.ApproximateReceiveCount,
});

export const isHint = ({ Body }: DeadMessage): boolean => describeBody(Body).kind !== 'unreadable';

function describeBody(body: string): { kind: string; issueId?: string; instanceCode?: string } {
  try {
    const hint = parseHint(body);
    return hint.kind === 'UNKNOWN_INSTANCE'
      ? { kind: hint.kind, instanceCode: hint.instanceCode }
      : { kind: hint.kind, issueId: hint.issueId };
  } catch {
    return { kind: 'unreadable' };
  }
}

/**
 * Yields every message that the queue returns, in batches. A FIFO queue returns ten messages of a group and no more until
 * they are deleted. Skips messages that come back after HIDDEN_SECONDS.
 */
export async function* receiveAll({ sqs, queueUrl }: DeadQueue): AsyncGenerator<DeadMessage[]> {
  const seen = new Set<string>();
  for (let empty = 0; empty < EMPTY_POLLS; ) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: HIDDEN_SECONDS,
        WaitTimeSeconds: POLL_SECONDS,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    const fresh = z
      .array(messageSchema)
      .parse(Messages)
      .filter(({ MessageId }) => !seen.has(MessageId));
    for (const { MessageId } of fresh) seen.add(MessageId);
    empty = fresh.length === 0 ? empty + 1 : 0;
    if (fresh.length > 0) yield fresh;
  }
}

/** Makes messages visible to other readers at once, not only after HIDDEN_SECONDS. */
export async function release({ sqs, queueUrl }: DeadQueue, messages: readonly DeadMessage[]): Promise<void> {
  for (let start = 0; start < messages.length; start += 10) {
    const Entries = messages.slice(start, start + 10).map(({ ReceiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle,
      VisibilityTimeout: 0,
    }));
    await sqs
      .send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }))
      .catch(() => undefined);
  }
}

/** Returns the approximate number of messages, including hidden ones. */
export async function countMessages({ sqs, queueUrl }: DeadQueue): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  const { ApproximateNumberOfMessages: ready, ApproximateNumberOfMessagesNotVisible: hidden } = Attributes;
  return Number(ready ?? 0) + Number(hidden ?? 0);
}

/** Sends the message to the work queue, and only then deletes it. */
export async function redriveMessage(
  { sqs, queueUrl }: DeadQueue,
  workQueueUrl: string,
  message: DeadMessage,
  deduplicationId: string,
): Promise<void> {
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: workQueueUrl,
      MessageBody: message.Body,
      MessageGroupId: message.Attributes.MessageGroupId,
      MessageDeduplicationId: deduplicationId,
      MessageAttributes: message.MessageAttributes,
    }),
  );
  await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle }));
}
