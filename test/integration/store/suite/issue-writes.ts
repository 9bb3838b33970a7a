import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import type { WriteBack } from '../../../../shared/approval/plan/action.ts';
import type { Task } from '../../../../shared/issue/record.ts';
import { marshallOptions } from '../../../../shared/runtime/dynamodb-writes.ts';
import { anIssue, aStage, aTask } from '../../../support/issue.ts';
import { aStorePlace, expectStale, type Item, type MakePlace, type StorePlace } from './place.ts';
import { describeStepStatuses } from './step-statuses.ts';

const raw = (value: object): Item => marshall(value, marshallOptions());

const NOTHING: WriteBack = {
  stageApprovals: { set: {}, remove: [] },
  stepStatuses: {},
  stepApprovals: { set: {}, remove: [] },
};
const APPROVAL = { approvalId: 'a', state: 'PENDING', decisions: [], error: undefined };
const STORED_APPROVAL = raw({ x: APPROVAL }).x;

interface Scene extends StorePlace {
  raw: Item;
}

async function aScene(makePlace: MakePlace, item: object): Promise<Scene> {
  const place = await aStorePlace(makePlace);
  await place.putIssue(item);
  return { ...place, raw: await place.rawIssue() };
}

async function expectUnchanged({ rawIssue }: StorePlace, write: () => Promise<void>): Promise<void> {
  const before = await rawIssue();
  await expectStale(write());
  expect(await rawIssue()).toEqual(before);
}

async function removeIssue({ documents, tables }: StorePlace): Promise<void> {
  const Key = { issueId: { S: 'issue-1' } };
  await documents.send(new DeleteItemCommand({ TableName: tables.issueTableName, Key }));
}

