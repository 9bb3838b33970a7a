import { expect } from 'vitest';
import { ASSIGNEE, type Core, ISSUE, type StoredApproval } from './core.ts';

/** Reads and checks the approval of the test issue's only stage. */

export const approvalOf = async (core: Core): Promise<StoredApproval | undefined> =>
  (await core.record(ISSUE)).stageApprovals?.['stage-1'];

export const taskStatuses = async (core: Core): Promise<string[]> =>
  (await core.record(ISSUE)).stages.flatMap(({ tasks }) => tasks.map(({ status }) => status));

export const commentsOf = (core: Core, { instanceCode }: { instanceCode: string }): string =>
  (core.simulator.control.instance(instanceCode)?.comments ?? []).map(({ text }) => text).join('\n');

/** Rings as the creator, and expects one new card, whose approval approves the stage. */
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

/** Approves the only card, delivers the event, and expects the approval to be applied. */
export async function approve(core: Core, by = ASSIGNEE): Promise<void> {
  const card = core.card(by);
  core.simulator.control.approve(card.instanceCode, by);
  await core.receiveEvent(card, 'APPROVED');
  expect(await approvalOf(core)).toMatchObject({ state: 'APPROVED', decisions: [{ applied: true }] });
  expect(await taskStatuses(core)).toEqual(['PENDING']);
}
