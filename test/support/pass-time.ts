import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { sweep } from '../../shared/approval/sweep.ts';
import type { Core } from './core.ts';

/** Moves the clock on, lets the sweep run once, and works off what it hints. */
export async function passTime(core: Core, documents: DynamoDBDocumentClient, ms: number): Promise<void> {
  await core.clock.advance(ms);
  core.queued.length = 0;
  await sweep({ documents, tables: core.tables, queue: core.work.queue, now: core.clock.date });
  for (const { hint } of core.queued) {
    if ('issueId' in hint) await core.run(hint.issueId, hint);
  }
}
