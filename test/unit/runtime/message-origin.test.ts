import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { currentAbout, currentOrigin, type Origin, runAbout } from '../../../shared/runtime/invocation.ts';
import { originAttributes, runAboutMessage } from '../../../shared/runtime/message-origin.ts';

/** The message as Lambda delivers it, with the attributes that were sent. */
function delivered({ MessageAttributes = {} }: ReturnType<typeof originAttributes>): SQSRecord {
  return {
    messageId: 'message-1',
    receiptHandle: '',
    body: '{}',
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '1700000000500',
      SenderId: 'x',
      ApproximateFirstReceiveTimestamp: '1700000000600',
    },
    messageAttributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { DataType = '', StringValue = '' }]) => [
        name,
        { dataType: DataType, stringValue: StringValue },
      ]),
    ),
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn',
    awsRegion: 'us-east-1',
  };
}

const readBack = (message: SQSRecord) =>
  runAboutMessage(message, () => ({ about: currentAbout(), origin: currentOrigin() }));

describe('what set off a message', () => {
  it.each<Origin>([
    { kind: 'CHANGE', at: 1_700_000_000_000 },
    { kind: 'EVENT', at: 1_700_000_000_123.7 },
    { kind: 'OTHER' },
  ])('goes with it through the queue: $kind', (origin) => {
    const sent = runAbout({ correlationId: 'cause-1', issueId: 'i' }, originAttributes, origin);

    expect(readBack(delivered(sent))).toEqual({
      about: { messageId: 'message-1', correlationId: 'cause-1' },
      origin: {
        kind: origin.kind,
        at: origin.at === undefined ? undefined : Math.round(origin.at),
        queuedAt: 1_700_000_000_500,
      },
    });
  });

  it('is nothing outside an invocation, and then the message is its own cause', () => {
    expect(originAttributes()).toEqual({});
    expect(readBack(delivered({}))).toEqual({
      about: { messageId: 'message-1', correlationId: 'message-1' },
      origin: { kind: 'OTHER', at: undefined, queuedAt: 1_700_000_000_500 },
    });
  });

  it.each([
    ['is empty', ''],
    ['is too long', 'x'.repeat(257)],
    ['has characters that SQS refuses', 'a\u{ffff}b'],
    ['has spaces', 'a b'],
  ])('has no correlation id if it %s', (_what, correlationId) => {
    const sent = runAbout({ correlationId }, originAttributes, { kind: 'CHANGE' });

    expect(Object.keys(sent.MessageAttributes ?? {})).toEqual(['cause']);
  });

  it('is OTHER if the message names a cause that this version does not know', () => {
    const { origin } = readBack(
      delivered({
        MessageAttributes: {
          cause: { DataType: 'String', StringValue: 'LATER' },
          causedAt: { DataType: 'Number', StringValue: 'soon' },
        },
      }),
    );

    expect(origin).toMatchObject({ kind: 'OTHER', at: undefined });
  });
});
