import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Round } from '../../../../shared/approval/plan/round.ts';
import type { IssueRecord } from '../../../../shared/issue/record.ts';
import { readImage } from '../../../../shared/runtime/attribute-values.ts';
import { marshallOptions } from '../../../../shared/runtime/dynamodb-writes.ts';
import { roundKey } from '../../../../shared/tables/approval-keys.ts';
import { anIssue, aStage, aStep, aTask } from '../../../support/issue.ts';
import { approvingAll, aRoundOf } from '../../../support/round.ts';
import { describeApprovingSteps } from './approving-steps.ts';
import { aStorePlace, expectStale, type Item, type MakePlace, type StorePlace } from './place.ts';

/** Two stages, and numbers of Frabit's own on the record and inside a task. */
const ISSUE = anIssue({
  stages: [
    aStage({ tasks: [aTask(), aTask({ taskId: 'task-2' }), aTask({ taskId: 'task-3', status: 'DONE' })] }),
    aStage({ stageId: 'stage-2' }),
  ],
  approvalFlow: { steps: [aStep({ status: 'APPROVED' })] },
  version: 7,
});

interface Scene extends StorePlace {
  before: Round;
  after: Round;
  /** The record as it was read when the decision arrived. */
  raw: Item;
  approve(raw?: Item): Promise<void>;
  /** Expects that the approval is refused and that nothing has changed. */
  expectRefused(raw?: Item): Promise<void>;
}

/** Creates a record with a pending round, ready to be approved. */
async function aScene(
  makePlace: MakePlace,
  item: object = ISSUE,
  issue: IssueRecord = ISSUE,
): Promise<Scene> {
  const place = await aStorePlace(makePlace);
  await place.putIssue(item);
  const before = aRoundOf(issue);
  await place.store.open(before);
  const after: Round = {
    ...before,
    state: 'APPROVED',
    closedAt: '2026-03-01T09:00:00.000Z',
    decisions: [{ result: 'APPROVED', by: {}, at: '2026-03-01T09:00:00.000Z', applied: true }],
  };
  const read = await place.rawIssue();
  const approve = (raw = read) =>
    place.store.approve({ ...approvingAll(before, after), raw, taskIds: ['task-1', 'task-2'] });
  return {
    ...place,
    before,
    after,
    raw: read,
    approve,
    async expectRefused(raw) {
      const [issueBefore, keptBefore] = [await place.rawIssue(), await place.kept()];
      await expectStale(approve(raw));
      expect(await place.rawIssue()).toEqual(issueBefore);
      expect(await place.kept()).toEqual(keptBefore);
    },
  };
}

const raw = (value: object): Item => marshall(value, marshallOptions());

/** Changes of one compared attribute between the look and the transaction. */
const BETWEEN: [string, Item][] = [
  ['the SQL of a task', raw({ stages: [aStage({ tasks: [aTask({ statement: 'DROP' })] })] })],
  ['the order of stages', raw({ stages: ISSUE.stages.toReversed() })],
  ['the number of stages', raw({ stages: [...ISSUE.stages, aStage({ stageId: 'stage-3' })] })],
  ['an attribute of Frabit inside a stage', raw({ stages: ISSUE.stages.map((s) => ({ ...s, own: 1 })) })],
  ['the type of stages', { stages: { S: 'none' } }],
  ['status', { status: { S: 'CANCELED' } }],
  ['the type of status', { status: { NULL: true } }],
  ['currentStageId', { currentStageId: { S: 'stage-2' } }],
  ['currentStageId, to null,', { currentStageId: { NULL: true } }],
  ['the e-mail of the assignee', raw({ assignee: { ...ISSUE.assignee, email: 'b@example.com' } })],
  ['the name of the assignee', raw({ assignee: { ...ISSUE.assignee, name: 'B' } })],
  ['the case of the assignee', raw({ assignee: { ...ISSUE.assignee, email: 'Assignee@example.com' } })],
  ['the assignee, to null,', { assignee: { NULL: true } }],
  ['a step of the approval flow', raw({ approvalFlow: { steps: [aStep({ status: 'REJECTED' })] } })],
  ['the approval flow, by one more step,', raw({ approvalFlow: { steps: [aStep(), aStep()] } })],
  ['the approval flow, to an empty one,', raw({ approvalFlow: { steps: [] } })],
  ['version', { version: { N: '8' } }],
  ['the type of version', { version: { S: '7' } }],
];

