import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { expect } from 'vitest';
import { handleHint } from '../../shared/approval/handle-hint.ts';
import type { Hint } from '../../shared/approval/plan/hint.ts';
import { sweep } from '../../shared/approval/sweep.ts';
import { ASSIGNEE, type Core, ISSUE, type StoredApproval } from './core.ts';

/** What tests of an outcome ask of every one: what the record says, that tasks are untouched, that the bell sends again. */

const MINUTE = 60_000;

export const approvalOf = async (core: Core): Promise<StoredApproval | undefined> =>
  (await core.record(ISSUE)).stageApprovals?.['stage-1'];

export const taskStatuses = async (core: Core): Promise<string[]> =>
  (await core.record(ISSUE)).stages.flatMap(({ tasks }) => tasks.map(({ status }) => status));

export const commentsOf = (core: Core, { instanceCode }: { instanceCode: string }): string =>
  (core.simulator.control.instance(instanceCode)?.comments ?? []).map(({ text }) => text).join('\n');

/** The creator rings: a new card is sent, the only one that waits, and its approval approves the stage. */
export async function ringAndApprove(core: Core, by = ASSIGNEE): Promise<void> {
  const before = (await approvalOf(core))?.generation ?? 0;
  await core.edit(ISSUE, (issue) => {
    const seq = (issue.bell?.seq ?? 0) + 1;
    issue.bell = { seq, rungBy: issue.creator.email, rungAt: core.clock.date().toISOString() };
  });
  expect(await approvalOf(core)).toMatchObject({
    state: 'PENDING',
    generation: before + 1,
    triggers: expect.arrayContaining(['BELL']),
  });
  expect(core.pending(by)).toHaveLength(1);
  await approve(core, by);
}

/** The one card is approved, and the event arrives. */
export async function approve(core: Core, by = ASSIGNEE): Promise<void> {
  const card = core.card(by);
  core.simulator.control.approve(card.instanceCode, by);
  await core.hear(card, 'APPROVED');
  expect(await approvalOf(core)).toMatchObject({ state: 'APPROVED', decisions: [{ applied: true }] });
  expect(await taskStatuses(core)).toEqual(['PENDING']);
}

/** Works a message off as the queue delivers it: again after each time that it is hidden. */
export async function deliver(core: Core, hint: Hint): Promise<void> {
  for (let deliveries = 0; deliveries < 20; deliveries++) {
    const { waitSeconds } = await handleHint(hint, core.work);
    if (waitSeconds === undefined) return;
    await core.clock.advance(waitSeconds * 1_000);
  }
  throw new Error('a message is delivered 20 times at most');
}

/** One run of the sweep, and everything that it hints. */
export async function sweepOnce(core: Core, documents: DynamoDBDocumentClient): Promise<void> {
  core.queued.length = 0;
  const { tables, work, clock } = core;
  await sweep({ documents, tables, queue: work.queue, now: clock.date });
  for (const { hint } of core.queued.splice(0)) await deliver(core, hint);
}

/** Minutes pass, with a sweep in each. */
export async function passMinutes(
  core: Core,
  documents: DynamoDBDocumentClient,
  minutes: number,
): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    await core.clock.advance(MINUTE);
    await sweepOnce(core, documents);
  }
}
