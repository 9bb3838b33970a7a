import { expect, it } from 'vitest';
import { sweep } from '../../../shared/approval/sweep.ts';
import { ASSIGNEE, aCore, type Core, ISSUE } from '../../support/core.ts';
import { anIssue } from '../../support/issue.ts';
import { useDatabase } from '../../support/use-core.ts';

const database = useDatabase();

const sweepOnce = (core: Core) =>
  sweep({
    documents: database().documents,
    tables: core.tables,
    queue: core.work.queue,
    now: core.clock.date,
  });

it('docs/lessons.md 33: the walk finds an issue whose first hint was lost', async () => {
  const core = await aCore(database());
  await core.put(anIssue());
  await sweepOnce(core);
  expect(core.queued.map(({ hint }) => hint)).toEqual([{ kind: 'DUE', issueId: ISSUE, approvalIds: [] }]);
  for (const { hint } of core.queued) await core.run(ISSUE, hint);
  expect(core.pending()).toHaveLength(1);
  core.queued.length = 0;
  await sweepOnce(core);
  expect(core.queued).toEqual([]);
  await core.close();
});

it('docs/lessons.md 16: a decision whose event was lost is found when the round is due, with one hint', async () => {
  const core = await aCore(database());
  await core.write(anIssue());
  const card = core.card();
  core.simulator.control.approve(card.instanceCode, ASSIGNEE);
  expect((await sweepOnce(core)).due).toBe(0);

  await core.clock.advance(11 * 60_000);
  expect((await sweepOnce(core)).due).toBe(1);
  expect((await sweepOnce(core)).due).toBe(0);
  const [first] = core.queued;
  if (!first) throw new Error('nothing was hinted');
  await core.run(ISSUE, first.hint);
  expect((await core.record(ISSUE)).stages[0]?.tasks[0]?.status).toBe('PENDING');
  await core.close();
});
