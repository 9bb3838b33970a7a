import type { DynamoDBBatchResponse, DynamoDBRecord, SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { type About, type Origin, runAbout } from './invocation.ts';
import { runAboutMessage } from './message-origin.ts';

/**
 * Runs the work on a record of a stream with what it is about: its issue or round, and its own id, which follows the
 * change through the queue to the call and the transaction.
 */
export function runAboutRecord<T>({ eventID, dynamodb }: DynamoDBRecord, work: () => T): T {
  const { Keys, NewImage, ApproximateCreationDateTime: seconds } = dynamodb ?? {};
  const about: About = {
    eventId: eventID,
    correlationId: eventID,
    issueId: Keys?.issueId?.S ?? NewImage?.issueId?.S,
    approvalId: NewImage?.approvalId?.S,
  };
  const origin: Origin = { kind: 'CHANGE', at: seconds === undefined ? undefined : seconds * 1000 };
  return runAbout(about, work, origin);
}

/**
 * Processes the records of a DynamoDB stream in order and stops at the first failure. Lambda delivers again from the
 * reported sequence number on, so later records must wait (Lambda Developer Guide, "Reporting batch item failures";
 * docs/lessons.md 13, 14). Throws if the failed record has no sequence number, which fails the whole batch.
 * @param onFailure resolves to DONE if nothing is left to do for the record, because it was set aside
 */
export async function processStream(
  records: readonly DynamoDBRecord[],
  work: (record: DynamoDBRecord) => Promise<void>,
  onFailure: (error: unknown, record: DynamoDBRecord) => Promise<'DONE' | undefined>,
): Promise<DynamoDBBatchResponse> {
  for (const record of records) {
    const failed = await runAboutRecord(record, async () => {
      try {
        await work(record);
        return undefined;
      } catch (error) {
        if ((await onFailure(error, record)) === 'DONE') return undefined;
        const itemIdentifier = record.dynamodb?.SequenceNumber;
        if (!itemIdentifier) throw error;
        return { itemIdentifier };
      }
    });
    if (failed) return { batchItemFailures: [failed] };
  }
  return { batchItemFailures: [] };
}

/**
 * Processes the messages of a FIFO queue. Reports a failed message and all later ones as failed, because a later
 * message of the same group must not be deleted before it (Lambda Developer Guide, SQS FIFO).
 * @param onFailure resolves to DONE if nothing is left to do for the message, because it was set aside
 */
export async function processQueue(
  messages: readonly SQSRecord[],
  work: (message: SQSRecord) => Promise<void>,
  onFailure: (error: unknown, message: SQSRecord) => Promise<'DONE' | undefined>,
): Promise<SQSBatchResponse> {
  for (const [index, message] of messages.entries()) {
    const isDone = await runAboutMessage(message, async () => {
      try {
        await work(message);
        return true;
      } catch (error) {
        return (await onFailure(error, message)) === 'DONE';
      }
    });
    if (isDone) continue;
    return {
      batchItemFailures: messages.slice(index).map(({ messageId }) => ({ itemIdentifier: messageId })),
    };
  }
  return { batchItemFailures: [] };
}
