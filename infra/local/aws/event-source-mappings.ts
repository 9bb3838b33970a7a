import { randomUUID } from 'node:crypto';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord, DynamoDBStreamEvent, SQSRecord } from 'aws-lambda';
import { LOCAL_CREDENTIALS, REGION } from '../names.ts';
import { dynamoDbStream } from './dynamodb-stream.ts';
import type { FailedRecords } from './failed-records.ts';
import type { Functions } from './functions.ts';
import { startQueuePump } from './queue-pump.ts';
import { type Pump, startStreamPump } from './stream-pump.ts';
import type { LocalQueue } from './work-queue.ts';

/** Observes what passes through the mappings: for the story of the console, and for tests. */
interface MappingObserver {
  onIssueChange(record: DynamoDBRecord): void;
  /** Each message of the work queue, before each delivery. */
  onHint(record: SQSRecord): void;
  onGivenUp(text: string): void;
}

/** Starts the event source mappings: both streams and the work queue to their functions. Returns what ends them. */
export function startEventSourceMappings(
  functions: Functions,
  parts: {
    database: { endpoint: string; issueStreamArn: string; approvalStreamArn: string };
    queue: LocalQueue;
    failedRecords: FailedRecords;
    observer: MappingObserver;
    /** How often a stream batch is retried; default: that of a stream pump. */
    maxRetries?: number;
  },
): () => Promise<void> {
  const { database, queue, failedRecords, observer, maxRetries } = parts;
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
        observer.onGivenUp(
          `${functionName} gave up ${records.length} record(s): see the log of the functions`,
        );
        await failedRecords
          .store({ functionName, mappingId, streamArn, shardId, attempts, records })
          .catch(() => observer.onGivenUp(`${functionName}: the given-up record(s) could not be stored`));
      },
    });
  }

  const pumps = [
    pumpStream('watch-issues', database.issueStreamArn, functions.watchIssues, observer.onIssueChange),
    pumpStream('publish-approval-events', database.approvalStreamArn, functions.publishApprovalEvents),
    startQueuePump({
      client: queue.client,
      queueUrl: queue.queueUrl,
      queueArn: queue.queueArn,
      region: REGION,
      deliver: functions.reconcileIssues,
      observe: observer.onHint,
    }),
  ];
  return async () => {
    await Promise.all(pumps.map((pump) => pump.stop()));
    streams.destroy();
  };
}
