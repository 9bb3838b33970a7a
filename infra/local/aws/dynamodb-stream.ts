import {
  type AttributeValue,
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord, AttributeValue as LambdaValue } from 'aws-lambda';
import type { StreamSource } from './stream-pump.ts';

/** Reads a DynamoDB stream for a pump. Its records have the form that Lambda passes to functions. */
export function dynamoDbStream(
  client: DynamoDBStreamsClient,
  streamArn: string,
  region: string,
): StreamSource {
  return {
    async shards() {
      const shards: { shardId: string; parentShardId?: string | undefined }[] = [];
      let last: string | undefined;
      do {
        const { StreamDescription } = await client.send(
          new DescribeStreamCommand({
            StreamArn: streamArn,
            ...(last !== undefined && { ExclusiveStartShardId: last }),
          }),
        );
        for (const shard of StreamDescription?.Shards ?? []) {
          if (shard.ShardId) shards.push({ shardId: shard.ShardId, parentShardId: shard.ParentShardId });
        }
        last = StreamDescription?.LastEvaluatedShardId;
      } while (last !== undefined);
      return shards;
    },
    async iterator(shardId, after) {
      const { ShardIterator } = await client.send(
        new GetShardIteratorCommand({
          StreamArn: streamArn,
          ShardId: shardId,
          ...(after === undefined
            ? { ShardIteratorType: 'TRIM_HORIZON' }
            : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after }),
        }),
      );
      return ShardIterator;
    },
    async read(iterator, limit) {
      const { Records, NextShardIterator } = await client.send(
        new GetRecordsCommand({ ShardIterator: iterator, Limit: limit }),
      );
      return {
        records: (Records ?? []).map((record) => lambdaRecord(record, streamArn, region)),
        next: NextShardIterator,
      };
    },
  };
}

/** Converts a record: Lambda has seconds where the SDK has a Date, and base64 where the SDK has bytes. */
function lambdaRecord(record: StreamRecord, streamArn: string, region: string): DynamoDBRecord {
  const { Keys, NewImage, OldImage, SequenceNumber, SizeBytes, StreamViewType, ApproximateCreationDateTime } =
    record.dynamodb ?? {};
  return {
    ...(record.eventID && { eventID: record.eventID }),
    ...(record.eventName && { eventName: record.eventName }),
    eventVersion: record.eventVersion ?? '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    eventSourceARN: streamArn,
    ...(record.userIdentity && {
      userIdentity: { type: record.userIdentity.Type, principalId: record.userIdentity.PrincipalId },
    }),
    dynamodb: {
      ...(ApproximateCreationDateTime && {
        ApproximateCreationDateTime: secondOf(ApproximateCreationDateTime, Date.now()),
      }),
      ...(Keys && { Keys: lambdaImage(Keys) }),
      ...(NewImage && { NewImage: lambdaImage(NewImage) }),
      ...(OldImage && { OldImage: lambdaImage(OldImage) }),
      ...(SequenceNumber && { SequenceNumber }),
      ...(SizeBytes !== undefined && { SizeBytes }),
      ...(StreamViewType && { StreamViewType }),
    },
  };
}

/**
 * Returns the second of a change. DynamoDB Local gives its minute, rounded down; AWS gives its second. A record that is
 * read within that minute was changed a moment ago.
 */
function secondOf(minute: Date, now: number): number {
  const isThisMinute = now >= minute.getTime() && now - minute.getTime() < 60_000;
  return Math.floor((isThisMinute ? now : minute.getTime()) / 1000);
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const lambdaImage = (image: Record<string, AttributeValue>): Record<string, LambdaValue> =>
  Object.fromEntries(Object.entries(image).map(([name, value]) => [name, lambdaValue(value)]));

function lambdaValue(value: AttributeValue): LambdaValue {
  if (value.S !== undefined) return { S: value.S };
  if (value.N !== undefined) return { N: value.N };
  if (value.M !== undefined) return { M: lambdaImage(value.M) };
  if (value.L !== undefined) return { L: value.L.map(lambdaValue) };
  if (value.BOOL !== undefined) return { BOOL: value.BOOL };
  if (value.NULL !== undefined) return { NULL: value.NULL };
  if (value.SS !== undefined) return { SS: value.SS };
  if (value.NS !== undefined) return { NS: value.NS };
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  // Streams of DynamoDB Local leave out the type of an empty map; AWS sends {M: {}}.
  return { M: {} };
}
