import { randomUUID } from 'node:crypto';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Story } from '../frabit/story.ts';
import { LOCAL_CREDENTIALS, REGION } from '../start/config.ts';
import { dynamoDbStream } from './dynamodb-stream.ts';
import type { FailedRecords } from './failed-records.ts';
import type { Functions } from './functions.ts';
import { startQueuePump } from './queue-pump.ts';
import { type Pump, startStreamPump } from './stream-pump.ts';
import type { LocalQueue } from './work-queue.ts';

/** The event source mappings: both streams and the work queue to their functions. Returns what ends them. */
export function startPumps(
  functions: Functions,
  parts: {
    database: { endpoint: string; issueStreamArn: string; approvalStreamArn: string };
    queue: LocalQueue;
    failedRecords: FailedRecords;
    story: Story;
    notifyChanged: () => void;
    /** Of a batch of a stream; as a stream pump has it unless said. */
    maxRetries?: number;
  },
): () => Promise<void> {
  const { database, queue, failedRecords, story, notifyChanged, maxRetries } = parts;
  const streams = new DynamoDBStreamsClient({
    endpoint: database.endpoint,
    region: REGION,
    credentials: LOCAL_CREDENTIALS,
  });

  function pumpStream(
    functionName: string,
    streamArn: string,
    deliver: (event: DynamoDBStreamEvent) => Promise<unknown>,
    observe: (record: DynamoDBRecord) => void = () => undefined,
  ): Pump {
    const mappingId = randomUUID();
    return startStreamPump({
      source: dynamoDbStream(streams, streamArn, REGION),
      deliver,
      observe,
      ...(maxRetries !== undefined && { maxRetries }),
      async giveUp(records, { shardId, attempts }) {
        story.tell(`${functionName} gave up ${records.length} record(s): see the log of the functions`);
        await failedRecords
          .keep({ functionName, mappingId, streamArn, shardId, attempts, records })
          .catch(() => story.tell(`${functionName}: the record(s) given up could not be kept`));
      },
    });
  }

  const pumps = [
    pumpStream('watch-issues', database.issueStreamArn, functions.watchIssues, (record) => {
      story.onIssueChange(record);
      notifyChanged();
    }),
    pumpStream('publish-approval-events', database.approvalStreamArn, functions.publishApprovalEvents),
    startQueuePump({
      client: queue.client,
      queueUrl: queue.queueUrl,
      queueArn: queue.queueArn,
      region: REGION,
      deliver: functions.reconcileIssues,
      observe: story.onHint,
    }),
  ];
  return async () => {
    await Promise.all(pumps.map((pump) => pump.stop()));
    streams.destroy();
  };
}