export function describeDemands(makePlace: MakePlace): void {
  const task = (changes: Partial<Task>) => aTask({ status: 'PENDING', ...changes });
  const ISSUE = anIssue({
    stages: [aStage({ tasks: [task({}), task({ taskId: 'task-2' })] }), aStage({ stageId: 'stage-2' })],
    version: 3,
  });
  const withFirst = (changes: object) => ({
    ...ISSUE,
    stages: [
      aStage({ tasks: [{ ...task({}), ...changes }, task({ taskId: 'task-2' })] }),
      aStage({ stageId: 'stage-2' }),
    ],
  });

  it('sets the tasks that it names back to PENDING_APPROVAL, and changes only the version besides', async () => {
    const { store, raw: read, rawIssue } = await aScene(makePlace, ISSUE);
    await store.requireApproval('issue-1', read, 'stage-1', ['task-1', 'unknown']);
    expect(await rawIssue()).toEqual({
      ...raw(withFirst({ status: 'PENDING_APPROVAL' })),
      version: { N: '4' },
    });
  });

  const CHANGES: [string, object][] = [
    ['its SQL', { statement: 'DROP TABLE x' }],
    ['its status', { status: 'RUNNING' }],
    ['an attribute of Frabit inside it', { own: 1 }],
    ['its database, to null,', { database: null }],
  ];
  it.each(CHANGES)('changes nothing when %s changed meanwhile', async (_, changes) => {
    const scene = await aScene(makePlace, ISSUE);
    await scene.putIssue(withFirst(changes));
    await expectUnchanged(scene, () =>
      scene.store.requireApproval('issue-1', scene.raw, 'stage-1', ['task-1', 'task-2']),
    );
  });

  it('changes nothing when the order of the tasks changed', async () => {
    const scene = await aScene(makePlace, ISSUE);
    const [first, ...others] = ISSUE.stages;
    await scene.putIssue({
      ...ISSUE,
      stages: [aStage({ tasks: first?.tasks.toReversed() ?? [] }), ...others],
    });
    await expectUnchanged(scene, () =>
      scene.store.requireApproval('issue-1', scene.raw, 'stage-1', ['task-1']),
    );
  });

  it('changes nothing when the version changed meanwhile', async () => {
    const scene = await aScene(makePlace, ISSUE);
    await scene.putIssue({ ...ISSUE, version: 4 });
    await expectUnchanged(scene, () =>
      scene.store.requireApproval('issue-1', scene.raw, 'stage-1', ['task-1']),
    );
  });

  it('succeeds when another task changed meanwhile', async () => {
    const scene = await aScene(makePlace, ISSUE);
    await scene.putIssue(withFirst({ statement: 'SELECT 1' }));
    await scene.store.requireApproval('issue-1', scene.raw, 'stage-1', ['task-2']);
    const tasks = (await scene.rawIssue()).stages?.L?.[0]?.M?.tasks?.L ?? [];
    expect(tasks.map(({ M }) => [M?.statement?.S, M?.status?.S])).toEqual([
      ['SELECT 1', 'PENDING'],
      [aTask().statement, 'PENDING_APPROVAL'],
    ]);
  });

  it('compares numbers inside a task by value', async () => {
    const { store, putRawIssue, rawIssue } = await aScene(makePlace, ISSUE);
    const own = (N: string): Item => ({
      ...raw(ISSUE),
      stages: { L: [{ M: { ...raw(aStage()), tasks: { L: [{ M: { ...raw(task({})), own: { N } } }] } } }] },
    });
    await putRawIssue(own('1.10'));
    await store.requireApproval('issue-1', own('1.1'), 'stage-1', ['task-1']);
    const [moved] = (await rawIssue()).stages?.L?.[0]?.M?.tasks?.L ?? [];
    expect(moved?.M?.status).toEqual({ S: 'PENDING_APPROVAL' });
  });

  it('changes fifty of many tasks at a time', async () => {
    const tasks = Array.from({ length: 120 }, (_, index) => task({ taskId: `t${index}` }));
    const { store, raw: read, rawIssue } = await aScene(makePlace, anIssue({ stages: [aStage({ tasks })] }));
    await store.requireApproval(
      'issue-1',
      read,
      'stage-1',
      tasks.map(({ taskId }) => taskId),
    );
    const after = (await rawIssue()).stages?.L?.[0]?.M?.tasks?.L ?? [];
    expect(after.filter((one) => one.M?.status?.S === 'PENDING_APPROVAL')).toHaveLength(50);
  });

  it('is refused when the record no longer has the stage', async () => {
    const scene = await aScene(makePlace, ISSUE);
    await scene.putIssue({ ...ISSUE, stages: [aStage({ stageId: 'stage-2' })] });
    await expectUnchanged(scene, () =>
      scene.store.requireApproval('issue-1', scene.raw, 'stage-1', ['task-1']),
    );
    const now = await scene.rawIssue();
    await expectUnchanged(scene, () => scene.store.requireApproval('issue-1', now, 'stage-1', ['task-1']));
  });

  it('makes no record of one that was deleted meanwhile', async () => {
    const scene = await aScene(makePlace, ISSUE);
    await removeIssue(scene);
    await expectStale(scene.store.requireApproval('issue-1', scene.raw, 'stage-1', ['task-1']));
    expect(await scene.hasIssue()).toBe(false);
  });
}

const MAPS = ['stageApprovals', 'stepApprovals'] as const;

