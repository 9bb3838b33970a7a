import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { approvalOf } from '../../../../shared/approval/plan/approval.ts';
import type { Round } from '../../../../shared/approval/plan/round.ts';
import type { IssueRecord } from '../../../../shared/issue/record.ts';
import { marshallOptions } from '../../../../shared/runtime/dynamodb-writes.ts';
import { anIssue, aStage, aStep, aTask } from '../../../support/issue.ts';
import { anOaStep, approvingAll, aStepRoundOf } from '../../../support/round.ts';
import { aStorePlace, expectStale, type Item, type MakePlace, type StorePlace } from './place.ts';

const STEPS = [aStep({ status: 'APPROVED' }), anOaStep(), anOaStep({ stepId: 'after' })];
const ISSUE = anIssue({ approvalFlow: { steps: STEPS }, version: 7 });
const raw = (value: object): Item => marshall(value, marshallOptions());

interface Scene extends StorePlace {
  before: Round;
  after: Round;
  /** The record as it was read when the answer of the OA arrived. */
  raw: Item;
  approve(raw?: Item): Promise<void>;
  /** Expects that the approval is refused and that nothing has changed. */
  expectRefused(): Promise<void>;
}

/** Creates a record with a pending round of its first EXTERNAL step, ready to be approved. */
async function aScene(makePlace: MakePlace, item: object = ISSUE): Promise<Scene> {
  const place = await aStorePlace(makePlace);
  await place.putIssue(item);
  const before = aStepRoundOf(ISSUE);
  await place.store.open(before);
  const at = '2026-03-01T09:00:00.000Z';
  const decisions = [{ result: 'APPROVED', by: { email: 'board@example.com' }, at, applied: true }] as const;
  const after: Round = { ...before, state: 'APPROVED', closedAt: at, decisions: [...decisions] };
  const read = await place.rawIssue();
  const approve = (seen = read) =>
    place.store.approve({ ...approvingAll(before, after), raw: seen, taskIds: [] });
  return {
    ...place,
    before,
    after,
    raw: read,
    approve,
    async expectRefused() {
      const [issueBefore, keptBefore] = [await place.rawIssue(), await place.kept()];
      await expectStale(approve());
      expect(await place.rawIssue()).toEqual(issueBefore);
      expect(await place.kept()).toEqual(keptBefore);
    },
  };
}

const withSteps = (...steps: NonNullable<IssueRecord['approvalFlow']>['steps']) =>
  raw({ approvalFlow: { steps } });

/** Changes of one compared attribute between the look and the transaction. */
const BETWEEN: [string, Item][] = [
  ['the SQL of a task', raw({ stages: [aStage({ tasks: [aTask({ statement: 'DROP' })] })] })],
  ['the number of stages', raw({ stages: [...ISSUE.stages, aStage({ stageId: 'stage-2' })] })],
  ['the status of the issue', { status: { S: 'CANCELED' } }],
  ['the previous step', withSteps(aStep({ status: 'REJECTED' }), ...STEPS.slice(1))],
  ['the position of the step', withSteps(...STEPS.toReversed())],
  [
    'the node of the step',
    withSteps(...STEPS.slice(0, 1), anOaStep({ externalNodeId: 'another' }), ...STEPS.slice(2)),
  ],
  ['the flow, without the step,', withSteps(...STEPS.slice(0, 1))],
  ['version', { version: { N: '8' } }],
];

/** The transaction that approves an EXTERNAL step. */
export function describeApprovingSteps(makePlace: MakePlace): void {
  it('sets the status of the step, and no other attribute of Frabit', async () => {
    const { approve, rawIssue, raw: read, after } = await aScene(makePlace);
    await approve();
    const { stepApprovals, ...rest } = await rawIssue();
    const [before, own, next] = read.approvalFlow?.M?.steps?.L ?? [];
    expect(rest).toEqual({
      ...read,
      approvalFlow: {
        M: { steps: { L: [before, { M: { ...own?.M, status: { S: 'APPROVED' } } }, next] } },
      },
      version: { N: '8' },
    });
    expect(stepApprovals).toEqual(raw({ stepApprovals: { oa: approvalOf(after) } }).stepApprovals);
  });

  it('approves no task and no stage', async () => {
    const { approve, rawIssue } = await aScene(makePlace);
    await approve();
    const record = await rawIssue();
    expect(record).not.toHaveProperty('approvedTasks');
    expect(record).not.toHaveProperty('stageApprovals');
    expect(record.stages?.L?.[0]?.M?.tasks?.L?.[0]?.M?.status).toEqual({ S: 'PENDING_APPROVAL' });
  });

  it('closes the round in the same transaction, with the next revision', async () => {
    const { approve, store, before, after } = await aScene(makePlace);
    await approve();
    expect((await store.read('issue-1')).rounds).toEqual([{ ...after, revision: before.revision + 1 }]);
  });

  it('is refused a second time', async () => {
    const { approve, expectRefused } = await aScene(makePlace);
    await approve();
    await expectRefused();
  });

  it('lets only one of two workers approve', async () => {
    const { approve } = await aScene(makePlace);
    const both = await Promise.allSettled([approve(), approve()]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('keeps the approvals of other steps', async () => {
    const theirs = { after: { state: 'WITHDRAWN' } };
    const { approve, rawIssue } = await aScene(makePlace, { ...ISSUE, stepApprovals: theirs });
    await approve();
    const entries = (await rawIssue()).stepApprovals?.M;
    expect(entries?.after).toEqual(raw(theirs).after);
    expect(entries?.oa?.M?.state).toEqual({ S: 'APPROVED' });
  });

  it('keeps the attributes of Frabit inside a step', async () => {
    const steps = STEPS.map((step) => ({ ...step, own: [1.1, step.stepId] }));
    const { approve, rawIssue } = await aScene(makePlace, { ...ISSUE, approvalFlow: { steps, own: 'x' } });
    await approve();
    const expected = steps.map((step) => (step.stepId === 'oa' ? { ...step, status: 'APPROVED' } : step));
    expect((await rawIssue()).approvalFlow).toEqual(
      raw({ approvalFlow: { steps: expected, own: 'x' } }).approvalFlow,
    );
  });

  describe('changes nothing when meanwhile', () => {
    it.each(BETWEEN)('%s changed', async (_, changed) => {
      const scene = await aScene(makePlace);
      await scene.putRawIssue({ ...scene.raw, ...changed });
      await scene.expectRefused();
    });

    it('the round was written by another worker', async () => {
      const { store, before, expectRefused } = await aScene(makePlace);
      await store.save(before, before);
      await expectRefused();
    });
  });

  it('is refused at once if the record as read has no such step', async () => {
    const { raw: read, approve, rawIssue } = await aScene(makePlace);
    await expectStale(approve({ ...read, ...withSteps(aStep()) }));
    expect(await rawIssue()).toEqual(read);
  });
}
