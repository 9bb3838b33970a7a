import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Logger } from '../runtime/logger.ts';
import { type Counter, noCounter } from '../runtime/metrics.ts';
import { reportFailure } from '../runtime/observed.ts';
import type { UnsentWatch } from './oldest-unsent.ts';
import type { WorkQueue } from './plan/hint.ts';
import type { TableNames } from './store/dynamo-store.ts';

/** What the parts of the sweep need from outside. */
export interface Sweeping {
  documents: DynamoDBDocumentClient;
  tables: TableNames;
  queue: WorkQueue;
  now: () => Date;
  /** Reports each issue or round that failed. */
  logger?: Pick<Logger, 'error'>;
  counter?: Pick<Counter, 'count'>;
  /** Is shown every round that is read, to find requests that are not sent. */
  unsent?: UnsentWatch;
}

/**
 * Returns the minute of a time, counted from the epoch. It is part of the deduplication ids of the hints of the
 * sweep, so each is sent once a minute.
 */
export const minuteOf = (at: Date): number => Math.floor(at.getTime() / 60_000);

/** Logs and counts that the sweep failed on one issue or round. The others go on. */
export function reportSweepFailure(
  happening: string,
  error: unknown,
  about: { issueId?: string | undefined; approvalId?: string | undefined; round?: string },
  { logger, counter }: Pick<Sweeping, 'logger' | 'counter'>,
): void {
  counter?.count('SweepFailed');
  if (logger) reportFailure(happening, error, { logger, counter: counter ?? noCounter }, about);
}

/** After this many failures the database or the queue is at fault, not the issues. The next run continues. */
export const MAX_FAILURES = 20;
