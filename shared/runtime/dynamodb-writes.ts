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
import { AppError } from './errors.ts';

/** An update of one issue record, as an Update of a transaction wants it but for the table's name. */
export type IssueChange = Omit<Update, 'TableName'>;

/**
 * Ids are keys: a map with a key `constructor` must not be taken for an instance of a class. Made anew for each
 * use, because the document client adds options of its own to the object that it is given.
 */
export const marshallOptions = () => ({ removeUndefinedValues: true, convertClassInstanceToMap: true });

/** Turns a failed condition into `STALE`; everything else that DynamoDB throws is worth another try. */
export async function refuseStale<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (isStale(cause)) {
      throw new AppError('STALE', 'What this write was made from no longer stands.', {
        retryable: true,
        cause,
      });
    }
    throw new AppError('STORE_UNAVAILABLE', 'DynamoDB did not take a write.', { retryable: true, cause });
  }
}

/** TransactionConflict and throttling are no verdict on the condition: only retryable (docs/design.md 4.5). */
function isStale(cause: unknown): boolean {
  if (cause instanceof ConditionalCheckFailedException) return true;
  if (!(cause instanceof TransactionCanceledException)) return false;
  return cause.CancellationReasons?.some((reason) => reason.Code === 'ConditionalCheckFailed') ?? false;
}

/** All or none; a single put goes without the price and the time of a transaction. */
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
