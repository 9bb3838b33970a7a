import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { runAboutRecord } from '../../shared/runtime/batch.ts';
import { AppError } from '../../shared/runtime/errors.ts';
import type { SetAside } from '../../shared/runtime/failed-records.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { Counter } from '../../shared/runtime/metrics.ts';
import { reportFailure } from '../../shared/runtime/observed.ts';
import { approvalEvent, entrySize, MAX_REQUEST_BYTES } from './approval-event.ts';

interface PublishDependencies {
  eventBridge: EventBridgeClient;
  eventBusName: string;
  /** Undefined: there is no place for records that cannot succeed. Invalid rounds are skipped then. */
  setAside: SetAside | undefined;
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

/** Errors of an entry that say something about the entry itself (EventBridge API Reference, PutEventsResultEntry). */
const ENTRY_REFUSED: ReadonlySet<string> = new Set([
  'InvalidArgument',
  'MalformedDetail',
  'RedactionFailure',
]);
const RIGHT_MISSING = /^(AccessDenied|NotAuthorized)/;

/**
 * Publishes each change of a round's state, at least once (docs/contract.md 6). A round that cannot be read and an
 * entry that EventBridge refuses for itself are set aside. Stops at the first record that may still succeed: the
 * stream delivers again from there on (docs/lessons.md 14).
 */
export async function publish(
  records: readonly DynamoDBRecord[],
  dependencies: PublishDependencies,
): Promise<DynamoDBBatchResponse> {
  for (const part of partsOf(records, dependencies)) {
    const failed =
      'requests' in part ? await sendAll(part.requests, dependencies) : await skip(part, dependencies);
    if (failed) return { batchItemFailures: [failed] };
  }
  return { batchItemFailures: [] };
}

type Failed = DynamoDBBatchResponse['batchItemFailures'][number];

interface Unreadable {
  record: DynamoDBRecord;
  error: unknown;
}

/** Returns requests and unreadable rounds in the order of the stream. */
function partsOf(
  records: readonly DynamoDBRecord[],
  { eventBusName }: PublishDependencies,
): ({ requests: Pending[][] } | Unreadable)[] {
  const parts: ({ requests: Pending[][] } | Unreadable)[] = [];
  let events: Pending[] = [];
  for (const record of records) {
    try {
      const entry = approvalEvent(record, eventBusName);
      if (entry) events.push({ entry, record });
    } catch (error) {
      parts.push({ requests: requestsOf(events) }, { record, error });
      events = [];
    }
  }
  return [...parts, { requests: requestsOf(events) }];
}

/** Sets an unreadable round aside: retrying cannot help. */
async function skip({ record, error }: Unreadable, dependencies: PublishDependencies) {
  report('reading a round failed', error, record, dependencies);
  const { setAside } = dependencies;
  if (!setAside || (await runAboutRecord(record, () => setAside(record)))) return undefined;
  return failedAt(record, error);
}

async function sendAll(
  requests: readonly Pending[][],
  dependencies: PublishDependencies,
): Promise<Failed | undefined> {
  for (const request of requests) {
    let left = request;
    try {
      for (let tries = 0; left.length > 0; tries += 1) {
        if (tries === TRIES) throw refusedThrice();
        left = await put(left, dependencies);
      }
    } catch (error) {
      const [first] = left;
      if (!first) throw error;
      report('publishing approval events failed', error, first.record, dependencies);
      return failedAt(first.record, error);
    }
  }
  return undefined;
}

const refusedThrice = () =>
  new AppError('EVENTS_REFUSED', 'EventBridge refused events three times.', { retryable: true });

function failedAt({ dynamodb }: DynamoDBRecord, error: unknown): Failed {
  const itemIdentifier = dynamodb?.SequenceNumber;
  if (!itemIdentifier) throw error;
  return { itemIdentifier };
}

function report(
  happening: string,
  error: unknown,
  record: DynamoDBRecord,
  dependencies: PublishDependencies,
): void {
  dependencies.counter.count('RecordFailed');
  runAboutRecord(record, () => reportFailure(happening, error, dependencies));
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

/** Sends one request. Returns the events that must be sent again, in order. */
async function put(events: readonly Pending[], dependencies: PublishDependencies): Promise<Pending[]> {
  const { eventBridge, counter } = dependencies;
  const { Entries = [] } = await eventBridge.send(
    new PutEventsCommand({ Entries: events.map(({ entry }) => entry) }),
  );
  const left: Pending[] = [];
  let published = 0;
  for (const [index, event] of events.entries()) {
    const { EventId, ErrorCode = '' } = Entries[index] ?? {};
    if (EventId !== undefined) published += 1;
    else if (!(await isSetAside(event, ErrorCode, dependencies))) left.push(event);
    if (RIGHT_MISSING.test(ErrorCode)) counter.count('RightMissing');
  }
  if (published > 0) counter.count('ApprovalEventPublished', published);
  return left;
}

/** Sets an event aside if EventBridge refuses it for itself. */
async function isSetAside(
  { record }: Pending,
  errorCode: string,
  dependencies: PublishDependencies,
): Promise<boolean> {
  const { setAside } = dependencies;
  if (!setAside || !ENTRY_REFUSED.has(errorCode)) return false;
  const refusal = new AppError('EVENT_REFUSED', `EventBridge refuses an event (${errorCode}).`);
  report('publishing an approval event failed', refusal, record, dependencies);
  return runAboutRecord(record, () => setAside(record));
}
