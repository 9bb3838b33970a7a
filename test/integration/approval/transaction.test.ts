import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { IssueRecord } from '../../../shared/issue/record.ts';
import { ASSIGNEE, aCore, type Core, ISSUE } from '../../support/core.ts';
import { anIssue, aStage, aStep, aTask } from '../../support/issue.ts';
import { useDatabase } from '../../support/use-core.ts';

const database = useDatabase();

const STAGES = [aStage(), aStage({ stageId: 'stage-2' })];
const FLOW = { steps: [aStep({ status: 'APPROVED' })] };

/** For each attribute that the approving transaction compares: another value. */
const CHANGES: [string, Partial<IssueRecord> & Record<string, unknown>][] = [
  [
    'stages (the SQL)',
    { stages: [aStage({ tasks: [aTask({ statement: 'DROP TABLE x' })] }), aStage({ stageId: 'stage-2' })] },
  ],
  [
    "stages (an attribute of Frabit's own)",
    { stages: [{ ...aStage(), frabitsOwn: 1 } as never, aStage({ stageId: 'stage-2' })] },
  ],
  ['status', { status: 'CANCELED' }],
  ['currentStageId', { currentStageId: 'stage-2' }],
  ['currentStageId (gone)', { currentStageId: null }],
  ['assignee', { assignee: { email: 'other@example.com' } }],
  ['assignee (gone)', { assignee: null }],
  ['approvalFlow', { approvalFlow: { steps: [aStep({ status: 'REJECTED' })] } }],
  ['approvalFlow (gone)', { approvalFlow: null }],
  ['version', { version: 1_000 }],
];

describe('the approving transaction', () => {
  it.each(CHANGES)('changes no task if %s changed after the look', async (_, changed) => {
    const refusals: unknown[] = [];
    let interfere: (() => Promise<void>) | undefined;
    const core: Core = await aCore(database(), {
      change: ({ store }) => ({
        store: {
          ...store,
          approve: async (change) => {
            await interfere?.();
            interfere = undefined;
            try {
              await store.approve(change);
            } catch (error) {
              refusals.push(error);
              const statuses = (await core.record(ISSUE)).stages.flatMap((stage) =>
                stage.tasks.map((task) => task.status),
              );
              expect(new Set(statuses)).toEqual(new Set(['PENDING_APPROVAL']));
              throw error;
            }
          },
        },
      }),
    });
    const issue = anIssue({ stages: STAGES, approvalFlow: FLOW, version: 1 });
    await core.write(issue);
    const card = core.card();
    core.simulator.control.approve(card.instanceCode, ASSIGNEE);
    interfere = async () => core.put({ ...(await core.record(ISSUE)), ...changed });
    await core.receiveEvent(card, 'APPROVED');

    expect(refusals).toMatchObject([{ code: 'STALE' }]);
    const [round] = await core.rounds(ISSUE);
    // A new version alone, or an unknown attribute, does not change the content, so the decision is applied.
    const harmless =
      'version' in changed || JSON.stringify(changed).includes('frabitsOwn') || changed.approvalFlow === null;
    expect(round).toMatchObject({
      state: harmless ? 'APPROVED' : 'WITHDRAWN',
      decisions: [{ result: 'APPROVED', applied: harmless }],
    });
    await core.close();
  });

  it('changes no task if another worker closed the round meanwhile', async () => {
    let interfere: (() => Promise<void>) | undefined;
    const core: Core = await aCore(database(), {
      change: ({ store }) => ({
        store: {
          ...store,
          approve: async (change) => {
            await interfere?.();
            interfere = undefined;
            return store.approve(change);
          },
        },
      }),
    });
    await core.write(anIssue());
    const [card] = core.pending();
    const [before] = await core.rounds(ISSUE);
    if (!card || !before) throw new Error('no card');
    core.simulator.control.approve(card.instanceCode, ASSIGNEE);
    interfere = async () => void (await core.work.store.save(before, { ...before, state: 'CANCELED' }));
    await core.receiveEvent(card, 'APPROVED');
    expect((await core.record(ISSUE)).stages[0]?.tasks[0]?.status).toBe('PENDING_APPROVAL');
    await core.close();
  });
});

it('a record of almost 350 KB with 1,000 tasks of incompressible SQL is sent and approved', async () => {
  const core: Core = await aCore(database());
  const tasks = Array.from({ length: 1_000 }, (_, index) =>
    aTask({
      taskId: `t${index}`,
      title: 'x',
      instance: 'i',
      database: 'd',
      statement: `SELECT '${randomBytes(60).toString('base64')}'`,
    }),
  );
  await core.write(anIssue({ stages: [aStage({ tasks })] }));
  const card = core.card();
  core.simulator.control.approve(card.instanceCode, ASSIGNEE);
  await core.receiveEvent(card, 'APPROVED');
  const [stage] = (await core.record(ISSUE)).stages;
  expect(new Set(stage?.tasks.map((task) => task.status))).toEqual(new Set(['PENDING']));
  await core.close();
});

it.each([
  ['with its only form', 0],
  ['with every form that Feishu refused before', 5],
])('the content of the largest possible record is stored whole, %s', async (_, refusals) => {
  const core: Core = await aCore(database());
  const tasks = Array.from({ length: 150 }, (_, index) =>
    aTask({
      taskId: `t${index}`,
      title: '',
      instance: null,
      database: null,
      type: null,
      statement: randomBytes(1_600).toString('base64'),
    }),
  );
  if (refusals > 0) {
    core.simulator.control.misbehave({
      kind: 'ERROR_CODE',
      endpoint: 'createInstance',
      times: refusals,
      code: 1390001,
      status: 400,
    });
  }
  await core.write(anIssue({ stages: [aStage({ tasks })] }));
  const [round] = await core.rounds(ISSUE);
  const request = await core.work.store.readRequest(round?.approvalId ?? '');
  if (!request || !('shown' in request)) throw new Error('the request is kept');
  expect(request.shown.tasks.map((task) => task.statement)).toEqual(tasks.map((task) => task.statement));
  expect(request.basis?.stage.tasks.map((task) => task.statement)).toEqual(
    tasks.map((task) => task.statement),
  );
  expect(request.earlier ?? []).toHaveLength(refusals);
  expect(round?.state).toBe('PENDING');
  await core.close();
});
