import { type MessageAttributeValue, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { isLasting } from './lasting-errors.ts';
import type { QueuePlace } from './message-visibility.ts';

/** How long a message that may still succeed is tried, since it was received first (ADR 21). */
const GIVE_UP_MS = 6 * 60 * 60_000;

/** Whether a failed message is set aside now: it cannot succeed, or it has been tried for six hours. */
export function isGivenUp(error: unknown, { attributes }: SQSRecord, now: number): boolean {
  const first = Number(attributes.ApproximateFirstReceiveTimestamp);
  return isLasting(error) || (first > 0 && now - first >= GIVE_UP_MS);
}

/**
 * Sends a message to the dead-letter queue as it is, with its group and attributes. The caller then reports it as
 * processed, so that Lambda deletes it. After a crash in between it is received and sent again: its id is the
 * deduplication id, and a hint does no harm twice.
 */
export async function sendToDeadLetters({ sqs, queueUrl }: QueuePlace, message: SQSRecord): Promise<void> {
  const { messageId, body, attributes, messageAttributes = {} } = message;
  const kept = Object.entries(messageAttributes).map(([name, { dataType, stringValue, binaryValue }]) => [
    name,
    {
      DataType: dataType,
      ...(stringValue !== undefined && { StringValue: stringValue }),
      ...(binaryValue !== undefined && { BinaryValue: Buffer.from(binaryValue, 'base64') }),
    } satisfies MessageAttributeValue,
  ]);
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: body,
      MessageGroupId: attributes.MessageGroupId,
      MessageDeduplicationId: messageId,
      ...(kept.length > 0 && { MessageAttributes: Object.fromEntries(kept) }),
    }),
  );
}
