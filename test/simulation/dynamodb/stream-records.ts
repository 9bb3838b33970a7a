import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord, AttributeValue as LambdaValue } from 'aws-lambda';
import { keyAttributes } from './keys.ts';
import type { StoredMap } from './values.ts';

const STREAM_ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/issues/stream/2026-03-01T08:00:00.000';
/** Stream positions have 21 digits or more (DynamoDB Streams API, StreamRecord). Here the second one has a digit more. */
const FIRST_NUMBER = 10n ** 21n - 2n;

/** Returns one change of a table as Lambda receives it from the stream (NEW_AND_OLD_IMAGES). `sequence` counts from 1. */
export function streamRecord(
  sequence: number,
  keyNames: readonly string[],
  before: StoredMap | undefined,
  after: StoredMap | undefined,
): DynamoDBRecord {
  const sequenceNumber = String(FIRST_NUMBER + BigInt(sequence));
  return {
    eventID: sequence.toString(16).padStart(32, '0'),
    eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    eventSourceARN: STREAM_ARN,
    dynamodb: {
      Keys: lambdaImage(keyAttributes(after ?? before ?? {}, keyNames)),
      ...(before && { OldImage: lambdaImage(before) }),
      ...(after && { NewImage: lambdaImage(after) }),
      SequenceNumber: sequenceNumber,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  };
}

const lambdaImage = (image: StoredMap): Record<string, LambdaValue> =>
  Object.fromEntries(Object.entries(image).map(([name, value]) => [name, lambdaValue(value)]));

/** Lambda receives JSON, in which bytes are base64. */
function lambdaValue(value: AttributeValue): LambdaValue {
  if (value.S !== undefined) return { S: value.S };
  if (value.M !== undefined) return { M: lambdaImage(value.M) };
  if (value.L !== undefined) return { L: value.L.map(lambdaValue) };
  if (value.N !== undefined) return { N: value.N };
  if (value.BOOL !== undefined) return { BOOL: value.BOOL };
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.SS !== undefined) return { SS: value.SS };
  if (value.NS !== undefined) return { NS: value.NS };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  return { NULL: true };
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
