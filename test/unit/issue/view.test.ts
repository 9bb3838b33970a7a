import { describe, expect, it } from 'vitest';
import { taskHash } from '../../../shared/issue/content-hash.ts';
import { approvalView, sameView, WRITE_BACKS } from '../../../shared/issue/view.ts';
import { anIssue, aStep, aTask } from '../../support/issue.ts';

describe('the view of a record', () => {
  it('contains what the plan reads, but no title, description or SQL', () => {
    const issue = anIssue({
      creator: { email: 'Creator@Example.com' },
      assignee: { email: 'Assignee@Example.com' },
      bell: { seq: 2, rungBy: 'Creator@Example.com', rungAt: '2026-03-01T08:00:00Z' },
      approvalFlow: { steps: [aStep({ kind: 'EXTERNAL', externalNodeId: 'oa' })] },
      version: 3,
    });

    expect(approvalView({ ...issue, approvalHold: 'FLOW_PENDING', own: 1 })).toEqual({
      record: {
        status: 'OPEN',
        currentStageId: 'stage-1',
        assignee: 'assignee@example.com',
        creator: 'creator@example.com',
        approvalMode: 'AUTO',
        steps: [{ stepId: 'step-1', kind: 'EXTERNAL', externalNodeId: 'oa', status: 'PENDING' }],
        bell: { seq: 2, rungBy: 'creator@example.com' },
        stages: [
          {
            stageId: 'stage-1',
            environment: 'prod',
            tasks: [{ taskId: 'task-1', hash: taskHash(aTask()), status: 'PENDING_APPROVAL', check: null }],
          },
        ],
      },
      writeBacks: { approvalHold: 'FLOW_PENDING' },
    });
  });

  it('of an invalid record is its error and our own attributes', () => {
    expect(approvalView({ title: 5, approvalError: { code: 'INVALID_RECORD' } })).toEqual({
      record: { invalid: expect.stringMatching(/^issueId: .* \(and 5 more\)$/) },
      writeBacks: { approvalError: { code: 'INVALID_RECORD' } },
    });
  });

  it.each([undefined, null, 'text', 5, []])('of a value that is not an item is an error: %j', (item) => {
    expect(approvalView(item)).toMatchObject({ record: { invalid: expect.any(String) }, writeBacks: {} });
  });
});

describe('two views are equal', () => {
  it('if nothing differs', () => {
    expect(sameView(approvalView(anIssue()), approvalView(anIssue()))).toBe(true);
    expect(sameView(undefined, undefined)).toBe(true);
  });

  it('but not if only one exists', () => {
    expect(sameView(approvalView(anIssue()), undefined)).toBe(false);
  });

  it.each(WRITE_BACKS)('but not if our %s differs', (name) => {
    const before = approvalView({ ...anIssue(), [name]: { a: [1] } });

    expect(sameView(before, approvalView({ ...anIssue(), [name]: { a: [1] } }))).toBe(true);
    expect(sameView(before, approvalView({ ...anIssue(), [name]: { a: [2] } }))).toBe(false);
    expect(sameView(before, approvalView(anIssue()))).toBe(false);
  });
});
