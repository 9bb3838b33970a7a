import { randomBytes } from 'node:crypto';
import { DeleteItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type { IssueMemory } from '../../../../shared/approval/plan/issue-memory.ts';
import type { Round } from '../../../../shared/approval/plan/round.ts';
import { createDynamoStore } from '../../../../shared/approval/store/dynamo-store.ts';
import type { SentRequest } from '../../../../shared/approval/store/store.ts';
import { roundKey, settingsKey } from '../../../../shared/tables/approval-keys.ts';
import { anIssue } from '../../../support/issue.ts';
import { aRound, SETTINGS } from '../../../support/round.ts';
import { aStorePlace, expectStale, type MakePlace, type Place } from './place.ts';

const MEMORY: IssueMemory = { issueId: 'issue-1', stageId: 'stage-1', arrival: 1, bellSeq: 0, life: 0 };

const aRequest = (changes: Partial<SentRequest> = {}): SentRequest => ({
  form: '[{"id":"sql"}]',
  title: 'Orders get a note',
  i18nResources: [{ locale: 'zh-CN', is_default: true, texts: [{ key: '@i18n@a', value: '审批 😀' }] }],
  shown: { stageId: 'stage-1', stageTitle: 'Production', environment: null, assignee: null, tasks: [] },
  ...changes,
});

export function describeRounds(makePlace: MakePlace): void {
  describe('read', () => {
    it('returns nothing for an issue that does not exist', async () => {
      const { store } = await aStorePlace(makePlace);
      expect(await store.read('issue-1')).toEqual({
        issueId: 'issue-1',
        issue: { kind: 'ABSENT' },
        rounds: [],
        memory: undefined,
        settings: undefined,
        nodes: [],
      });
    });

    it('returns a valid record with its raw item', async () => {
      const { store, putIssue, rawIssue } = await aStorePlace(makePlace);
      await putIssue({ ...anIssue(), stageApprovals: { old: 1 }, frabitsOwn: new Set([1]) });
      const { issue } = await store.read('issue-1');
      expect(issue).toEqual({
        kind: 'VALID',
        record: anIssue(),
        ours: { stageApprovals: { old: 1 } },
        raw: await rawIssue(),
      });
    });

    it('returns an invalid record with the reason and its raw item', async () => {
      const { store, putIssue, rawIssue } = await aStorePlace(makePlace);
      await putIssue({ ...anIssue(), status: 'MAYBE' });
      const { issue } = await store.read('issue-1');
      expect(issue).toMatchObject({ kind: 'INVALID', message: expect.stringContaining('status') });
      expect('raw' in issue && issue.raw).toEqual(await rawIssue());
    });

    it('returns every round of every subject by generation, and the issue memory', async () => {
      const { store } = await aStorePlace(makePlace);
      const generations = [10, 2, 1, 11];
      for (const generation of generations) await store.open(aRound({ generation }));
      await store.open(aRound({ subject: { kind: 'STEP', id: 'stage-1' } }));
      await store.remember(MEMORY, undefined);
      const { rounds, memory } = await store.read('issue-1');
      expect(rounds.map(({ subject, generation }) => [subject.kind, generation])).toEqual([
        ['STAGE', 1],
        ['STAGE', 2],
        ['STAGE', 10],
        ['STAGE', 11],
        ['STEP', 1],
      ]);
      expect(memory).toEqual(MEMORY);
    });

    it('returns no round of another issue whose id has the same prefix', async () => {
      const { store } = await aStorePlace(makePlace);
      await store.open(aRound({ issueId: 'issue-10' }));
      await store.open(aRound({ issueId: 'issue-1#STAGE' }));
      expect((await store.read('issue-1')).rounds).toEqual([]);
    });

    it('returns rounds that need more than one page of a query', async () => {
      const { store } = await aStorePlace(makePlace);
      const content = 'x'.repeat(380_000);
      for (const generation of [1, 2, 3, 4]) await store.open(aRound({ generation, content }));
      const { rounds } = await store.read('issue-1');
      expect(rounds.map(({ generation }) => generation)).toEqual([1, 2, 3, 4]);
    });

    it('returns the settings', async () => {
      const { store, documents, tables } = await aStorePlace(makePlace);
      await documents.send(
        new PutCommand({
          TableName: tables.approvalTableName,
          Item: { ...settingsKey, ...SETTINGS, lock: { owner: 'x', until: 1 } },
        }),
      );
      expect((await store.read('issue-1')).settings).toEqual(SETTINGS);
    });
  });

  describe('open', () => {
    it('stores the whole round', async () => {
      const { store } = await aStorePlace(makePlace);
      const round = aRound({
        decisions: [{ result: 'APPROVED', by: {}, at: 'now', applied: false }],
        settle: { what: 'OPEN', tries: 1 },
      });
      await store.open(round);
      expect((await store.read('issue-1')).rounds).toEqual([round]);
    });

    it('is refused a second time, and the first round stays', async () => {
      const { store, kept } = await aStorePlace(makePlace);
      await store.open(aRound());
      const before = await kept();
      await expectStale(store.open(aRound()));
      expect(await kept()).toEqual(before);
    });

    it('is refused for one of two workers that open at once', async () => {
      const { store } = await aStorePlace(makePlace);
      const opened = await Promise.allSettled([store.open(aRound()), store.open(aRound())]);
      expect(opened.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    it('leaves no pointer behind when it is refused', async () => {
      const { store } = await aStorePlace(makePlace);
      await store.open(aRound());
      await expectStale(store.open(aRound({ approvalId: 'second' })));
      expect(await store.findIssue({ approvalId: 'second' })).toBeUndefined();
    });

    it('is refused if the approvalId exists in another case', async () => {
      const { store, kept } = await aStorePlace(makePlace);
      await store.open(aRound({ approvalId: 'abc', issueId: 'other' }));
      await expectStale(store.open(aRound({ approvalId: 'ABC' })));
      expect(await kept()).toEqual([]);
    });

    it('changes the previous round in the same transaction, with the next revision', async () => {
      const { store } = await aStorePlace(makePlace);
      const first = aRound();
      await store.open(first);
      const second = aRound({ generation: 2, state: 'REQUESTED' });
      await store.open(second, { before: first, after: { ...first, state: 'WITHDRAWN' } });
      expect((await store.read('issue-1')).rounds).toEqual([
        { ...first, state: 'WITHDRAWN', revision: first.revision + 1 },
        second,
      ]);
    });

    it('adds a pointer to the instance that the previous round turned out to have', async () => {
      const { store } = await aStorePlace(makePlace);
      const first = aRound({ instanceCode: undefined });
      await store.open(first);
      const after: Round = { ...first, state: 'WITHDRAWN', instanceCode: 'FOUND' };
      await store.open(aRound({ generation: 2 }), { before: first, after });
      expect(await store.findIssue({ instanceCode: 'FOUND' })).toEqual({
        issueId: 'issue-1',
        approvalId: first.approvalId,
      });
    });

    const MOVED: [string, (round: Round, place: Place) => Promise<unknown>][] = [
      ['was written meanwhile', (round, place) => storeOf(place).save(round, round)],
      ['was closed meanwhile', (round, place) => putRound(place, { ...round, state: 'CANCELED' })],
      ['is gone', (round, place) => deleteRound(place, round)],
    ];
    it.each(MOVED)('is refused if the previous round %s, and writes nothing', async (_, move) => {
      const place = await aStorePlace(makePlace);
      const { store, kept } = place;
      const first = aRound();
      await store.open(first);
      await move(first, place);
      const before = await kept();
      const after: Round = { ...first, state: 'WITHDRAWN' };
      const second = aRound({ generation: 2 });
      await expectStale(store.open(second, { before: first, after }));
      expect(await kept()).toEqual(before);
      expect(await store.findIssue({ approvalId: second.approvalId })).toBeUndefined();
    });
  });

  describe('save', () => {
    it('replaces the round and returns it with the next revision', async () => {
      const { store } = await aStorePlace(makePlace);
      const round = aRound({ error: { code: 'FEISHU_SETUP', message: 'x' } });
      await store.open(round);
      const { error, ...rest } = round;
      const saved = await store.save(round, { ...rest, looks: 1 });
      expect(saved).toEqual({ ...rest, looks: 1, revision: round.revision + 1 });
      expect((await store.read('issue-1')).rounds).toEqual([saved]);
    });

    it('accepts its own result as the next start', async () => {
      const { store } = await aStorePlace(makePlace);
      const round = aRound();
      await store.open(round);
      const saved = await store.save(round, round);
      expect((await store.save(saved, saved)).revision).toBe(round.revision + 2);
    });

    const STALE: [string, Partial<Round>][] = [
      ['an older revision', { revision: 2 }],
      ['a newer revision', { revision: 4 }],
      ['another state', { state: 'REQUESTED' }],
      ['another generation', { generation: 2 }],
      ['another subject', { subject: { kind: 'STEP', id: 'stage-1' } }],
    ];
    it.each(STALE)('is refused with %s, and changes nothing', async (_, changes) => {
      const { store, kept } = await aStorePlace(makePlace);
      const round = aRound({ revision: 3, state: 'PENDING' });
      await store.open(round);
      const before = await kept();
      const stale = { ...round, ...changes };
      await expectStale(store.save(stale, { ...stale, looks: 9 }));
      await expectStale(store.save(stale, { ...stale, looks: 9 }, aRequest()));
      expect(await kept()).toEqual(before);
    });

    it('lets only one of two workers save', async () => {
      const { store } = await aStorePlace(makePlace);
      const round = aRound();
      await store.open(round);
      const saves = await Promise.allSettled([store.save(round, round), store.save(round, round)]);
      expect(saves.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    it('adds a pointer to a new instance', async () => {
      const { store } = await aStorePlace(makePlace);
      const round = aRound({ instanceCode: undefined });
      await store.open(round);
      await store.save(round, { ...round, instanceCode: 'NEW' });
      expect(await store.findIssue({ instanceCode: 'NEW' })).toEqual({
        issueId: 'issue-1',
        approvalId: round.approvalId,
      });
    });

    it('is refused with an instance of another approval, and changes neither', async () => {
      const { store, kept } = await aStorePlace(makePlace);
      const mine = aRound({ instanceCode: undefined });
      await store.open(mine);
      const theirs = aRound({ issueId: 'other', instanceCode: undefined });
      await store.open(theirs);
      await store.save(theirs, { ...theirs, instanceCode: 'TAKEN' });
      const before = await kept();
      await expectStale(store.save(mine, { ...mine, instanceCode: 'TAKEN' }));
      expect(await kept()).toEqual(before);
      expect(await store.findIssue({ instanceCode: 'TAKEN' })).toMatchObject({ issueId: 'other' });
    });

    it('may write the pointer to its own instance again', async () => {
      const { store } = await aStorePlace(makePlace);
      const round = aRound({ instanceCode: undefined });
      await store.open(round);
      const first = await store.save(round, { ...round, instanceCode: 'MINE' });
      const { instanceCode, ...without } = first;
      const second = await store.save(first, without);
      expect((await store.save(second, { ...second, instanceCode: 'MINE' })).instanceCode).toBe('MINE');
    });

    it('removes a round without checkAfter from the index of due rounds, and adds it again', async () => {
      const place = await aStorePlace(makePlace);
      const { store } = place;
      const round = aRound({ checkAfter: '2026-03-01T08:10:00.000Z' });
      await store.open(round);
      expect(await due(place)).toEqual(['2026-03-01T08:10:00.000Z']);
      const { checkAfter, ...rest } = round;
      const resting = await store.save(round, rest);
      expect(await due(place)).toEqual([]);
      await store.save(resting, { ...resting, checkAfter: '2026-03-02T00:00:00.000Z' });
      expect(await due(place)).toEqual(['2026-03-02T00:00:00.000Z']);
    });

    it('throws STORE_REFUSED for a round that is too large for an item', async () => {
      const { store, kept } = await aStorePlace(makePlace);
      const round = aRound();
      await store.open(round);
      const before = await kept();
      const large = { ...round, content: 'x'.repeat(410_000) };
      await expect(store.save(round, large)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
      expect(await kept()).toEqual(before);
    });

    it('throws STORE_REFUSED if there is no table', async () => {
      const { documents, tables } = await aStorePlace(makePlace);
      const store = createDynamoStore(documents, { ...tables, approvalTableName: 'nowhere' });
      const refusal = { code: 'STORE_REFUSED', retryable: true };
      await expect(store.open(aRound())).rejects.toMatchObject(refusal);
      await expect(store.save(aRound(), aRound())).rejects.toMatchObject(refusal);
    });
  });

  describe('readRequest', () => {
    it('returns nothing before a send begins', async () => {
      const { store } = await aStorePlace(makePlace);
      const round = aRound();
      await store.open(round);
      await store.save(round, round);
      expect(await store.readRequest(round.approvalId)).toBeUndefined();
    });

    it('returns the request that was saved with the round, whatever its characters', async () => {
      const { store } = await aStorePlace(makePlace);
      const round = aRound();
      await store.open(round);
      const request = aRequest({ title: '审批 \u{1F600} " \\ \n \u0000 \u2028' });
      await store.save(round, round, request);
      expect(await store.readRequest(round.approvalId)).toEqual(request);
    });

    it('returns the last saved request', async () => {
      const { store } = await aStorePlace(makePlace);
      const round = aRound();
      await store.open(round);
      const saved = await store.save(round, round, aRequest());
      const again = aRequest({ title: 'again' });
      await store.save(saved, saved, again);
      expect(await store.readRequest(round.approvalId)).toEqual(again);
    });

    it('does not return the request of a refused save', async () => {
      const { store } = await aStorePlace(makePlace);
      const round = aRound();
      await store.open(round);
      await store.save(round, round);
      await expectStale(store.save(round, round, aRequest()));
      expect(await store.readRequest(round.approvalId)).toBeUndefined();
    });

    it('returns a request of a megabyte whole', async () => {
      const { store } = await aStorePlace(makePlace);
      const round = aRound();
      await store.open(round);
      const sql = randomBytes(150_000).toString('base64');
      const request = aRequest({ form: sql.repeat(5) });
      await store.save(round, round, request);
      expect(await store.readRequest(round.approvalId)).toEqual(request);
    });
  });

  describe('remember', () => {
    it('stores the stage at which the issue was last seen', async () => {
      const { store } = await aStorePlace(makePlace);
      await store.remember({ ...MEMORY, stageId: null }, undefined);
      expect((await store.read('issue-1')).memory).toEqual({ ...MEMORY, stageId: null });
    });

    it('is refused for the second worker that has read no memory', async () => {
      const { store } = await aStorePlace(makePlace);
      await store.remember(MEMORY, undefined);
      await expectStale(store.remember({ ...MEMORY, stageId: 'stage-2' }, undefined));
      expect((await store.read('issue-1')).memory).toEqual(MEMORY);
    });

    it('replaces the memory that was read', async () => {
      const { store } = await aStorePlace(makePlace);
      await store.remember(MEMORY, undefined);
      const next = { ...MEMORY, stageId: 'stage-2', arrival: 2 };
      await store.remember(next, MEMORY);
      expect((await store.read('issue-1')).memory).toEqual(next);
    });

    it('is refused if the issue has arrived at another stage since', async () => {
      const { store } = await aStorePlace(makePlace);
      await store.remember(MEMORY, undefined);
      const next = { ...MEMORY, stageId: 'stage-2', arrival: 2 };
      await store.remember(next, MEMORY);
      await expectStale(store.remember({ ...MEMORY, stageId: 'stage-3', arrival: 2 }, MEMORY));
      expect((await store.read('issue-1')).memory).toEqual(next);
    });

    it('stores the numbers of streams, and is refused if another hint has been counted since', async () => {
      const { store } = await aStorePlace(makePlace);
      const counted = (number: string) => ({ ...MEMORY, highest: { 'arn:a': number }, numberedBy: 'arn:a' });
      await store.remember(MEMORY, undefined);
      await store.remember(counted('7'), MEMORY);
      expect((await store.read('issue-1')).memory).toEqual(counted('7'));
      await store.remember(counted('9'), counted('7'));
      await expectStale(store.remember(counted('8'), counted('7')));
      await expectStale(store.remember(counted('8'), MEMORY));
      expect((await store.read('issue-1')).memory).toEqual(counted('9'));
    });

    it('is refused if a ring or a past round has been stored since', async () => {
      const { store } = await aStorePlace(makePlace);
      const rung = { ...MEMORY, rung: 2 };
      const past = {
        ...rung,
        past: [{ subject: { kind: 'STAGE', id: 'stage-1' }, from: 1, to: 4 }],
      } as const;
      await store.remember(MEMORY, undefined);
      await store.remember(rung, MEMORY);
      await expectStale(store.remember({ ...MEMORY, highest: { 'arn:a': '7' } }, MEMORY));
      await store.remember({ ...past, past: [...past.past] }, rung);
      await expectStale(store.remember({ ...rung, rung: 3 }, rung));
      expect((await store.read('issue-1')).memory).toEqual(past);
    });

    it('is refused if the memory that was read is gone', async () => {
      const { store, kept } = await aStorePlace(makePlace);
      await expectStale(store.remember({ ...MEMORY, arrival: 2 }, MEMORY));
      expect(await kept()).toEqual([]);
    });
  });

  describe('findIssue', () => {
    it('finds the issue of an approvalId in any case', async () => {
      const { store } = await aStorePlace(makePlace);
      const round = aRound({ approvalId: '0a1b2c3d-AbCd-4ef0-8123-456789abcdef' });
      await store.open(round);
      const pointer = { issueId: 'issue-1', approvalId: round.approvalId };
      for (const approvalId of [round.approvalId, round.approvalId.toUpperCase()]) {
        expect(await store.findIssue({ approvalId })).toEqual(pointer);
      }
    });

    it('finds the issue of an instance code in its own case only', async () => {
      const { store } = await aStorePlace(makePlace);
      const round = aRound({ instanceCode: undefined });
      await store.open(round);
      await store.save(round, { ...round, instanceCode: 'aBc' });
      expect(await store.findIssue({ instanceCode: 'aBc' })).toMatchObject({ issueId: 'issue-1' });
      expect(await store.findIssue({ instanceCode: 'ABC' })).toBeUndefined();
    });

    it('distinguishes approvalIds and instance codes', async () => {
      const { store } = await aStorePlace(makePlace);
      const round = aRound({ approvalId: 'id', instanceCode: undefined });
      await store.open(round);
      await store.save(round, { ...round, instanceCode: 'code' });
      expect(await store.findIssue({ instanceCode: 'id' })).toBeUndefined();
      expect(await store.findIssue({ approvalId: 'code' })).toBeUndefined();
    });
  });
}

const storeOf = ({ documents, tables }: Place) => createDynamoStore(documents, tables);

async function putRound({ documents, tables }: Place, round: Round): Promise<void> {
  const Item = { ...roundKey(round), ...round };
  await documents.send(new PutCommand({ TableName: tables.approvalTableName, Item }));
}

async function deleteRound({ documents, tables }: Place, round: Round): Promise<void> {
  const { pk, sk } = roundKey(round);
  const Key = { pk: { S: pk }, sk: { S: sk } };
  await documents.send(new DeleteItemCommand({ TableName: tables.approvalTableName, Key }));
}

/** Returns the times of the items in the index. */
async function due({ documents, tables }: Place): Promise<(string | undefined)[]> {
  const { Items } = await documents.send(
    new QueryCommand({
      TableName: tables.approvalTableName,
      IndexName: 'due',
      KeyConditionExpression: 'due = :due',
      ExpressionAttributeValues: { ':due': { S: 'DUE' } },
    }),
  );
  return (Items ?? []).map((item) => item.checkAfter?.S);
}
