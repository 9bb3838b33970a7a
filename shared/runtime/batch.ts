import type { DynamoDBBatchResponse, DynamoDBRecord, SQSBatchResponse, SQSRecord } from 'aws-lambda';

/**
 * Works through the records of a DynamoDB stream, in order, and stops at the first failure: Lambda delivers
 * again from the reported sequence number on, so what follows it must not be done now
 * (Lambda Developer Guide, "Reporting batch item failures"; docs/lessons.md 13, 14).
 * A failed record without a number fails the whole batch, by throwing.
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
 * Works through the messages of a FIFO queue. After a failure the rest is not tried and is reported with it:
 * deleting a later message of the same group would overtake the failed one (Lambda Developer Guide, SQS FIFO).
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
