import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { currentAbout, currentOrigin, type Origin, runAbout } from './invocation.ts';

/** Names of message attributes. They are stored names: messages may wait for days. */
const NAMES = { correlationId: 'correlationId', cause: 'cause', at: 'causedAt' } as const;

/** SQS accepts more, but what it refuses would block a shard of the stream. */
const ACCEPTABLE = /^[!-~]{1,256}$/;

const CAUSES: readonly string[] = ['CHANGE', 'EVENT', 'OTHER'] satisfies Origin['kind'][];
const isCause = (text: string | undefined): text is Origin['kind'] =>
  text !== undefined && CAUSES.includes(text);

/** Returns what set off the present work, as attributes of a message that it sends; nothing if that is not known. */
export function originAttributes(): { MessageAttributes?: Record<string, MessageAttributeValue> } {
  const { correlationId = '' } = currentAbout();
  const { kind, at } = currentOrigin() ?? {};
  const attributes = {
    ...(ACCEPTABLE.test(correlationId) && {
      [NAMES.correlationId]: { DataType: 'String', StringValue: correlationId },
    }),
    ...(kind !== undefined && { [NAMES.cause]: { DataType: 'String', StringValue: kind } }),
    ...(at !== undefined && { [NAMES.at]: { DataType: 'Number', StringValue: String(Math.round(at)) } }),
  };
  return Object.keys(attributes).length > 0 ? { MessageAttributes: attributes } : {};
}

/** Runs the work on a message with what set it off. A message without attributes has only its own id. */
export function runAboutMessage<T>(message: SQSRecord, work: () => T): T {
  const { messageId, messageAttributes = {}, attributes } = message;
  const textOf = (name: string) => messageAttributes[name]?.stringValue;
  const kind = textOf(NAMES.cause);
  const origin: Origin = {
    kind: isCause(kind) ? kind : 'OTHER',
    at: positive(textOf(NAMES.at)),
    queuedAt: positive(attributes.SentTimestamp),
  };
  return runAbout({ messageId, correlationId: textOf(NAMES.correlationId) ?? messageId }, work, origin);
}

const positive = (text: string | undefined): number | undefined =>
  Number(text) > 0 ? Number(text) : undefined;
