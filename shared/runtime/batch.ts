import type { DynamoDBBatchResponse, DynamoDBRecord, SQSBatchResponse, SQSRecord } from 'aws-lambda';

/**
 * Processes the records of a DynamoDB stream in order and stops at the first failure. Lambda delivers again from the
 * reported sequence number on, so later records must wait (Lambda Developer Guide, "Reporting batch item failures";
 * docs/lessons.md 13, 14). Throws if the failed record has no sequence number, which fails the whole batch.
 */
export async function processStream(
  records: readonly DynamoDBRecord[],
  work: (record: DynamoDBRecord) => Promise<void>,
  onFailure: (error: unknown, record: DynamoDBRecord) => void,
): Promise<DynamoDBBatchResponse> {
  for (const record of records) {
    try {
      await work(record);
    } catch (error) {
      onFailure(error, record);
      const itemIdentifier = record.dynamodb?.SequenceNumber;
      if (!itemIdentifier) throw error;
      return { batchItemFailures: [{ itemIdentifier }] };
    }
  }
  return { batchItemFailures: [] };
}

/**
 * Processes the messages of a FIFO queue. Reports a failed message and all later ones as failed, because a later
 * message of the same group must not be deleted before it (Lambda Developer Guide, SQS FIFO).
 */
export async function processQueue(
  messages: readonly SQSRecord[],
  work: (message: SQSRecord) => Promise<void>,
  onFailure: (error: unknown, message: SQSRecord) => void | Promise<void>,
): Promise<SQSBatchResponse> {
  for (const [index, message] of messages.entries()) {
    try {
      await work(message);
    } catch (error) {
      await onFailure(error, message);
      return {
        batchItemFailures: messages.slice(index).map(({ messageId }) => ({ itemIdentifier: messageId })),
      };
    }
  }
  return { batchItemFailures: [] };
}
