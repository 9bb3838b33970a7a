import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Logger } from '../runtime/logger.ts';
import type { WorkQueue } from './plan/hint.ts';
import type { TableNames } from './store/dynamo-store.ts';

/** What both halves of the sweep need of the world. */
export interface Sweeping {
  documents: DynamoDBDocumentClient;
  tables: TableNames;
  queue: WorkQueue;
  now: () => Date;
  /** Names what could not be walked or called up. */
  logger?: Pick<Logger, 'error'>;
}

/** Part of the deduplication ids of its hints: one a minute. */
export const minuteOf = (at: Date): number => Math.floor(at.getTime() / 60_000);
