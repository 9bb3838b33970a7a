import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isAtRest } from '../../../shared/approval/plan/nothing-to-do.ts';
import type { WrittenBack } from '../../../shared/approval/plan/snapshot.ts';
import { ISSUE_MS, walk } from '../../../shared/approval/sweep-walk.ts';
import { taskHash } from '../../../shared/issue/content-hash.ts';
import type { IssueRecord } from '../../../shared/issue/record.ts';
import { memoryKey } from '../../../shared/tables/approval-keys.ts';
import { createFakeDynamoDb } from '../../simulation/dynamodb/fake-dynamodb.ts';
import { aClock } from '../../support/clock.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { aMeter } from '../../support/read-meter.ts';

/** Creates a walk over these issues. Reads of the issue memory of `hangs` never end. */
async function aWalk(issues: readonly IssueRecord[], hangs?: string) {
  const meter = aMeter();
  const { documents, tables } = createFakeDynamoDb({
    async around(call, run) {
      const answer = await meter.around(call, run);
      const isHanging = call.operation === 'GetItem' && JSON.stringify(answer).includes(`"${hangs}"`);
      return isHanging ? Promise.withResolvers().promise : answer;
    },
  });
  const put = (TableName: string, item: object) =>
    documents.send(new PutItemCommand({ TableName, Item: marshall(item) }));
  for (const issue of issues) await put(tables.issueTableName, issue);
  if (hangs) await put(tables.approvalTableName, { ...memoryKey(hangs), issueId: hangs });
  const hinted: string[] = [];
  const queue = {
    send: async (hint: object) => void hinted.push('issueId' in hint ? String(hint.issueId) : ''),
  };
  const error = vi.fn();
  meter.reset();
  const run = () => walk({ documents, tables, queue, now: aClock().date, logger: { error } });
  return { run, meter, hinted, error };
}

const many = (count: number, changes: Partial<IssueRecord> = {}) =>
  Array.from({ length: count }, (_, number) => anIssue({ issueId: `issue-${number}`, ...changes }));

describe('docs/lessons.md 46: an issue whose read hangs', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('delays no other issue, is logged, and is reported at the end', async () => {
    const { run, hinted, error } = await aWalk(many(30), 'issue-7');
    const ended = expect(run()).rejects.toThrow('The walk failed for 1 issues.');
    await vi.advanceTimersByTimeAsync(ISSUE_MS - 1);
    expect(hinted).toHaveLength(29);
    expect(error).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await ended;
    expect(error.mock.calls).toEqual([
      [
        'walking an issue failed',
        { issueId: 'issue-7', error: expect.objectContaining({ code: 'TOO_SLOW' }) },
      ],
    ]);
  });
});

describe('docs/lessons.md 46: the walk reads', () => {
  /** The reads of a run: place, settings and nodes. */
  const ONCE = 3;

  it('only the pages of closed issues', async () => {
    const { run, meter, hinted } = await aWalk(many(250, { status: 'DONE' }));
    expect(await run()).toEqual({ walked: 250, hinted: 0 });
    expect(meter.calls).toBe(ONCE + 3);
    expect(hinted).toEqual([]);
  });

  it('two more items for each open issue', async () => {
    const { run, meter } = await aWalk(many(250));
    await run();
    expect(meter.calls).toBe(ONCE + 3 + 2 * 250);
  });
});

describe('a closed issue is skipped by the walk', () => {
  const task = aTask({ status: 'PENDING' });
  const entry = { 'stage-1': { [task.taskId]: taskHash(task) } };
  const judge = (ours: WrittenBack, changes: Partial<IssueRecord> = {}) =>
    isAtRest({ kind: 'VALID', record: anIssue({ status: 'CANCELED', ...changes }), ours, raw: {} });

  it.each<[string, WrittenBack, Partial<IssueRecord>?]>([
    ['nothing was ever sent', {}],
    [
      'its approvals are closed',
      { stageApprovals: { a: { state: 'APPROVED' } }, stepApprovals: { b: { state: 'REJECTED' } } },
    ],
    [
      'a task is ready to run with its approved content',
      { approvedTasks: entry },
      { stages: [aStage({ tasks: [task] })] },
    ],
    [
      'a task is ready to run in a stage that was not approved through us',
      {},
      { stages: [aStage({ tasks: [task] })] },
    ],
  ])('when %s', (_, ours, changes) => {
    expect(judge(ours, changes)).toBe(true);
  });

  it.each<[string, WrittenBack, Partial<IssueRecord>?]>([
    ['it is open', {}, { status: 'OPEN' }],
    ['an approval is live', { stageApprovals: { a: { state: 'PENDING' } } }],
    ['an approval of a step is live', { stepApprovals: { a: { state: 'REQUESTED' } } }],
    ['an approval is in a state of a newer version', { stageApprovals: { a: { state: 'PAUSED' } } }],
    ['an entry is not an approval', { stageApprovals: { a: 7 } }],
    ['it has a hold', { approvalHold: 'NO_ASSIGNEE' }],
    ['it has an error', { approvalError: { code: 'INVALID_RECORD' } }],
    [
      'a task is ready to run with other than its approved content',
      { approvedTasks: entry },
      { stages: [aStage({ tasks: [{ ...task, statement: 'DROP TABLE orders' }] })] },
    ],
    [
      'a task is ready to run in an approved stage without an entry',
      { stageApprovals: { 'stage-1': { state: 'APPROVED' } } },
      { stages: [aStage({ tasks: [task] })] },
    ],
  ])('unless %s', (_, ours, changes) => {
    expect(judge(ours, changes)).toBe(false);
  });

  it('unless its record is invalid', () => {
    expect(isAtRest({ kind: 'INVALID', message: 'title', ours: {}, raw: {} })).toBe(false);
  });
});