export function describeWriteBacks(makePlace: MakePlace): void {
  describe.each(MAPS)('%s', (name) => {
    const setting = (...ids: string[]): WriteBack => ({
      ...NOTHING,
      [name]: { set: Object.fromEntries(ids.map((id) => [id, APPROVAL])), remove: [] },
    });
    const removing = (...remove: string[]): WriteBack => ({ ...NOTHING, [name]: { set: {}, remove } });
    const stored = (...ids: string[]): Item[string] => ({
      M: Object.fromEntries(ids.map((id) => [id, STORED_APPROVAL ?? { NULL: true }])),
    });

    it('gets new entries besides the existing ones, and nothing else changes', async () => {
      const item = { ...anIssue(), [name]: { 'stage-0': APPROVAL } };
      const { store, raw: read, rawIssue } = await aScene(makePlace, item);
      await store.writeBack('issue-1', read, setting('stage-1', 'stage-2'));
      expect(await rawIssue()).toEqual({ ...read, [name]: stored('stage-0', 'stage-1', 'stage-2') });
    });

    it('gets its entries replaced', async () => {
      const { store, raw: read, rawIssue } = await aScene(makePlace, { ...anIssue(), [name]: { a: 'old' } });
      await store.writeBack('issue-1', read, setting('a'));
      expect((await rawIssue())[name]).toEqual(stored('a'));
    });

    it('is created if it is missing', async () => {
      const { store, raw: read, rawIssue } = await aScene(makePlace, anIssue());
      await store.writeBack('issue-1', read, setting('stage-1'));
      expect(await rawIssue()).toEqual({ ...read, [name]: stored('stage-1') });
    });

    it('is not changed if it was missing and was added meanwhile', async () => {
      const scene = await aScene(makePlace, anIssue());
      await scene.putIssue({ ...anIssue(), [name]: { theirs: APPROVAL } });
      await expectUnchanged(scene, () => scene.store.writeBack('issue-1', scene.raw, setting('stage-1')));
    });

    it('is not created if it was removed meanwhile', async () => {
      const scene = await aScene(makePlace, { ...anIssue(), [name]: {} });
      await scene.putIssue(anIssue());
      await expectUnchanged(scene, () => scene.store.writeBack('issue-1', scene.raw, setting('stage-1')));
    });

    it('keeps an entry that was added meanwhile', async () => {
      const scene = await aScene(makePlace, { ...anIssue(), [name]: {} });
      await scene.putIssue({ ...anIssue(), [name]: { theirs: APPROVAL } });
      await scene.store.writeBack('issue-1', scene.raw, setting('mine'));
      expect((await scene.rawIssue())[name]).toEqual(stored('mine', 'theirs'));
    });

    const NO_MAPS: [string, Item[string]][] = [
      ['a text', { S: 'x' }],
      ['a list', { L: [{ M: {} }] }],
      ['null', { NULL: true }],
      ['a set', { SS: ['stage-1'] }],
    ];
    it.each(NO_MAPS)('is replaced by a map when it is %s', async (_, value) => {
      const { store, raw: read, putRawIssue, rawIssue } = await aScene(makePlace, anIssue());
      const odd = { ...read, [name]: value };
      await putRawIssue(odd);
      await store.writeBack('issue-1', odd, setting('stage-1'));
      expect((await rawIssue())[name]).toEqual(stored('stage-1'));
    });

    it.each(NO_MAPS)('is not changed if it is %s now and was a map when it was read', async (_, value) => {
      const scene = await aScene(makePlace, { ...anIssue(), [name]: {} });
      await scene.putRawIssue({ ...scene.raw, [name]: value });
      await expectUnchanged(scene, () => scene.store.writeBack('issue-1', scene.raw, setting('stage-1')));
    });

    it('loses entries, even if one of them is gone already', async () => {
      const item = { ...anIssue(), [name]: { a: APPROVAL, b: APPROVAL } };
      const { store, raw: read, rawIssue } = await aScene(makePlace, item);
      await store.writeBack('issue-1', read, removing('a', 'gone'));
      expect((await rawIssue())[name]).toEqual(stored('b'));
    });

    it('loses an entry with a name longer than any id', async () => {
      const long = 'x'.repeat(5_000);
      const item = { ...anIssue(), [name]: { [long]: APPROVAL, b: APPROVAL } };
      const { store, raw: read, rawIssue } = await aScene(makePlace, item);
      await store.writeBack('issue-1', read, removing(long));
      expect((await rawIssue())[name]).toEqual(stored('b'));
    });

    const ids = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);
    it.each([50, 51, 100])('gets %i entries at once', async (count) => {
      const {
        store,
        raw: read,
        rawIssue,
      } = await aScene(makePlace, { ...anIssue(), [name]: { old: APPROVAL } });
      await store.writeBack('issue-1', read, setting(...ids(count)));
      expect((await rawIssue())[name]).toEqual(stored('old', ...ids(count)));
    });

    it('loses 60 of 70 entries at once', async () => {
      const item = { ...anIssue(), [name]: Object.fromEntries(ids(70).map((id) => [id, APPROVAL])) };
      const { store, raw: read, rawIssue } = await aScene(makePlace, item);
      await store.writeBack('issue-1', read, removing(...ids(60)));
      expect((await rawIssue())[name]).toEqual(stored(...ids(70).slice(60)));
    });

    it('is not changed if it changed meanwhile and would be written whole', async () => {
      const scene = await aScene(makePlace, { ...anIssue(), [name]: {} });
      await scene.putIssue({ ...anIssue(), [name]: { theirs: APPROVAL } });
      await expectUnchanged(scene, () => scene.store.writeBack('issue-1', scene.raw, setting(...ids(60))));
    });
  });

  describe('approvalHold and approvalError', () => {
    const ERROR = { code: 'INVALID_RECORD', message: 'status: broken', at: 'now' } as const;

    it('are set', async () => {
      const { store, raw: read, rawIssue } = await aScene(makePlace, anIssue());
      await store.writeBack('issue-1', read, {
        ...NOTHING,
        approvalHold: 'NO_ASSIGNEE',
        approvalError: ERROR,
      });
      expect(await rawIssue()).toEqual({
        ...read,
        ...raw({ approvalHold: 'NO_ASSIGNEE', approvalError: ERROR }),
      });
    });

    it('are removed, even if they are gone already', async () => {
      const scene = await aScene(makePlace, { ...anIssue(), approvalHold: 'DISABLED', approvalError: ERROR });
      const gone: WriteBack = { ...NOTHING, approvalHold: null, approvalError: null };
      await scene.store.writeBack('issue-1', scene.raw, gone);
      expect(await scene.rawIssue()).toEqual(raw(anIssue()));
      await scene.store.writeBack('issue-1', scene.raw, gone);
      expect(await scene.rawIssue()).toEqual(raw(anIssue()));
    });

    it('are replaced, whatever their type', async () => {
      const scene = await aScene(makePlace, { ...anIssue(), approvalHold: ['x'], approvalError: 1 });
      await scene.store.writeBack('issue-1', scene.raw, {
        ...NOTHING,
        approvalHold: null,
        approvalError: ERROR,
      });
      expect(await scene.rawIssue()).toEqual(raw({ ...anIssue(), approvalError: ERROR }));
    });
  });

  it('sets, removes and writes the hold in one write, with one more version', async () => {
    const item = { ...anIssue(), version: 1.5, stageApprovals: { old: 1 }, approvalError: { code: 'x' } };
    const { store, raw: read, rawIssue } = await aScene(makePlace, item);
    await store.writeBack('issue-1', read, {
      stageApprovals: { set: { 'stage-1': APPROVAL }, remove: ['old'] },
      stepStatuses: {},
      stepApprovals: { set: { 'step-1': APPROVAL }, remove: [] },
      approvalHold: 'CHECK_RUNNING',
      approvalError: null,
    });
    expect(await rawIssue()).toEqual(
      raw({
        ...anIssue(),
        version: 2.5,
        stageApprovals: { 'stage-1': APPROVAL },
        stepApprovals: { 'step-1': APPROVAL },
        approvalHold: 'CHECK_RUNNING',
      }),
    );
  });

  it('changes nothing when the version changed meanwhile', async () => {
    const scene = await aScene(makePlace, { ...anIssue(), version: 1 });
    await scene.putIssue({ ...anIssue(), version: 2 });
    await expectUnchanged(scene, () =>
      scene.store.writeBack('issue-1', scene.raw, { ...NOTHING, approvalHold: 'DISABLED' }),
    );
  });

  it('changes nothing when a version was added meanwhile', async () => {
    const scene = await aScene(makePlace, anIssue());
    await scene.putIssue({ ...anIssue(), version: 2 });
    await expectUnchanged(scene, () =>
      scene.store.writeBack('issue-1', scene.raw, { ...NOTHING, approvalHold: 'DISABLED' }),
    );
  });

  it('makes no record of one that was deleted meanwhile', async () => {
    const scene = await aScene(makePlace, anIssue());
    await removeIssue(scene);
    await expectStale(scene.store.writeBack('issue-1', scene.raw, { ...NOTHING, approvalHold: 'DISABLED' }));
    expect(await scene.hasIssue()).toBe(false);
  });

  it('throws STORE_REFUSED for a write that would make the record too large', async () => {
    const scene = await aScene(makePlace, { ...anIssue(), own: 'x'.repeat(405_000) });
    const change: WriteBack = {
      ...NOTHING,
      approvalError: { code: 'INVALID_RECORD', message: 'y'.repeat(6_000), at: 'now' },
    };
    await expect(scene.store.writeBack('issue-1', scene.raw, change)).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      retryable: true,
    });
    expect(await scene.rawIssue()).toEqual(scene.raw);
  });

  describe('the status of steps', () => describeStepStatuses(makePlace));
}
