import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { handleHint } from '../../shared/approval/handle-hint.ts';
import type { Hint } from '../../shared/approval/plan/hint.ts';
import { sweep } from '../../shared/approval/sweep.ts';
import type { Core } from './core.ts';

/** Lets time pass for a core, with the sweeps that belong to it. */

const MINUTE = 60_000;

/** Handles a hint as the queue delivers it: again after each time that it is hidden. */
export async function deliver(core: Core, hint: Hint): Promise<void> {
  for (let deliveries = 0; deliveries < 20; deliveries++) {
    const { waitSeconds } = await handleHint(hint, core.work);
    if (waitSeconds === undefined) return;
    await core.clock.advance(waitSeconds * 1_000);
  }
  throw new Error('the hint was delivered 20 times and is still not handled');
}

/** Runs one sweep, and delivers everything that it hints. */
export async function sweepOnce(core: Core, documents: DynamoDBDocumentClient): Promise<void> {
  core.queued.length = 0;
  const { tables, work, clock } = core;
  await sweep({ documents, tables, queue: work.queue, now: clock.date });
  for (const { hint } of core.queued.splice(0)) await deliver(core, hint);
}

/** Lets minutes pass, with a sweep in each. */
export async function sweepEachMinute(
  core: Core,
  documents: DynamoDBDocumentClient,
  minutes: number,
): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    await core.clock.advance(MINUTE);
    await sweepOnce(core, documents);
  }
}

/** Moves the clock on, runs one sweep, and handles each of its hints once. */
export async function advanceAndSweep(
  core: Core,
  documents: DynamoDBDocumentClient,
  ms: number,
): Promise<void> {
  await core.clock.advance(ms);
  core.queued.length = 0;
  await sweep({ documents, tables: core.tables, queue: core.work.queue, now: core.clock.date });
  for (const { hint } of core.queued) {
    if ('issueId' in hint) await core.run(hint.issueId, hint);
  }
}
