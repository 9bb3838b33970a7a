import { describe, expect, it } from 'vitest';
import {
  externalStatus,
  type FlowCircumstances,
  flowHold,
  isFlowPassed,
  isTurnOf,
} from '../../../shared/approval/plan/flow.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import { CLOSED_STATES, LIVE_STATES } from '../../../shared/issue/approval-words.ts';
import type { IssueRecord, Step } from '../../../shared/issue/record.ts';
import { anIssue, aStage, aStep, aTask } from '../../support/issue.ts';
import { anOaStep, aStepRoundOf } from '../../support/round.ts';

const MEMORY = { issueId: 'issue-1', stageId: 'stage-1', arrival: 1, bellSeq: 0, life: 0 };
const withSteps = (...steps: Step[]): IssueRecord => anIssue({ approvalFlow: { steps } });
const at = (
  issue: IssueRecord,
  rounds: Round[] = [],
  changes: Partial<FlowCircumstances> = {},
): FlowCircumstances => ({ issue, rounds, memory: MEMORY, ...changes });

describe('the status of an EXTERNAL step', () => {
  const step = anOaStep();
  const issue = withSteps(step);
  const statusOf = (round: Partial<Round>, changes: Partial<FlowCircumstances> = {}) =>
    externalStatus(step, at(issue, [aStepRoundOf(issue, round)], changes));

  it('is PENDING before the OA is asked, whatever the record says', () => {
    for (const status of ['PENDING', 'APPROVED', 'REJECTED'] as const) {
      const written = anOaStep({ status });
      expect(externalStatus(written, at(withSteps(written)))).toBe('PENDING');
    }
  });

  it.each([...LIVE_STATES, ...CLOSED_STATES])(
    'is the decision of its round, or PENDING (round %s)',
    (state) => {
      const expected = state === 'APPROVED' || state === 'REJECTED' ? state : 'PENDING';
      expect(statusOf({ state })).toBe(expected);
    },
  );

  it.each(['APPROVED', 'REJECTED'] as const)('%s counts only for the same content', (state) => {
    const round = aStepRoundOf(issue, { state });
    const others: IssueRecord[] = [
      { ...issue, stages: [aStage({ tasks: [aTask({ statement: 'SELECT 2' })] })] },
      { ...issue, stages: [aStage({ environment: 'test' })] },
      { ...issue, stages: [...issue.stages, aStage({ stageId: 'stage-2' })] },
    ];
    for (const other of others) expect(externalStatus(step, at(other, [round]))).toBe('PENDING');
  });

  it('is PENDING if another OA decided', () => {
    const elsewhere = anOaStep({ externalNodeId: 'another' });
    const round = aStepRoundOf(issue, { state: 'APPROVED' });
    expect(externalStatus(elsewhere, at(withSteps(elsewhere), [round]))).toBe('PENDING');
  });

  it('is kept when the issue changes its stage, but not when it was deleted', () => {
    expect(statusOf({ state: 'APPROVED', arrival: 0 })).toBe('APPROVED');
    expect(statusOf({ state: 'APPROVED' }, { memory: { ...MEMORY, life: 1 } })).toBe('PENDING');
    expect(statusOf({ state: 'APPROVED' }, { memory: undefined })).toBe('APPROVED');
  });

  it('is the one of the latest round', () => {
    const first = aStepRoundOf(issue, { state: 'APPROVED' });
    const second = aStepRoundOf(issue, { generation: 2, state: 'PENDING' });
    expect(externalStatus(step, at(issue, [second, first]))).toBe('PENDING');
  });

  it('does not depend on rounds of a stage or another step', () => {
    const both = withSteps(step, anOaStep({ stepId: 'second' }));
    const round = aStepRoundOf(both, { state: 'APPROVED' }, 'second');
    expect(externalStatus(step, at(both, [round]))).toBe('PENDING');
    const ofStage = { ...round, subject: { kind: 'STAGE', id: 'oa' } } as const;
    expect(externalStatus(step, at(both, [ofStage]))).toBe('PENDING');
  });
});

/** A FRABIT step: its status. An EXTERNAL step: its status on the record, and the state of its round. */
type StepCase = Step['status'] | [Step['status'], Round['state']?];
const P = 'PENDING';
const A = 'APPROVED';
const R = 'REJECTED';

function flowOf(...cases: StepCase[]): FlowCircumstances {
  const steps = cases.map((one, index) =>
    Array.isArray(one)
      ? anOaStep({ stepId: `s${index}`, status: one[0] })
      : aStep({ stepId: `s${index}`, status: one }),
  );
  const issue = withSteps(...steps);
  const rounds = cases.flatMap((one, index) =>
    Array.isArray(one) && one[1] ? [aStepRoundOf(issue, { state: one[1] }, `s${index}`)] : [],
  );
  return at(issue, rounds);
}

describe('the hold of the flow', () => {
  it.each([{ approvalFlow: undefined }, { approvalFlow: null }, { approvalFlow: { steps: [] } }])(
    'is undefined with %o',
    ({ approvalFlow }) => {
      expect(flowHold(at(anIssue({ approvalFlow })))).toBeUndefined();
    },
  );

  it.each<[StepCase[], ReturnType<typeof flowHold>]>([
    [[A, A], undefined],
    [[A, P], 'FLOW_PENDING'],
    [[R, P], 'FLOW_REJECTED'],
    [[P, R], 'FLOW_REJECTED'],
    // The status of an EXTERNAL step on the record is not enough.
    [[[A]], 'FLOW_PENDING'],
    [[[R]], 'FLOW_PENDING'],
    [[[A, P]], 'FLOW_PENDING'],
    [[[A, 'WITHDRAWN']], 'FLOW_PENDING'],
    [[[A, R]], 'FLOW_REJECTED'],
    // The state of its round is not enough either, before the record has it.
    [[[P, A]], 'FLOW_PENDING'],
    [[[R, A]], 'FLOW_PENDING'],
    [[[P, R]], 'FLOW_REJECTED'],
    [[[A, A]], undefined],
    [[A, [A, A], A], undefined],
    [
      [
        [A, A],
        [P, P],
      ],
      'FLOW_PENDING',
    ],
    [[P, [R, R]], 'FLOW_REJECTED'],
    [[[A, A], R], 'FLOW_REJECTED'],
  ])('of %o is %s', (cases, expected) => {
    const flow = flowOf(...cases);
    expect(flowHold(flow)).toBe(expected);
    expect(isFlowPassed(flow)).toBe(expected === undefined);
  });
});

describe('the turn of a step', () => {
  it.each<[StepCase[], number]>([
    [[[P], [P]], 0],
    [[P, [P]], 0],
    [[A, [P], P], 1],
    [[A, [P, A], [P]], 1],
    [[A, [A], [P]], 1],
    [[A, [A, A], [P]], 2],
    [[R, [A, A], [P]], 0],
    [[A, [R, R], [P]], 1],
    [[A, [A, A], [A, A]], 2],
  ])('has come in %o for the first %i steps and the one after them', (cases, last) => {
    const flow = flowOf(...cases);
    const turns = cases.map((_, index) => isTurnOf(`s${index}`, flow));
    expect(turns).toEqual(cases.map((_, index) => index <= last));
  });

  it('has come at once for the first step', () => {
    expect(isTurnOf('s0', flowOf([R, R]))).toBe(true);
  });
});
