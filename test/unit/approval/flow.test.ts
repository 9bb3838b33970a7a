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

  it('is PENDING before the OA was asked, whatever the record says', () => {
    for (const status of ['PENDING', 'APPROVED', 'REJECTED'] as const) {
      const written = anOaStep({ status });
      expect(externalStatus(written, at(withSteps(written)))).toBe('PENDING');
    }
  });

  it.each([...LIVE_STATES, ...CLOSED_STATES])('of a round %s is that decision, or else PENDING', (state) => {
    const expected = state === 'APPROVED' || state === 'REJECTED' ? state : 'PENDING';
    expect(statusOf({ state })).toBe(expected);
  });

  it.each(['APPROVED', 'REJECTED'] as const)('%s counts for no other content', (state) => {
    const round = aStepRoundOf(issue, { state });
    const others: IssueRecord[] = [
      { ...issue, stages: [aStage({ tasks: [aTask({ statement: 'SELECT 2' })] })] },
      { ...issue, stages: [aStage({ environment: 'test' })] },
      { ...issue, stages: [...issue.stages, aStage({ stageId: 'stage-2' })] },
    ];
    for (const other of others) expect(externalStatus(step, at(other, [round]))).toBe('PENDING');
  });

  it('is not what another OA said', () => {
    const elsewhere = anOaStep({ externalNodeId: 'another' });
    const round = aStepRoundOf(issue, { state: 'APPROVED' });
    expect(externalStatus(elsewhere, at(withSteps(elsewhere), [round]))).toBe('PENDING');
  });

  it('outlives the stage that the issue was at, and not the issue', () => {
    expect(statusOf({ state: 'APPROVED', arrival: 0 })).toBe('APPROVED');
    expect(statusOf({ state: 'APPROVED' }, { memory: { ...MEMORY, life: 1 } })).toBe('PENDING');
    expect(statusOf({ state: 'APPROVED' }, { memory: undefined })).toBe('APPROVED');
  });

  it('is that of the latest round', () => {
    const first = aStepRoundOf(issue, { state: 'APPROVED' });
    const second = aStepRoundOf(issue, { generation: 2, state: 'PENDING' });
    expect(externalStatus(step, at(issue, [second, first]))).toBe('PENDING');
  });

  it('is not that of a stage or another step', () => {
    const both = withSteps(step, anOaStep({ stepId: 'second' }));
    const round = aStepRoundOf(both, { state: 'APPROVED' }, 'second');
    expect(externalStatus(step, at(both, [round]))).toBe('PENDING');
    const ofStage = { ...round, subject: { kind: 'STAGE', id: 'oa' } } as const;
    expect(externalStatus(step, at(both, [ofStage]))).toBe('PENDING');
  });
});

/** A FRABIT step by its status; an EXTERNAL one by what the record says, and by the state of its round. */
type Told = Step['status'] | [Step['status'], Round['state']?];
const P = 'PENDING';
const A = 'APPROVED';
const R = 'REJECTED';

function flowOf(...told: Told[]): FlowCircumstances {
  const steps = told.map((one, index) =>
    Array.isArray(one)
      ? anOaStep({ stepId: `s${index}`, status: one[0] })
      : aStep({ stepId: `s${index}`, status: one }),
  );
  const issue = withSteps(...steps);
  const rounds = told.flatMap((one, index) =>
    Array.isArray(one) && one[1] ? [aStepRoundOf(issue, { state: one[1] }, `s${index}`)] : [],
  );
  return at(issue, rounds);
}

describe('the hold of the flow', () => {
  it.each([{ approvalFlow: undefined }, { approvalFlow: null }, { approvalFlow: { steps: [] } }])(
    'is none with %o',
    ({ approvalFlow }) => {
      expect(flowHold(at(anIssue({ approvalFlow })))).toBeUndefined();
    },
  );

  it.each<[Told[], ReturnType<typeof flowHold>]>([
    [[A, A], undefined],
    [[A, P], 'FLOW_PENDING'],
    [[R, P], 'FLOW_REJECTED'],
    [[P, R], 'FLOW_REJECTED'],
    // What the record says of an EXTERNAL step is not enough.
    [[[A]], 'FLOW_PENDING'],
    [[[R]], 'FLOW_PENDING'],
    [[[A, P]], 'FLOW_PENDING'],
    [[[A, 'WITHDRAWN']], 'FLOW_PENDING'],
    [[[A, R]], 'FLOW_REJECTED'],
    // Nor is what the round says, before the record does.
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
  ])('of %o is %s', (told, expected) => {
    const flow = flowOf(...told);
    expect(flowHold(flow)).toBe(expected);
    expect(isFlowPassed(flow)).toBe(expected === undefined);
  });
});

describe('the turn', () => {
  it.each<[Told[], number]>([
    [[[P], [P]], 0],
    [[P, [P]], 0],
    [[A, [P], P], 1],
    [[A, [P, A], [P]], 1],
    [[A, [A], [P]], 1],
    [[A, [A, A], [P]], 2],
    [[R, [A, A], [P]], 0],
    [[A, [R, R], [P]], 1],
    [[A, [A, A], [A, A]], 2],
  ])('in %o has come to the first %i steps and the one after them', (told, last) => {
    const flow = flowOf(...told);
    const turns = told.map((_, index) => isTurnOf(`s${index}`, flow));
    expect(turns).toEqual(told.map((_, index) => index <= last));
  });

  it('of a step that comes first is there at once', () => {
    expect(isTurnOf('s0', flowOf([R, R]))).toBe(true);
  });
});
