import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { runAboutRecord } from '../../shared/runtime/batch.ts';
import { AppError } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { Counter } from '../../shared/runtime/metrics.ts';
import { reportFailure } from '../../shared/runtime/observed.ts';
import { approvalEvent, entrySize, MAX_REQUEST_BYTES } from './approval-event.ts';

interface PublishDependencies {
  eventBridge: EventBridgeClient;
  eventBusName: string;
  counter: Pick<Counter, 'count'>;
  logger: Pick<Logger, 'info' | 'error'>;
}

interface Pending {
  entry: PutEventsRequestEntry;
  record: DynamoDBRecord;
}

/** The limit of a PutEvents request. */
const MAX_ENTRIES = 10;
/** How many times entries are sent before the stream must deliver them again. */
const TRIES = 3;

/**
 * Publishes each change of a round's state, at least once (docs/contract.md 6). Stops at the first entry that
 * EventBridge refuses: the stream delivers again from there on (docs/lessons.md 14).
 */
export async function publish(
  records: readonly DynamoDBRecord[],
  dependencies: PublishDependencies,
): Promise<DynamoDBBatchResponse> {
  const { counter } = dependencies;
  for (const request of requestsOf(eventsOf(records, dependencies))) {
    let left = request;
    try {
      for (let tries = 0; left.length > 0; tries += 1) {
        if (tries === TRIES) throw new AppError('EVENTS_REFUSED', 'EventBridge refused events three times.');
        const refused = await put(left, dependencies.eventBridge);
        counter.count('ApprovalEventPublished', left.length - refused.length);
        left = refused;
      }
    } catch (error) {
      const [first] = left;
      if (!first) throw error;
      const itemIdentifier = first.record.dynamodb?.SequenceNumber;
      counter.count('RecordFailed');
      runAboutRecord(first.record, () =>
        reportFailure('publishing approval events failed', error, dependencies),
      );
      if (!itemIdentifier) throw error;
      return { batchItemFailures: [{ itemIdentifier }] };
    }
  }
  return { batchItemFailures: [] };
}

/** Logs and skips invalid rounds: retrying cannot help. */
function eventsOf(records: readonly DynamoDBRecord[], dependencies: PublishDependencies): Pending[] {
  const { eventBusName, counter } = dependencies;
  return records.flatMap((record) => {
    try {
      const entry = approvalEvent(record, eventBusName);
      return entry ? [{ entry, record }] : [];
    } catch (error) {
      counter.count('RecordFailed');
      runAboutRecord(record, () => reportFailure('reading a round failed', error, dependencies));
      return [];
    }
  });
}

/** Splits events into requests, in order, within the limits of a request. */
function requestsOf(events: readonly Pending[]): Pending[][] {
  const requests: Pending[][] = [];
  let bytes = 0;
  for (const event of events) {
    const size = entrySize(event.entry);
    const last = requests.at(-1);
    if (last && last.length < MAX_ENTRIES && bytes + size <= MAX_REQUEST_BYTES) {
      last.push(event);
      bytes += size;
    } else {
      requests.push([event]);
      bytes = size;
    }
  }
  return requests;
}

/** Sends one request. Returns the refused events, in order. */
async function put(events: readonly Pending[], eventBridge: EventBridgeClient): Promise<Pending[]> {
  const { Entries = [] } = await eventBridge.send(
    new PutEventsCommand({ Entries: events.map(({ entry }) => entry) }),
  );
  return events.filter((_, index) => Entries[index]?.EventId === undefined);
}
