import { expect, it } from 'vitest';
import { ASSIGNEE, ISSUE } from '../../support/core.ts';
import { anIssue } from '../../support/issue.ts';
import { useCore } from '../../support/use-core.ts';

const core = useCore();

/** Adds a round: Frabit changes the SQL, and the approver approves it. */
async function approveAnew(statement: string) {
  await core().edit(ISSUE, ({ stages: [stage] }) => {
    if (stage?.tasks[0]) Object.assign(stage.tasks[0], { statement, status: 'PENDING_APPROVAL' });
  });
  const card = core().card();
  core().simulator.control.approve(card.instanceCode, ASSIGNEE);
  await core().receiveEvent(card, 'APPROVED');
  return card;
}

it('docs/lessons.md 3 and 46: an approval that is revoked many rounds later is recorded on its past round', async () => {
  const [definition] = core().simulator.control.definitions();
  if (definition) definition.body.settings = { ...definition.body.settings, revert_interval: 3600 };
  await core().write(anIssue());
  const first = await approveAnew('DELETE FROM t WHERE id = 0');
  for (let round = 1; round < 8; round++) await approveAnew(`DELETE FROM t WHERE id = ${round}`);
  expect((await core().work.store.read(ISSUE)).memory?.past).toMatchObject([{ from: 1 }]);
  expect((await core().work.store.read(ISSUE)).rounds.length).toBeLessThan(4);

  core().simulator.control.revert(first.instanceCode);
  await core().receiveEvent(first, 'REVERTED');

  const states = (await core().rounds(ISSUE))
    .filter(({ decisions }) => decisions.length > 0)
    .map(({ state }) => state);
  expect(states).toEqual(['REVERTED', ...Array.from({ length: 7 }, () => 'APPROVED')]);
  const record = await core().record(ISSUE);
  expect(record.stageApprovals?.['stage-1']?.state).toBe('APPROVED');
  expect(record.stages[0]?.tasks[0]?.status).toBe('PENDING');
});
