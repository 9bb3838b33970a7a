import {
  ConditionalCheckFailedException,
  PutItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type Update,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { awsCallError } from './aws-errors.ts';
import { AppError } from './errors.ts';

/** An `Update` of a transaction, without the name of the table. */
export type IssueChange = Omit<Update, 'TableName'>;

/**
 * Returns options for the document client. Ids are keys, so a map with a key `constructor` must not count as an
 * instance of a class. A new object for each use, because the document client adds its own options to it.
 */
export const marshallOptions = () => ({ removeUndefinedValues: true, convertClassInstanceToMap: true });

/**
 * Rejects with a retryable AppError: `STALE` if a condition failed, `RIGHT_MISSING` if IAM or a key policy denies the
 * write, `STORE_REFUSED` if DynamoDB does not accept it or the table is missing, else `STORE_UNAVAILABLE`.
 */
export async function refuseStale<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (isStale(cause)) {
      throw new AppError('STALE', 'The item has changed since it was read.', {
        retryable: true,
        cause,
      });
    }
    throw storeError(cause);
  }
}

const storeError = (cause: unknown): AppError =>
  awsCallError(cause, {
    missingRight: 'The right to write to DynamoDB is missing.',
    refused: ['STORE_REFUSED', 'DynamoDB does not accept a write, or a table is missing.'],
    busy: ['STORE_UNAVAILABLE', 'DynamoDB is busy or did not answer.'],
  });

/** TransactionConflict and throttling say nothing about the condition (docs/design.md 4.5). */
function isStale(cause: unknown): boolean {
  if (cause instanceof ConditionalCheckFailedException) return true;
  if (!(cause instanceof TransactionCanceledException)) return false;
  return cause.CancellationReasons?.some((reason) => reason.Code === 'ConditionalCheckFailed') ?? false;
}

/** Writes all items or none. A single put needs no transaction, which costs more and takes longer. */
export async function transact(documents: DynamoDBDocumentClient, items: TransactWriteItem[]): Promise<void> {
  const [first] = items;
  await refuseStale<unknown>(() =>
    items.length === 1 && first?.Put
      ? documents.send(new PutItemCommand({ ...first.Put }))
      : documents.send(new TransactWriteItemsCommand({ TransactItems: items })),
  );
}

export async function updateItem(
  documents: DynamoDBDocumentClient,
  tableName: string,
  change: IssueChange,
): Promise<void> {
  await refuseStale(() => documents.send(new UpdateItemCommand({ TableName: tableName, ...change })));
}
