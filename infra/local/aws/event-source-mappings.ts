import { randomUUID } from 'node:crypto';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord, DynamoDBStreamEvent, SQSRecord } from 'aws-lambda';
import { LOCAL_CREDENTIALS, REGION } from '../names.ts';
import { dynamoDbStream } from './dynamodb-stream.ts';
import type { FailedRecords } from './failed-records.ts';
import type { Functions } from './functions.ts';
import type { PumpSwitch } from './pump-switch.ts';
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

/** An event source mapping, as `lambda:GetEventSourceMapping` shows it. */
export interface Mapping extends PumpSwitch {
  id: string;
  functionName: string;
}

/** The three mappings, all enabled. Their ids are known before they start, because a function watches them. */
export const createMappings = (): Mapping[] =>
  ['watch-issues', 'publish-approval-events', 'reconcile-issues'].map((functionName) => ({
    id: randomUUID(),
    functionName,
    isOn: true,
  }));

/** Starts the event source mappings: both streams and the work queue to their functions. Returns what ends them. */
export function startEventSourceMappings(
  functions: Functions,
  parts: {
    database: { endpoint: string; issueStreamArn: string; approvalStreamArn: string };
    queue: LocalQueue;
    failedRecords: FailedRecords;
    observer: MappingObserver;
    mappings?: readonly Mapping[];
    /** How often a stream batch is retried; default: that of a stream pump. */
    maxRetries?: number;
  },
): () => Promise<void> {
  const { database, queue, failedRecords, observer, maxRetries, mappings = createMappings() } = parts;
  const mappingOf = (functionName: string): Mapping => {
    const found = mappings.find((one) => one.functionName === functionName);
    if (!found) throw new Error(`There is no event source mapping for ${functionName}.`);
    return found;
  };
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
    const pumpSwitch = mappingOf(functionName);
    return startStreamPump({
      source: dynamoDbStream(streams, streamArn, REGION),
      deliver,
      observe,
      pumpSwitch,
      ...(maxRetries !== undefined && { maxRetries }),
      async giveUp(records, { shardId, attempts }) {
        observer.onGivenUp(
          `${functionName} gave up ${records.length} record(s): see the log of the functions`,
        );
        await failedRecords
          .store({ functionName, mappingId: pumpSwitch.id, streamArn, shardId, attempts, records })
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
      pumpSwitch: mappingOf('reconcile-issues'),
    }),
  ];
  return async () => {
    await Promise.all(pumps.map((pump) => pump.stop()));
    streams.destroy();
  };
}
