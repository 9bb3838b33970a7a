import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Logger } from '../runtime/logger.ts';
import type { WorkQueue } from './plan/hint.ts';
import type { TableNames } from './store/dynamo-store.ts';

/** What the parts of the sweep need from outside. */
export interface Sweeping {
  documents: DynamoDBDocumentClient;
  tables: TableNames;
  queue: WorkQueue;
  now: () => Date;
  /** Logs each issue that could not be walked and each round that could not be called up. */
  logger?: Pick<Logger, 'error'>;
}

/**
 * Returns the minute of a time, counted from the epoch. It is part of the deduplication ids of the hints of the
 * sweep, so each is sent once a minute.
 */
export const minuteOf = (at: Date): number => Math.floor(at.getTime() / 60_000);
