import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, it } from 'vitest';
import type { WriteBack } from '../../../../shared/approval/plan/action.ts';
import type { Step } from '../../../../shared/issue/record.ts';
import { marshallOptions } from '../../../../shared/runtime/dynamodb-writes.ts';
import { anIssue, aStage, aStep, aTask } from '../../../support/issue.ts';
import { anOaStep } from '../../../support/round.ts';
import { aStorePlace, expectStale, type Item, type MakePlace } from './place.ts';

const raw = (value: object): Item => marshall(value, marshallOptions());
const setting = (stepStatuses: WriteBack['stepStatuses']): WriteBack => ({
  stageApprovals: { set: {}, remove: [] },
  stepApprovals: { set: {}, remove: [] },
  stepStatuses,
});

const STEPS = [aStep(), anOaStep(), anOaStep({ stepId: 'after', status: 'APPROVED' })];
const withSteps = (steps: Step[], changes: object = {}) => ({
  ...anIssue({ approvalFlow: { steps } }),
  ...changes,
});

async function aScene(makePlace: MakePlace, item: object) {
  const place = await aStorePlace(makePlace);
  await place.putIssue(item);
  return { ...place, raw: await place.rawIssue() };
}

/** The write-back of the `status` of EXTERNAL steps. */
export function describeStepStatuses(makePlace: MakePlace): void {
  it('sets the statuses that it names, with one more version, and nothing else', async () => {
    const { store, raw: read, rawIssue } = await aScene(makePlace, withSteps(STEPS, { version: 1 }));
    await store.writeBack('issue-1', read, setting({ oa: 'REJECTED', after: 'PENDING' }));
    const [dba, oa, after] = STEPS;
    const steps = [dba, { ...oa, status: 'REJECTED' }, { ...after, status: 'PENDING' }];
    expect(await rawIssue()).toEqual({ ...read, ...raw({ approvalFlow: { steps }, version: 2 }) });
  });

  it('keeps changes that Frabit made meanwhile outside the flow', async () => {
    const { store, raw: read, rawIssue, putIssue } = await aScene(makePlace, withSteps(STEPS));
    const stages = [aStage({ tasks: [aTask({ statement: 'SELECT 2' })] })];
    await putIssue(withSteps(STEPS, { stages }));
    await store.writeBack('issue-1', read, setting({ oa: 'APPROVED' }));
    const record = await rawIssue();
    expect(record.stages).toEqual(raw({ stages }).stages);
    expect(record.approvalFlow?.M?.steps?.L?.[1]?.M?.status).toEqual({ S: 'APPROVED' });
  });

  it.each<[string, Step[]]>([
    ['its status', STEPS.map((step) => ({ ...step, status: 'REJECTED' }))],
    ['the order of steps', STEPS.toReversed()],
    ['the number of steps', STEPS.slice(1)],
  ])('changes nothing when %s changed meanwhile', async (_, steps) => {
    const { store, raw: read, rawIssue, putIssue } = await aScene(makePlace, withSteps(STEPS));
    await putIssue(withSteps(steps));
    const before = await rawIssue();
    await expectStale(store.writeBack('issue-1', read, setting({ oa: 'APPROVED' })));
    expect(await rawIssue()).toEqual(before);
  });

  it('changes nothing when the record has no such step', async () => {
    const { store, raw: read, rawIssue } = await aScene(makePlace, withSteps(STEPS));
    await expectStale(store.writeBack('issue-1', read, setting({ gone: 'PENDING' })));
    expect(await rawIssue()).toEqual(read);
  });

  it.each([1, 20, 21, 50, 300])(
    'sets %i statuses in the end, in several writes if there are many',
    async (count) => {
      const steps = Array.from({ length: count }, (_, index) => anOaStep({ stepId: `step-${index}` }));
      const { store, rawIssue } = await aScene(makePlace, withSteps(steps));
      const statuses = async () =>
        ((await rawIssue()).approvalFlow?.M?.steps?.L ?? []).map(({ M }) => [M?.stepId?.S, M?.status?.S]);
      for (let writes = 0; writes < count; writes++) {
        const left = (await statuses()).filter(([, status]) => status === 'PENDING');
        if (left.length === 0) break;
        const wanted = left.map(([stepId = '']) => [stepId, 'APPROVED'] as const);
        await store.writeBack('issue-1', await rawIssue(), setting(Object.fromEntries(wanted)));
      }
      expect(await statuses()).toEqual(steps.map(({ stepId }) => [stepId, 'APPROVED']));
    },
  );

  it('sets many statuses together with as many approvals with the longest ids', async () => {
    const idOf = (index: number) => `${index}`.padStart(128, '語');
    const ids = Array.from({ length: 100 }, (_, index) => idOf(index));
    const steps = ids.map((stepId) => anOaStep({ stepId }));
    const item = withSteps(steps, { stepApprovals: {}, stageApprovals: {} });
    const { store, raw: read, rawIssue } = await aScene(makePlace, item);
    const set = Object.fromEntries(ids.slice(0, 50).map((id) => [id, { state: 'PENDING' }]));
    await store.writeBack('issue-1', read, {
      stageApprovals: { set, remove: [] },
      stepApprovals: { set, remove: [] },
      stepStatuses: Object.fromEntries(ids.map((id) => [id, 'REJECTED'])),
      approvalHold: 'FLOW_REJECTED',
    });
    const { approvalFlow, stepApprovals } = await rawIssue();
    expect(Object.keys(stepApprovals?.M ?? {})).toHaveLength(50);
    const done = approvalFlow?.M?.steps?.L?.filter(({ M }) => M?.status?.S === 'REJECTED') ?? [];
    expect(done.length).toBeGreaterThan(0);
  });
}