const COMPARED = ['stages', 'status', 'currentStageId', 'assignee', 'approvalFlow', 'version'] as const;
const MAY_BE_MISSING = ['currentStageId', 'assignee', 'approvalFlow', 'version'] as const;

export function describeApproving(makePlace: MakePlace): void {
  it('changes the tasks that it names, and no other attribute of Frabit', async () => {
    const { approve, rawIssue, raw: read, after } = await aScene(makePlace);
    await approve();
    const { approvedTasks, stageApprovals, ...rest } = await rawIssue();
    const moved = ISSUE.stages.map((stage, index) =>
      index > 0
        ? stage
        : {
            ...stage,
            tasks: stage.tasks.map((task) =>
              task.status === 'DONE' ? task : { ...task, status: 'PENDING' },
            ),
          },
    );
    expect(rest).toEqual({ ...read, ...raw({ stages: moved }), version: { N: '8' } });
    expect(readImage({ ...(approvedTasks && { approvedTasks }) })).toEqual({
      approvedTasks: { 'stage-1': after.tasks },
    });
    expect(stageApprovals?.M?.['stage-1']?.M).toMatchObject({
      state: { S: 'APPROVED' },
      approvalId: { S: after.approvalId },
    });
  });

  it('closes the round in the same transaction, with the next revision', async () => {
    const { approve, store, before, after } = await aScene(makePlace);
    await approve();
    expect((await store.read('issue-1')).rounds).toEqual([{ ...after, revision: before.revision + 1 }]);
  });

  it('leaves tasks that it does not name', async () => {
    const { store, before, after, raw: read, rawIssue } = await aScene(makePlace);
    await store.approve({ ...approvingAll(before, after), raw: read, taskIds: ['task-2', 'gone'] });
    const tasks = (await rawIssue()).stages?.L?.[0]?.M?.tasks?.L ?? [];
    expect(tasks.map((task) => task.M?.status?.S)).toEqual(['PENDING_APPROVAL', 'PENDING', 'DONE']);
  });

  it('adds no version if Frabit has none', async () => {
    const { version, ...item } = ISSUE;
    const { approve, rawIssue } = await aScene(makePlace, item);
    await approve();
    expect(await rawIssue()).not.toHaveProperty('version');
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

  describe('changes nothing when meanwhile', () => {
    it.each(BETWEEN)('%s changed', async (_, changed) => {
      const scene = await aScene(makePlace);
      await scene.putRawIssue({ ...scene.raw, ...changed });
      await scene.expectRefused(scene.raw);
    });

    it.each(COMPARED)('%s was removed', async (name) => {
      const scene = await aScene(makePlace);
      const { [name]: _, ...rest } = scene.raw;
      await scene.putRawIssue(rest);
      await scene.expectRefused(scene.raw);
    });

    it.each(MAY_BE_MISSING)('%s was added', async (name) => {
      const { [name]: _, ...item } = ISSUE;
      const scene = await aScene(makePlace, item);
      await scene.putIssue(ISSUE);
      await scene.expectRefused(scene.raw);
    });

    it('the assignee was added as null', async () => {
      const { assignee, ...item } = ISSUE;
      const scene = await aScene(makePlace, item);
      await scene.putRawIssue({ ...scene.raw, assignee: { NULL: true } });
      await scene.expectRefused(scene.raw);
    });

    it('the record was deleted, and creates no new record', async () => {
      const { approve, documents, tables, hasIssue, kept } = await aScene(makePlace);
      const Key = { issueId: { S: 'issue-1' } };
      await documents.send(new DeleteItemCommand({ TableName: tables.issueTableName, Key }));
      const before = await kept();
      await expectStale(approve());
      expect(await hasIssue()).toBe(false);
      expect(await kept()).toEqual(before);
    });

    it('the round was written by another worker', async () => {
      const { store, before, expectRefused } = await aScene(makePlace);
      await store.save(before, before);
      await expectRefused();
    });

    const OTHER_STATES = ['WITHDRAWN', 'REJECTED', 'REQUESTED', 'APPROVED'] as const;
    it.each(OTHER_STATES)('the round became %s with the same revision', async (state) => {
      const { documents, tables, before, expectRefused } = await aScene(makePlace);
      const Item = raw({ ...roundKey(before), ...before, state });
      await documents.send(new PutItemCommand({ TableName: tables.approvalTableName, Item }));
      await expectRefused();
    });

    it('the round was deleted', async () => {
      const { documents, tables, before, expectRefused } = await aScene(makePlace);
      const Key = raw(roundKey(before));
      await documents.send(new DeleteItemCommand({ TableName: tables.approvalTableName, Key }));
      await expectRefused();
    });

    const OURS = ['approvedTasks', 'stageApprovals'] as const;
    it.each(OURS)('%s was added', async (name) => {
      const scene = await aScene(makePlace);
      await scene.putRawIssue({ ...scene.raw, [name]: { M: { 'stage-2': { M: {} } } } });
      await scene.expectRefused(scene.raw);
    });

    it.each(OURS)('%s was deleted', async (name) => {
      const scene = await aScene(makePlace, { ...ISSUE, approvedTasks: {}, stageApprovals: {} });
      const { [name]: _, ...rest } = scene.raw;
      await scene.putRawIssue(rest);
      await scene.expectRefused(scene.raw);
    });

    it.each(OURS)('%s was replaced by another type', async (name) => {
      const scene = await aScene(makePlace, { ...ISSUE, approvedTasks: {}, stageApprovals: {} });
      await scene.putRawIssue({ ...scene.raw, [name]: { L: [] } });
      await scene.expectRefused(scene.raw);
    });
  });

  describe('succeeds when meanwhile', () => {
    it('an attribute that is not part of the content changed, and keeps the change', async () => {
      const { putRawIssue, raw: read, approve, rawIssue } = await aScene(makePlace);
      await putRawIssue({ ...read, title: { S: 'Another' }, own: { SS: ['a'] } });
      await approve();
      expect(await rawIssue()).toMatchObject({ title: { S: 'Another' }, own: { SS: ['a'] } });
    });

    it('an entry of another stage was added to our maps, and keeps it', async () => {
      const scene = await aScene(makePlace, { ...ISSUE, approvedTasks: {}, stageApprovals: {} });
      const theirs = { M: { 'stage-2': { M: { x: { S: 'y' } } } } };
      await scene.putRawIssue({ ...scene.raw, approvedTasks: theirs, stageApprovals: theirs });
      await scene.approve(scene.raw);
      const { approvedTasks, stageApprovals } = await scene.rawIssue();
      for (const map of [approvedTasks, stageApprovals]) {
        expect(Object.keys(map?.M ?? {}).sort()).toEqual(['stage-1', 'stage-2']);
        expect(map?.M?.['stage-2']).toEqual(theirs.M['stage-2']);
      }
    });

    const UNREADABLE: [string, Item[string]][] = [
      ['a list', { L: [{ S: 'x' }] }],
      ['a text', { S: 'x' }],
      ['null', { NULL: true }],
    ];
    it.each(UNREADABLE)('our attributes were already %s, and makes them maps', async (_, value) => {
      const item = { ...raw(ISSUE), approvedTasks: value, stageApprovals: value };
      const place = await aScene(makePlace);
      await place.putRawIssue(item);
      await place.approve(await place.rawIssue());
      const { approvedTasks, stageApprovals } = await place.rawIssue();
      expect([Object.keys(approvedTasks?.M ?? {}), Object.keys(stageApprovals?.M ?? {})]).toEqual([
        ['stage-1'],
        ['stage-1'],
      ]);
    });
  });

  describe('numbers', () => {
    const withOwn = (N: string): Item => ({
      ...raw(ISSUE),
      version: { N: N },
      stages: {
        L: (raw(ISSUE).stages?.L ?? []).map((stage) => ({ M: { ...stage.M, own: { L: [{ N }] } } })),
      },
    });

    const SAME: [string, string][] = [
      ['1.10', '1.1'],
      ['1.1', '1.10'],
      ['100', '1e2'],
      ['-0', '0'],
      ['0.00000001', '1E-8'],
      ['007', '7'],
      ['1e20', `1${'0'.repeat(20)}`],
    ];
    it.each(SAME)('%s and %s are equal, on the record and deep inside it', async (stored, seen) => {
      const { putRawIssue, approve } = await aScene(makePlace);
      await putRawIssue(withOwn(stored));
      await expect(approve(withOwn(seen))).resolves.toBeUndefined();
    });

    const OTHER: [string, string][] = [
      ['1.1', '1.11'],
      ['9007199254740993', '9007199254740992'],
      ['0.1', '0.1000000000000000000000000000000000001'],
      ['12345678901234567890123456789012345678', '12345678901234567890123456789012345679'],
      ['1', '-1'],
    ];
    it.each(OTHER)('%s and %s are different, even if they are equal as doubles', async (stored, seen) => {
      const { putRawIssue, expectRefused } = await aScene(makePlace);
      await putRawIssue(withOwn(stored));
      await expectRefused(withOwn(seen));
      const onlyInside = { ...withOwn(seen), version: { N: stored } };
      await expectRefused(onlyInside);
    });

    it('adds one to a version that is too large for a double', async () => {
      const { putRawIssue, approve, rawIssue } = await aScene(makePlace);
      await putRawIssue(withOwn('90071992547409931234567890.5'));
      await approve(withOwn('90071992547409931234567890.5'));
      expect((await rawIssue()).version).toEqual({ N: '90071992547409931234567891.5' });
    });
  });

  it('compares sets without their order, on the record and deep inside it', async () => {
    const own = (SS: string[], NS: string[]): Item => ({
      ...raw(ISSUE),
      assignee: { M: { email: { S: 'assignee@example.com' }, own: { SS }, numbers: { NS } } },
    });
    const { putRawIssue, approve, expectRefused } = await aScene(makePlace);
    await putRawIssue(own(['a', 'b', 'c'], ['1', '2.0']));
    await expectRefused(own(['a', 'b'], ['1', '2']));
    await expectRefused(own(['a', 'b', 'd'], ['1', '2']));
    await approve(own(['c', 'a', 'b'], ['2', '1.0']));
  });

  it('distinguishes an empty text, null, false, an empty map and an empty list', async () => {
    const values: Item[string][] = [
      { S: '' },
      { NULL: true },
      { BOOL: false },
      { M: {} },
      { L: [] },
      { N: '0' },
    ];
    const { raw: read, putRawIssue, expectRefused } = await aScene(makePlace);
    for (const [index, stored] of values.entries()) {
      await putRawIssue({ ...read, assignee: stored });
      const seen = values[(index + 1) % values.length];
      if (seen) await expectRefused({ ...read, assignee: seen });
    }
  });

  describe('many tasks', () => {
    const issueOf = (count: number) =>
      anIssue({
        stages: [
          aStage({ stageId: 'other' }),
          aStage({
            tasks: Array.from({ length: count }, (_, index) =>
              aTask({ taskId: `t${index}`, status: index % 10 === 9 ? 'SKIPPED' : 'PENDING_APPROVAL' }),
            ),
          }),
        ],
        version: 1,
      });

    it.each([50, 60, 700])('%i are changed, and those that are not named stay unchanged', async (count) => {
      const issue = issueOf(count);
      const { store, before, after, raw: read, rawIssue } = await aScene(makePlace, issue, issue);
      const waiting = issue.stages[1]?.tasks.filter(({ status }) => status === 'PENDING_APPROVAL') ?? [];
      const taskIds = waiting.map(({ taskId }) => taskId);
      await store.approve({ ...approvingAll(before, after), raw: read, taskIds });
      const stages = (await rawIssue()).stages?.L ?? [];
      expect(stages[0]).toEqual(read.stages?.L?.[0]);
      const expected = read.stages?.L?.[1]?.M?.tasks?.L?.map((task) =>
        task.M?.status?.S === 'SKIPPED' ? task : { M: { ...task.M, status: { S: 'PENDING' } } },
      );
      expect(stages[1]?.M?.tasks?.L).toEqual(expected);
    });

    it('none is changed if one of them changed meanwhile', async () => {
      const issue = issueOf(60);
      const { raw: read, putIssue, store, before, after, rawIssue } = await aScene(makePlace, issue, issue);
      const edited = issueOf(60);
      const task = edited.stages[1]?.tasks[37];
      if (task) task.statement = 'DROP TABLE orders';
      await putIssue(edited);
      const taskIds = issue.stages[1]?.tasks.map(({ taskId }) => taskId) ?? [];
      await expectStale(store.approve({ ...approvingAll(before, after), raw: read, taskIds }));
      expect(await rawIssue()).toEqual(raw(edited));
    });
  });

  it('is refused at once if the record as read has no such stage', async () => {
    const { raw: read, expectRefused } = await aScene(makePlace);
    await expectRefused({ ...read, stages: { L: [] } });
    const { stages, ...rest } = read;
    await expectRefused(rest);
  });

  describe('a step', () => describeApprovingSteps(makePlace));
}
